"""Somebody else's Jupyter, with a notebook open: on this machine, for as long as the tutorial needs it.

Uses what `mcp-notebook demo` uses. In your own Jupyter nothing of this is needed: it is there already.
"""

import atexit
import json
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from datetime import datetime, timedelta

import httpx
import nbformat
from IPython.display import HTML
from mcp_notebook_server.cli.temporary_jupyter import TemporaryJupyter


class SomebodysJupyter:
    """A Jupyter server of its own, and the kernel of one notebook in it.

    Args:
        notebook: its name.

    Attributes:
        url: of its MCP endpoint.
        directory: where all of it lies, until it is closed.
    """

    def __init__(self, notebook: str) -> None:
        self._notebook = notebook
        self._stack = ExitStack()
        atexit.register(self.close)  # you may restart the kernel before the last cell
        self._jupyter = self._stack.enter_context(TemporaryJupyter("jupyter_server", {}))
        self.url = f"{self._jupyter.url}mcp"
        self.directory = self._jupyter.directory
        kernel = self._jupyter.open_notebook(notebook)
        self._client = self._stack.enter_context(self._jupyter.client(kernel))

    def run(self, code: str) -> None:
        """Run a cell there, and print what it prints; where Jupyter is, another place each time, is shortened."""
        self._client.execute_interactive(code, timeout=60, output_hook=self._print)

    def _print(self, message: dict) -> None:
        content = message["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain", "")
        print("\n".join(content.get("traceback", [text])).replace(self._jupyter.url, "http://…/"), end="")

    def start(self, code: str) -> None:
        """Start a cell there, and return when it prints something."""
        self._wait_for(self._client.execute(code), "stream")

    def finish(self) -> None:
        """Wait until the cell that was started has run."""
        self._wait_for(self._started, "status")

    def _wait_for(self, started: str, kind: str) -> None:
        self._started = started
        while True:
            message = self._client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != started or message["msg_type"] != kind:
                continue
            if message["content"].get("execution_state", "idle") == "idle":
                return

    def save_notebook(self, **cells: str) -> None:
        """Write the notebook: the code of its cells, by their ids."""
        content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code, id=id) for id, code in cells.items()])
        path = f"api/contents/{self._notebook}"
        self._jupyter.ask("PUT", path, {"type": "notebook", "content": content})

    def command(self, *words: str) -> str:
        """`mcp-notebook ...` in a terminal of that person's; gives what it prints."""
        command = [sys.executable, "-m", "mcp_notebook_server.cli", *words]
        done = subprocess.run(
            command, env=self._jupyter.environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return done.stdout

    def make_token(self, *options: str) -> str:
        """`mcp-notebook token create ...`; gives the token."""
        return re.search(r"mcpn_[\w-]+", self.command("token", "create", *options))[0]

    def turn_calendar(self, days: int) -> None:
        """Let days pass for every token: what was made today was made so long ago."""
        file = self._jupyter.data / "mcp-notebook" / "tokens.json"
        kept = json.loads(file.read_text(encoding="utf-8"))
        for token in kept["tokens"]:
            for name in ("created", "expires"):
                token[name] = (datetime.fromisoformat(token[name]) - timedelta(days)).isoformat()
        file.write_text(json.dumps(kept), encoding="utf-8")

    def open_page(self, path: str, answer: dict | None = None) -> dict:
        """What the approval page asks Jupyter for, with that person's login; an answer is that person's click."""
        try:
            return self._jupyter.ask("GET" if answer is None else "POST", f"mcp-notebook/api/{path}", answer)
        except httpx.HTTPStatusError as error:
            raise RuntimeError(f"The page is refused: {error.response.text}") from None

    def show_page(self) -> HTML:
        """Show a link to the page, with that person's login: for you to click yourself."""
        address = f"{self._jupyter.url}mcp-notebook/?token={self._jupyter.token}"
        return HTML(f'<a href="{address}" target="_blank" rel="noopener">Open the page on which hosts are answered</a>')

    def wait_for_question(self) -> dict:
        """Wait until a host asks something, as the page does: Jupyter tells it."""
        headers = {"Authorization": f"Bearer {self._jupyter.token}"}
        address = f"{self._jupyter.url}mcp-notebook/api/events"
        with httpx.stream("GET", address, headers=headers, timeout=60, trust_env=False) as events:
            for line in events.iter_lines():
                if line.startswith("data:") and (waiting := json.loads(line.removeprefix("data:")).get("approvals")):
                    return waiting[0]
        raise RuntimeError("Jupyter has ended")

    def read_audit(self) -> list[dict]:
        """The record of all calls."""
        text = (self._jupyter.data / "mcp-notebook" / "audit.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def close(self) -> None:
        """End all of it, and leave nothing behind."""
        self._stack.close()


class Assistant:
    """The process of `servers/assistant.py`.

    Args:
        url: of the server.
        token: for it.

    Attributes:
        tools: the names that it was told.
    """

    def __init__(self, url: str, token: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "servers/assistant.py", url],
            env={**os.environ, "MCP_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,  # an interrupt of a cell is not for it
        )
        self.tools = self._read()

    def call(self, tool: str, **arguments: object) -> dict:
        """Have it call a tool, and wait for the answer."""
        self.ask(tool, **arguments)
        return self.answer()

    def ask(self, tool: str, **arguments: object) -> None:
        """Have it call a tool."""
        if self._process.stdin.closed or self._process.poll() is not None:
            raise RuntimeError("This assistant has ended. Run the cell again that starts it, and those before it.")
        self._process.stdin.write(json.dumps([tool, arguments]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict:
        """Wait for the answer to the call before."""
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("This assistant has ended before it answered.")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

"""Speak to a server by hand: its process, and a line of JSON down each of its two pipes.

For the notebooks that show what is on the wire. To use a server, connect to it with `%mcp connect`.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any, Self


class Pipes:
    """A server's process; what is written to it and read from it is printed.

    Args:
        arguments: for Python, such as "servers/adder.py", or "-m", "mcp_server_time".
    """

    def __init__(self, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def send(self, message: dict[str, Any] | str) -> None:
        """Write one line; a text is sent as it is, also where it is no JSON."""
        if self._process.stdin.closed:
            raise RuntimeError("These pipes are closed, and the server has ended. Run the cell again that opens them.")
        line = message if isinstance(message, str) else json.dumps(message)
        print("→", message if isinstance(message, str) else _text(message))
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Wait for the server's next line."""
        line = self._process.stdout.readline()
        if not line:
            raise EOFError("The server has ended, and says nothing more.")
        message = json.loads(line)
        print("←", _text(message))
        return message

    def ask(self, message: dict[str, Any] | str) -> dict[str, Any]:
        """Write one line, and wait for the next one of the server."""
        self.send(message)
        return self.receive()

    def close(self) -> None:
        """Close both pipes: a server ends when nothing more can come."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def show(session: Any, *methods: str, last: int = 0) -> None:
    """Print a session's messages of some methods, and their answers, with one member a line.

    Args:
        session: of `%mcp connect`, or of `mcp_notebook.connect`.
        *methods: such as "tools/call"; none of them shows all.
        last: how many of them, from the end; 0 for all.
    """
    for message in [one for one in session.log.messages if not methods or one.method in methods][-last:]:
        arrow = {"sent": "→", "received": "←"}[message.direction]
        print(arrow, _text(message.body, indent=2))


def _text(message: Any, indent: int | None = None) -> str:
    """Write a message; what a server has sealed is another text in each run, so only its beginning is shown."""
    text = json.dumps(message, indent=indent, ensure_ascii=False)
    return re.sub(r'("requestState": "v1\.)[^"]*"', r'\1…"', text)

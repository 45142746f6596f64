"""A front end that shows questions, without a front end: it reads what the kernel says, and clicks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.cells import finish_cell

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.cells import FinishedCell


def create_subshell(client: BlockingKernelClient) -> str:
    """A new subshell of the kernel, as JupyterLab makes one for the comms of a notebook."""
    request = client.session.msg("create_subshell_request", {})
    client.control_channel.send(request)
    while True:
        reply = client.get_control_msg(timeout=10)
        if reply["parent_header"]["msg_id"] == request["header"]["msg_id"]:
            return reply["content"]["subshell_id"]


def click(client: BlockingKernelClient, comm_id: str, content: Any, subshell: str | None = None) -> str:
    """Send a custom message of a widget; gives the message's id.

    Args:
        client: of the front end.
        comm_id: the widget's.
        content: what its front-end part says.
        subshell: whom the front end addresses; None for nobody, as VS Code and Colab do.
    """
    message = client.session.msg("comm_msg", {"comm_id": comm_id, "data": {"method": "custom", "content": content}})
    if subshell is not None:
        message["header"]["subshell_id"] = subshell
    client.shell_channel.send(message)
    return message["header"]["msg_id"]


class AskingCell:
    """A cell that runs while its questions are answered.

    Args:
        client: of the kernel.
        code: the cell.
        shows_widgets: the front end says so of each question.
        takes_input: it lets the kernel ask with `input()`; nbconvert does not.
    """

    def __init__(
        self, client: BlockingKernelClient, code: str, *, shows_widgets: bool = True, takes_input: bool = True
    ) -> None:
        self.client = client
        self.id = client.execute(code, allow_stdin=takes_input)
        self._shows_widgets = shows_widgets
        self.statuses: list[tuple[str, bool]] = []
        """What was said of the kernel so far: its state, and whether it is about this cell."""

    def next_question(self) -> tuple[str, dict[str, Any]]:
        """Wait for a question; gives its comm and its state."""
        while True:
            message = self._next("comm_open")
            state = message["content"]["data"].get("state", {})
            if "question" in state:
                if self._shows_widgets:
                    self._next("display_data")
                    self.click(message["content"]["comm_id"], {"event": "shown"})
                return message["content"]["comm_id"], state["question"]

    def problems(self, comm_id: str) -> dict[str, str]:
        """Wait until a question says what is wrong with the answer."""
        while True:
            content = self._next("comm_msg")["content"]
            if content["comm_id"] == comm_id and "problems" in content["data"]["state"]:
                return content["data"]["state"]["problems"]

    def _next(self, kind: str) -> dict[str, Any]:
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["msg_type"] == "status":
                about_cell = message["parent_header"].get("msg_id") == self.id
                self.statuses.append((message["content"]["execution_state"], about_cell))
            if message["msg_type"] == kind:
                return message

    def next_output(self) -> dict[str, Any]:
        """Wait for an output of the cell, and give its data."""
        return self._next("display_data")["content"]["data"]

    def wait_for_output(self) -> None:
        """Wait until the cell prints something."""
        while self._next("stream")["parent_header"]["msg_id"] != self.id:
            pass

    def click(self, comm_id: str, content: Any, subshell: str | None = None) -> None:
        """Say something as the widget's front-end part."""
        click(self.client, comm_id, content, subshell)

    def answer(self, comm_id: str, action: str, content: Any = None, subshell: str | None = None, **more: Any) -> None:
        """Click a button."""
        self.click(comm_id, {"event": "answer", "action": action, "content": content or {}, **more}, subshell)

    def prompt(self) -> str:
        """Wait until the kernel asks for a line."""
        return self.client.get_stdin_msg(timeout=30)["content"]["prompt"]

    def type(self, line: str) -> str:
        """Wait until the kernel asks for a line, and type it; gives the prompt."""
        prompt = self.prompt()
        self.client.input(line)
        return prompt

    def finish(self) -> FinishedCell:
        return finish_cell(self.client, self.id)


class InboxFace:
    """The inbox widget, as a front end shows it, while the test runs no cell of which it wants to know.

    Args:
        client: of the kernel; `%mcp inbox` runs there now.
    """

    def __init__(self, client: BlockingKernelClient) -> None:
        self._client = client
        opened = finish_cell(client, client.execute("%mcp inbox")).of_type("display_data")
        self.comm_id = opened[0]["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        self.last = ""
        self.states: list[tuple[str, str | None]] = []
        """What was said of the kernel while this waited: its state, and the message that it is about."""

    def wait_for(self, fits: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
        """Wait until what stands in the inbox is as wanted after a change, and give it."""
        while True:
            message = self._client.get_iopub_msg(timeout=30)
            content = message["content"]
            if message["msg_type"] == "status":
                self.states.append((content["execution_state"], message["parent_header"].get("msg_id")))
            if message["msg_type"] == "comm_msg" and content["comm_id"] == self.comm_id:
                inbox = content["data"]["state"]["inbox"]
                self.last = inbox["last"]
                if fits(inbox["entries"]):
                    return inbox["entries"]

    def answer(self, entry_id: str, action: str, content: Any = None, subshell: str | None = None) -> str:
        """Click a button of a question; gives the message's id."""
        said = {"event": "answer", "id": entry_id, "action": action, "content": content or {}}
        return click(self._client, self.comm_id, said, subshell)

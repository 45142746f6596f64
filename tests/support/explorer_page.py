"""The page of an explorer, without a front end: it asks as views/asking.js does, and reads what the kernel says."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from support.clicks import click

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

__all__ = ["ExplorerPage", "Refused"]


class Refused(Exception):
    """The kernel said what is wrong with a question."""


class ExplorerPage:
    """One open explorer.

    Args:
        client: of the kernel.
        line: the magic that opens it.
    """

    def __init__(self, client: BlockingKernelClient, line: str = "%mcp explore") -> None:
        self._client = client
        self._ids = map(str, itertools.count(1))
        self.outputs: list[dict[str, Any]] = []
        """What was shown and changed, as outputs of the cell."""
        self.closed = False
        self.comm_id = ""
        cell = client.execute(line, allow_stdin=True)
        self.comm_id = self._find_comm(cell)
        while client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != cell:
            pass

    def _find_comm(self, cell: str) -> str:
        found = ""
        while True:
            message = self._next()
            content = message["content"]
            if message["msg_type"] == "comm_open" and "start" in content["data"].get("state", {}):
                found = content["comm_id"]
            if message["parent_header"].get("msg_id") == cell and content.get("execution_state") == "idle":
                assert found, "the cell opened no explorer"
                return found

    def _next(self) -> dict[str, Any]:
        message = self._client.get_iopub_msg(timeout=60)
        if message["msg_type"] in {"display_data", "update_display_data"}:
            self.outputs.append(message["content"]["data"])
        if message["msg_type"] == "comm_close" and message["content"]["comm_id"] == self.comm_id:
            self.closed = True
        return message

    def say(self, message: Any) -> None:
        """Say anything."""
        click(self._client, self.comm_id, message)

    def begin(self, question: str, /, **said: Any) -> str:
        """Ask, and do not wait; gives the question's id."""
        key = next(self._ids)
        self.say({"id": key, "ask": question, "said": said})
        return key

    def cancel(self, key: str) -> None:
        self.say({"id": key, "ask": "cancel"})

    def next_part(self, key: str) -> dict[str, Any]:
        """Wait for what the kernel says next about a question: a part, the answer, or a problem."""
        while True:
            message = self._next()
            content = message["content"]
            if message["msg_type"] == "comm_msg" and content["comm_id"] == self.comm_id:
                told = content["data"].get("content", {})
                if told.get("id") == key:
                    return told

    def wait(self, key: str) -> dict[str, Any]:
        """Wait for the answer.

        Raises:
            Refused: there is none.
        """
        while "part" in (told := self.next_part(key)):
            pass
        if "problem" in told:
            raise Refused(told["problem"])
        return told["answer"]

    def ask(self, question: str, /, **said: Any) -> dict[str, Any]:
        """Ask, and wait for the answer."""
        return self.wait(self.begin(question, **said))

    def close(self) -> None:
        """Close it as the page does, and wait until the kernel has."""
        self.say({"ask": "close"})
        while not self.closed:
            self._next()

    def wait_for_still(self, text: str) -> str:
        """Wait until what a saved notebook shows has a text in it; gives its HTML."""
        while not (self.outputs and text in self.outputs[-1].get("text/plain", "")):
            self._next()
        return self.outputs[-1]["text/html"]

"""Cells, run as a front end runs them, and a gate at which a running cell waits for the test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient


@dataclass
class FinishedCell:
    """What a front end knows of a cell that has run.

    Attributes:
        reply: content of the execute_reply.
        messages: what came on iopub with this cell as parent, in order.
        strangers: what came on iopub meanwhile with another parent.
    """

    reply: dict[str, Any]
    messages: list[dict[str, Any]]
    strangers: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "".join(m["content"]["text"] for m in self.messages if m["msg_type"] == "stream")

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages if m["msg_type"] == kind]


class Gate:
    """A place in a cell: the cell says that it has come there, and goes on when the test lets it.

    Args:
        directory: where the two files may lie.
    """

    def __init__(self, directory: Path) -> None:
        self._reached = directory / "reached"
        self._opened = directory / "opened"
        self.code = (
            f"import os, time; open({str(self._reached)!r}, 'x').close()\n"
            f"while not os.path.exists({str(self._opened)!r}): time.sleep(0.005)\n"
        )
        """Lines to put into a cell, unindented."""

    def wait(self) -> None:
        wait_until(self._reached.exists, "the cell to come to the gate")

    def open(self) -> None:
        self._opened.touch()


def start_cell(client: BlockingKernelClient, code: str) -> str:
    """Send a cell and return its message id; `finish_cell` collects what it did."""
    return client.execute(code, allow_stdin=False)


def finish_cell(client: BlockingKernelClient, message_id: str, *, seconds: float = 60) -> FinishedCell:
    """Wait for the reply to a cell and for the idle status after it."""
    messages: list[dict[str, Any]] = []
    strangers: list[dict[str, Any]] = []
    while True:
        message = client.get_iopub_msg(timeout=seconds)
        ours = message["parent_header"].get("msg_id") == message_id
        (messages if ours else strangers).append(message)
        if ours and message["content"].get("execution_state") == "idle":
            break
    while True:
        reply = client.get_shell_msg(timeout=seconds)
        if reply["parent_header"].get("msg_id") == message_id:
            return FinishedCell(reply["content"], messages, strangers)


def run_cell(client: BlockingKernelClient, code: str, *, seconds: float = 60) -> FinishedCell:
    """Run a cell to its end; an error in it is in the reply, not raised."""
    return finish_cell(client, start_cell(client, code), seconds=seconds)

"""One run of a host's code: who asked for it, how far it is, what it showed.

Knows the states of a run. Refuses to know kernels and messages (`kernel_queue`), and how it is shown (`tools`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self
from uuid import uuid4

from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.execution.outputs import Outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.errors import ServerError

__all__ = ["Execution", "RunningCell", "State"]

State = Literal["queued", "running", "done", "error", "interrupted"]


class RunningCell(Protocol):
    """The cell of a notebook that a run is of."""

    @property
    def notebook(self) -> str:
        """Path of the notebook."""
        ...

    @property
    def asked_for(self) -> str | int:
        """How the host calls the cell."""
        ...

    @property
    def id(self) -> str:
        """Id of the cell."""
        ...

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of the run, as it says it."""
        ...


@dataclass(eq=False)
class Execution:
    """One run; belongs to the Jupyter server's event loop.

    Attributes:
        kernel_id: where.
        token: of the host that asked.
        code: what runs.
        queues: whether it waits until the kernel has nothing else to do.
        id: ours.
        asked: when.
        began: when the kernel began with it; None as long as it has not.
        state: so far; "queued" until the kernel has begun.
        outputs: so far.
        failure: why there is nothing more to hear of it, such as a kernel that died; None otherwise.
        request: id of Jupyter's request; empty before it was begun.
        cancelled: whether a host (or the person, on the page) wanted it ended.
        code_ended: set when its code has, and all that it showed is in `outputs`: as the kernel says, or at the end.
        ended: set when the kernel has done with it, a moment later.
        ended_at: when, by the event loop's clock; None before.
        changes: tells of each output.
        tell: told of each state after the first.
        cell: that this is a run of, which counts and is in history as a person's own; None for code beside a notebook.
    """

    kernel_id: str
    token: HostToken
    code: str
    queues: bool = False
    id: str = field(default_factory=lambda: uuid4().hex)
    asked: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: datetime | None = None
    state: State = "queued"
    outputs: Outputs = field(default_factory=Outputs)
    failure: ServerError | None = None
    request: str = ""
    cancelled: bool = False
    code_ended: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: float | None = None
    changes: Changes = field(default_factory=Changes)
    tell: Callable[[Self], None] = lambda _: None
    cell: RunningCell | None = None

    def begin(self, request: str) -> None:
        """Take note that the kernel has begun."""
        self.request = request
        self.began = datetime.now(UTC)
        self.state = "running"
        self.changes.tell()
        self.tell(self)

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of this run."""
        self.outputs.take(kind, content)
        if self.cell is not None:
            self.cell.take(kind, content)
        self.changes.tell()

    def note_code_end(self) -> None:
        """Take note that its code has ended well, though the kernel has not done with it yet.

        Only what is said of it depends on that: the code could have had the kernel say so itself.
        """
        self.code_ended.set()

    @property
    def outcome(self) -> State:
        """What is said of it: the state, which is "done" already if its code has ended."""
        return "done" if self.state == "running" and self.code_ended.is_set() else self.state

    def finish(self, reply: Mapping[str, Any]) -> None:
        """Take note that the kernel has come to the end of it.

        Args:
            reply: its last word. Some kernels say only there that something went wrong, or that they were interrupted.
        """
        status = reply.get("status", "ok")
        if status == "error" and self.outputs.error is None:
            self.outputs.take("error", reply)
        error = self.outputs.error
        if status == "abort" or (error is not None and error["name"] == "KeyboardInterrupt"):
            self._end("interrupted")
        else:
            self._end("done" if error is None else "error")

    def end(self, failure: ServerError | None = None) -> None:
        """Take note that nothing more will be heard of it.

        Args:
            failure: why; None if it was taken out before the kernel began with it.
        """
        if not self.ended.is_set():
            self.failure = failure
            self._end("interrupted" if failure is None else "error")

    def _end(self, state: State) -> None:
        self.state = state
        self.ended_at = asyncio.get_running_loop().time()
        self.code_ended.set()
        self.ended.set()
        self.changes.close()
        self.tell(self)

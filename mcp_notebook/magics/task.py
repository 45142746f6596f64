"""How a task stands that a server has made of a call: one line under the cell that waits, changed in place.

Knows how the states are said to a person. Refuses to know how a task is followed (`tasks`). Used on the thread that
waits for the call.
"""

from __future__ import annotations

import html
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from mcp_notebook.display import one_line
from mcp_notebook.magics.progress import find_screen

if TYPE_CHECKING:
    from types import TracebackType

    from mcp_notebook.delivery import TaskState

__all__ = ["ShownTask", "TaskLine"]

_STATES = {
    "working": "the server works on it",
    "input_required": "the server waits for an answer",
    "completed": "done, as a task of the server",
    "failed": "failed, as a task of the server",
    "cancelled": "cancelled at the server",
    "stopped": "stopped; the server was told that nobody waits",
}


@dataclass(frozen=True)
class ShownTask:
    """A task as it is shown.

    Attributes:
        tool: that was called.
        status: the extension's word; or "stopped", where the call was broken off.
        message: the server's words; None if there are none.
        seconds: since the call began.
    """

    tool: str
    status: str
    message: str | None = None
    seconds: float = 0

    def to_text(self) -> str:
        """Say it in one line, without the time: `research: the server works on it: reading page 3`."""
        message = one_line(self.message or "", 200)
        return f"{self.tool}: {_STATES.get(self.status, self.status)}{f': {message}' if message else ''}"

    def to_html(self) -> str:
        """Draw it: a bar that moves by itself while the server works."""
        bar = "<progress></progress> " if self.status == "working" else ""
        return f"{bar}{html.escape(self.to_text())} · {self.seconds:.0f} s"


class TaskLine:
    """Shown when a server makes a task of a call, and changed from then on; nothing if it makes none.

    Args:
        shell: the notebook's IPython, which is not typed.
    """

    def __init__(self, shell: Any) -> None:
        self._screen = find_screen(shell)
        self._began_at = time.monotonic()
        self._shown: ShownTask | None = None

    def __call__(self, state: TaskState) -> None:
        """Take what the server says; it need not be anything new."""
        self._shown = ShownTask(state.tool, state.status, state.message, time.monotonic() - self._began_at)
        self._screen.show(self._shown)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown is None:
            return
        is_open = self._shown.status in {"working", "input_required"}
        ended = replace(self._shown, status="stopped") if kind is not None and is_open else self._shown
        self._screen.finish(replace(ended, seconds=time.monotonic() - self._began_at))

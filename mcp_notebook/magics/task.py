"""How a task stands that a server has made of a call: one line under the cell that waits, changed in place.

Knows when the line changes. Refuses to know its words (`shown_task`), and how a task is followed (`tasks`). Used on the
thread that waits for the call.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from mcp_notebook.magics.progress import find_screen
from mcp_notebook.shown_task import ShownTask

if TYPE_CHECKING:
    from types import TracebackType

    from mcp_notebook.delivery import TaskState

__all__ = ["TaskLine"]


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
        ended = self._shown if kind is None else self._shown.stop()
        self._screen.finish(replace(ended, seconds=time.monotonic() - self._began_at))

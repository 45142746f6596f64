"""The thread beside a publication: it notices when a function holds the event loop, and shows what was printed.

Knows threads and clocks. Refuses to know MCP. It sleeps while no call is under way and
nothing was printed.
"""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import FrameType

__all__ = ["Block", "Watch"]

_LOOK_SECONDS = 1.0
_MOST_MISSED = 3
"""Looks in a row without a sign of life of the event loop. Counted are looks and not seconds: what holds Python's lock,
as a large computation may, holds this thread, too, and is no fault of the function's."""

_PLUMBING = ("mcp", "anyio", "asyncio", "uvicorn", "starlette", "pydantic", "mcp_notebook")


@dataclass(frozen=True)
class Block:
    """An event loop that a function holds.

    Attributes:
        function: the name of the function.
        since: when the loop last gave a sign of life, in seconds since the epoch.
    """

    function: str
    since: float


class Watch:
    """Watches one event loop.

    Args:
        name: of what is published.
        loop: to watch.
        thread_id: of its thread.
        is_busy: whether any call is under way.
        show: shows what was printed; says in how many seconds to come again, None if not.
        tell: is told of a block, and of its end (None).
    """

    def __init__(  # noqa: PLR0913  each is a fact of what is watched, or a way to tell of it
        self,
        name: str,
        loop: asyncio.AbstractEventLoop,
        thread_id: int,
        *,
        is_busy: Callable[[], bool],
        show: Callable[[], float | None],
        tell: Callable[[Block | None], object],
    ) -> None:
        self._loop = loop
        self._thread_id = thread_id
        self._is_busy = is_busy
        self._show = show
        self._tell = tell
        self._work = threading.Event()
        self._stopping = threading.Event()
        self._alive = time.time()
        self._missed = 0
        self._looked_at = 0.0
        self._block: Block | None = None
        self._thread = threading.Thread(target=self._run, name=f"mcp-notebook-watch-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._work.set()
        self._thread.join()

    def wake(self) -> None:
        """Say that there is something to do; it costs next to nothing where that is known."""
        if not self._work.is_set():
            self._work.set()

    def note_life(self) -> None:
        """Say, on the loop's thread, that a call begins or ends there."""
        self._beat()
        self.wake()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._work.wait()
            self._work.clear()
            while (wait := self._work_once()) is not None and not self._stopping.wait(wait):
                pass

    def _work_once(self) -> float | None:
        """Do what is due; return after how many seconds to come again, None if there is nothing to wait for."""
        due = self._show()
        if not self._is_busy() and self._block is None:
            return due
        left = self._looked_at + _LOOK_SECONDS - time.monotonic()
        if left <= 0:
            self._look()
            left = _LOOK_SECONDS
        return left if due is None else min(due, left)

    def _look(self) -> None:
        self._looked_at = time.monotonic()
        self._missed += 1
        self._loop.call_soon_threadsafe(self._beat)
        if self._missed > _MOST_MISSED:
            if self._block is None:
                frames = sys._current_frames()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  documented, all the same
                self._block = Block(_name_function(frames.get(self._thread_id)), self._alive)
                self._tell(self._block)
        elif self._block is not None and self._missed <= 1:
            self._block = None
            self._tell(None)

    def _beat(self) -> None:
        self._alive = time.time()
        self._missed = 0


def _name_function(frame: FrameType | None) -> str:
    """Name the person's function in a stack: the innermost that a cell defines, else the innermost that is not ours."""
    candidates: list[Any] = []
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module == "__main__":
            return frame.f_code.co_qualname
        if module.partition(".")[0] not in _PLUMBING:
            candidates.append(frame)
        frame = frame.f_back
    return candidates[0].f_code.co_qualname if candidates else "a function"

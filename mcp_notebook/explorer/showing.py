"""Opens explorers under cells, and closes them: by the page, by the extension's end, or as there are too many.

Knows everything that an open explorer holds: a comm, a place in the tap, answers under way on the loop thread, a timer.
`close` lets go of all of it. Opened on the main thread.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.place import find_kernel
from mcp_notebook.approval.tap import find_tap, takes_questions
from mcp_notebook.explorer.desk import Desk
from mcp_notebook.explorer.room import Room
from mcp_notebook.explorer.seen import Seen
from mcp_notebook.explorer.still import see_servers
from mcp_notebook.loop import get_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.display import View
    from mcp_notebook.host import Host
    from mcp_notebook.loop import Loop

__all__ = ["MAX_OPEN", "Explorer", "close_explorers", "open_explorers", "show_explorer"]

MAX_OPEN = 8
"""Explorers of one kernel; the oldest is closed when there are more."""

_STILL_SECONDS = 1.0
"""How often what a saved notebook shows may change."""


class Explorer:
    """One open explorer.

    Args:
        kernel: ipykernel's.
        host: the notebook's sessions.
        push: puts variables into the notebook.
        start: see `ExplorerWidget`.
    """

    def __init__(
        self, kernel: Any, host: Host, push: Callable[[dict[str, Any]], object], start: dict[str, Any]
    ) -> None:
        from mcp_notebook.explorer.widget import ExplorerWidget  # noqa: PLC0415  the widget library costs a third of a second

        self._loop: Loop = get_loop()
        self._room = Room(host, push)
        self._widget = ExplorerWidget(start)
        self._desk = Desk(self._room, self._widget.tell, self._loop, self._close_soon)
        self._timer: asyncio.TimerHandle | None = None
        self._closing: asyncio.Task[None] | None = None
        self._closed = False
        self._widget.hear(self._desk.take)
        self._tap = find_tap(kernel)
        if self._tap is not None:  # else it is answered between cells
            self._tap.hear_always(self._widget.comm_id, self._desk.take)
        see_servers(self._room)
        self._widget.show(self._room.seen.to_view())
        self._room.seen.on_change = self._change_still_soon

    def _change_still_soon(self) -> None:
        """Write what is seen into the notebook, some time after the first of several changes. On the loop thread."""
        if self._timer is None and not self._closed:
            self._timer = asyncio.get_running_loop().call_later(_STILL_SECONDS, self._change_still)

    def _change_still(self) -> None:
        self._timer = None
        self._widget.change_still(self._room.seen.to_view())

    def _close_soon(self) -> None:
        """Close it, as the page is closed. On the loop thread."""
        self._closing = asyncio.create_task(self._close_here())

    async def _close_here(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self in _open:
            _open.remove(self)
        await self._desk.close()
        if self._timer is not None:
            self._timer.cancel()
            self._change_still()
        self._room.seen.on_change = None
        if self._tap is not None:
            self._tap.forget(self._widget.comm_id)
        self._widget.end()

    def close(self) -> None:
        """Let go of everything that it holds. On any thread but the loop's."""
        if self._loop.is_usable:
            with contextlib.suppress(RuntimeError):  # the loop thread has ended, and its tasks with it
                self._loop.run(self._close_here)


_open: list[Explorer] = []


def open_explorers() -> int:
    """Say how many are open."""
    return len(_open)


def show_explorer(host: Host, push: Callable[[dict[str, Any]], object], start: dict[str, Any]) -> View | None:
    """Show an explorer under the running cell, if there is somebody to see it.

    Args:
        host: the notebook's sessions.
        push: puts variables into the notebook.
        start: see `ExplorerWidget`.

    Returns:
        What to show in its place where there is no front end, as in nbconvert, papermill and a terminal.
    """
    kernel = find_kernel()
    if kernel is None or not takes_questions(kernel):
        room = Room(host, push, seen=Seen())
        see_servers(room)
        return room.seen.to_view()
    while len(_open) >= MAX_OPEN:
        _open[0].close()
    _open.append(Explorer(kernel, host, push, start))
    return None


def close_explorers() -> None:
    """Close all: the extension is unloaded."""
    while _open:
        _open[0].close()

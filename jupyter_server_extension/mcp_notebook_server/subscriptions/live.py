"""Which cells change in the notebooks that are shared live, as the shared documents say it themselves.

Knows the events of a shared document. Refuses to know how one is found. Nothing is read for it: a cell that prints ten
thousand lines a second is told of without a look at what it printed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.subscriptions.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

__all__ = ["LiveNotebooks"]

_GATHER_SECONDS = 0.05
"""For which changes are gathered before they are told."""

_SHOWN = frozenset({"outputs", "execution_count"})
"""Parts of a cell that are what it shows."""


class LiveNotebooks:
    """The shared documents that are watched; belongs to the Jupyter server's event loop.

    Args:
        find: gives the shared document of a notebook, a `YNotebook`; None if nobody shares it.
        tell: is told of each topic that changed.
        hear: is told of the path of a notebook in which cells came, went or moved, so that all may have changed.
    """

    def __init__(
        self, find: Callable[[str], Awaitable[Any | None]], tell: Callable[[Topic], None], hear: Callable[[str], None]
    ) -> None:
        self._find = find
        self._tell = tell
        self._hear = hear
        self._watched: dict[str, _Watch] = {}

    async def watch(self, path: str) -> bool:
        """Watch a notebook from now on, if it is shared; return whether that is new."""
        notebook = await self._find(path)
        watched = self._watched.get(path)
        if notebook is None or (watched is not None and watched.notebook is notebook):
            return False
        self.leave(path)
        self._watched[path] = _Watch(path, notebook, self._tell, self._hear)
        return True

    def leave(self, path: str) -> None:
        """Watch a notebook no longer."""
        watched = self._watched.pop(path, None)
        if watched is not None:
            watched.stop()

    def close(self) -> None:
        """Watch nothing any more."""
        for path in list(self._watched):
            self.leave(path)


class _Watch:
    """One shared document.

    It has an observer of its own: the document's `observe` would take away the one by which it is saved.
    """

    def __init__(self, path: str, notebook: Any, tell: Callable[[Topic], None], hear: Callable[[str], None]) -> None:
        self.notebook = notebook
        self._path = path
        self._tell = tell
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._places: dict[int, bool] = {}
        self._is_rearranged = False
        self._timer: asyncio.TimerHandle | None = None
        self._subscription = notebook.ycells.observe_deep(self._note)

    def stop(self) -> None:
        self.notebook.ycells.unobserve(self._subscription)
        if self._timer is not None:
            self._timer.cancel()

    def _note(self, events: Iterable[Any]) -> None:
        """Remember where something changed; what it was is not looked at here."""
        for event in events:
            path = event.path
            if path:
                parts = path[1:2] or event.keys
                self._places[path[0]] = self._places.get(path[0], False) or not _SHOWN.isdisjoint(parts)
            else:
                self._is_rearranged = True
        if self._timer is None:
            self._timer = self._loop.call_later(_GATHER_SECONDS, self._say)

    def _say(self) -> None:
        self._timer = None
        places, self._places = self._places, {}
        if self._is_rearranged:
            self._is_rearranged = False
            self._hear(self._path)
        else:
            self._tell(Topic(notebook=self._path))
        cells = self.notebook.ycells
        for place, is_shown in places.items():
            if place < len(cells):
                cell = str(cells[place]["id"])
                self._tell(Topic(notebook=self._path, cell=cell))
                if is_shown:
                    self._tell(Topic(notebook=self._path, cell=cell, outputs_only=True))

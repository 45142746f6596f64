"""Which of the followed cells a change of their notebook was in.

Knows how two states of a cell are told apart. Refuses to know where notebooks are kept: whoever makes it gives a
function that reads one.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.errors import ServerError, UnknownNotebook
from mcp_notebook_server.subscriptions.topics import Topic

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

__all__ = ["FollowedCells"]

_SETTLE_SECONDS = 0.4
"""Between two looks at a notebook that changes and changes."""

State = tuple[str, str] | None
"""Digests of a cell's source and of what it shows; None for a cell that there is not."""


class FollowedCells:
    """The cells of one notebook that somebody follows; belongs to the event loop.

    Args:
        path: of the notebook.
        read: gives its cells in nbformat.
        tell: is told of each topic that changed.
    """

    def __init__(
        self,
        path: str,
        read: Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]],
        tell: Callable[[Topic], None],
    ) -> None:
        self._path = path
        self._read = read
        self._tell = tell
        self._states: dict[str, State] = {}
        self.changes = Changes(_SETTLE_SECONDS)
        self._task = asyncio.create_task(self._compare_again_and_again())

    async def add(self, cell: str, cells: Sequence[Mapping[str, Any]]) -> None:
        """Notice changes of a cell from now on.

        Args:
            cell: its id.
            cells: of the notebook as it is now.
        """
        if cell not in self._states:
            self._states |= await asyncio.to_thread(_find_states, cells, [cell])

    def stop(self) -> None:
        """Notice nothing any more."""
        self._task.cancel()

    async def _compare_again_and_again(self) -> None:
        async with aclosing(self.changes.watch()) as heard:
            async for _ in heard:
                await self._compare()

    async def _compare(self) -> None:
        cells: Sequence[Mapping[str, Any]] = ()
        try:
            cells = await self._read(self._path)
        except UnknownNotebook:  # and its cells with it
            pass
        except ServerError:  # it is just being saved, which Jupyter does in place, and then says
            return
        states = await asyncio.to_thread(_find_states, cells, list(self._states))
        for cell, state in states.items():
            before, self._states[cell] = self._states[cell], state
            if before != state:
                self._tell(Topic(notebook=self._path, cell=cell))
            if (before and before[1]) != (state and state[1]):
                self._tell(Topic(notebook=self._path, cell=cell, outputs_only=True))


def _find_states(cells: Sequence[Mapping[str, Any]], wanted: Iterable[str]) -> dict[str, State]:
    by_id = {cell.get("id"): cell for cell in cells}
    return {cell: _find_state(by_id.get(cell)) for cell in wanted}


def _find_state(cell: Mapping[str, Any] | None) -> State:
    if cell is None:
        return None
    shown = [cell.get("outputs"), cell.get("execution_count")]
    return _digest([cell.get("source"), cell.get("cell_type"), *shown]), _digest(shown)


def _digest(value: object) -> str:
    return blake2b(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()

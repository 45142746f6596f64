"""One run of a notebook's cell: what it shows is written where a person's own run would write it.

Knows when something is written: while it runs into a notebook that is shared live, and at its end. Refuses to know
kernels, and what a host is told.

The cell is found again by its id: it may have been moved or edited meanwhile. If it was deleted, nothing is written.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.notebooks.cells import Show, find_place
from mcp_notebook_server.notebooks.outputs import CellOutputs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from mcp_notebook_server.notebooks.document import Document

__all__ = ["CellRun"]

_PAUSE_SECONDS = 0.2
"""Between two times that outputs are written into a shared notebook."""


class CellRun:
    """One run; belongs to the Jupyter server's event loop.

    Args:
        notebook: path of the notebook.
        cell: id of the cell.
        asked_for: how the host calls it.
        document: of the notebook.

    Attributes:
        notebook: as given.
        id: as `cell`.
        asked_for: as given.
        failure: why its outputs could not be written; None if they could.
        written: set when they have been, or could not be.
    """

    def __init__(self, notebook: str, cell: str, asked_for: str | int, document: Document) -> None:
        self.notebook = notebook
        self.id = cell
        self.asked_for = asked_for
        self.failure: ServerError | None = None
        self.written = asyncio.Event()
        self._document = document
        self._outputs = CellOutputs()

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of the run."""
        self._outputs.take(kind, content)

    async def write(self, changes: AsyncIterator[bool], *, is_live: bool) -> None:
        """Write outputs until the run has ended.

        Args:
            changes: goes on with each change of the run, and ends with it.
            is_live: whether to write before the end, too.
        """
        try:
            async for _ in changes:
                if is_live:
                    await self._write(is_running=True)
                    await asyncio.sleep(_PAUSE_SECONDS)
            await self._write(is_running=False)
        except ServerError as failure:
            self.failure = failure
        finally:
            self.written.set()

    async def _write(self, *, is_running: bool) -> None:
        outputs, count = self._outputs.read(), self._outputs.execution_count

        def plan(cells: Sequence[Mapping[str, Any]]) -> Show:
            return Show(find_place(cells, self.id), outputs, count, is_running)

        await self._document.change(plan)

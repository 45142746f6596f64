"""The notebooks of this Jupyter server: which are open, and the document of each.

Knows that a notebook is shared live, or open in a front end that does not share it, or neither. Refuses to know who may
see which (`tools.notebooks`), and what is done to cells.

A front end that shares nothing is noticed by its connection to the notebook's kernel: Jupyter knows of no other sign. A
tab without a kernel is not noticed; JupyterLab then asks its person before it saves over a file that has changed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jupyter_core.utils import ensure_async

from mcp_notebook_server.front_ends import has_front_end
from mcp_notebook_server.notebooks.cell_run import CellRun
from mcp_notebook_server.notebooks.collaboration import Collaboration
from mcp_notebook_server.notebooks.errors import NotebookBusy, NotebookOpen, NotebookReadOnly
from mcp_notebook_server.notebooks.files import Files
from mcp_notebook_server.notebooks.saved import Reader, SavedDocument
from mcp_notebook_server.notebooks.searching import Matches, find_in_cells, search_files

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence

    from mcp_notebook_server.notebooks.cells import Step
    from mcp_notebook_server.notebooks.document import Changed, Document, Snapshot
    from mcp_notebook_server.notebooks.walk import Found

__all__ = ["Notebooks"]

_TRIES = 5


class Notebooks:
    """All of them; belongs to the Jupyter server's event loop.

    Args:
        serverapp: Jupyter's application.

    Attributes:
        files: where they are saved.
    """

    def __init__(self, serverapp: Any) -> None:
        self._session_manager = serverapp.session_manager
        self._kernel_manager = serverapp.kernel_manager
        self._collaboration = Collaboration(serverapp)
        self.files = Files(serverapp.contents_manager)
        self._reader = Reader(self.files)
        self._writing: set[asyncio.Task[None]] = set()

    def get(self, path: str) -> Document:
        """Return the document of a notebook; that there is none is found when it is read or changed.

        Args:
            path: below Jupyter's root directory, as `tools.notebooks` lets it through.
        """
        return _Document(path, self._collaboration, self._make_saved(path))

    async def list_open(self) -> set[str]:
        """Return the paths of those that a front end has open, as far as Jupyter knows."""
        return {*self._collaboration.list_shared(), *await self._list_connected()}

    async def describe(self, path: str) -> Mapping[str, Any]:
        """Return Jupyter's model of a notebook, without its content.

        Raises:
            UnknownNotebook: there is none.
        """
        return await self.files.get(path, content=False)

    async def find(self, fits: Callable[[str], bool], *, seconds: float, most: int) -> Found:
        """Return the notebooks below Jupyter's root directory, sorted.

        Args:
            fits: whether a path is wanted; called in a thread.
            seconds: for which it may look.
            most: entries of directories at which it may look.
        """
        return await self.files.find(fits, seconds, most)

    async def search(self, paths: Iterable[str], text: str, *, most: int, seconds: float) -> Matches:
        """Return the lines of notebooks that hold a text; those that are shared live are read as they are now.

        Args:
            paths: of the notebooks, in the order in which they are looked into.
            text: what lines must hold.
            most: lines after which it ends.
            seconds: after which it ends.
        """
        live = set(self._collaboration.list_shared())
        paths = list(paths)
        matches = Matches()
        for path in [path for path in paths if path in live or self.files.root is None]:
            matches.found.extend(find_in_cells(path, (await self.get(path).read()).cells, text))
        if self.files.root is not None:
            on_disk = [path for path in paths if path not in live]
            saved = await asyncio.to_thread(search_files, self.files.root, on_disk, text, most, seconds)
            matches.found.extend(saved.found)
            matches.skipped = saved.skipped
        return matches

    async def find_shared(self, path: str) -> Any | None:
        """Return the document, a `YNotebook`, of a notebook that is shared live; None of any other."""
        live = await self._collaboration.find(path, _need_not_be_writable)
        return None if live is None else live.notebook

    def make_run(self, path: str, cell: str, asked_for: str | int) -> CellRun:
        """Return what takes the outputs of a run of a cell, for `follow`."""
        return CellRun(path, cell, asked_for, self.get(path))

    def follow(self, writing: Coroutine[Any, Any, None]) -> None:
        """Let a run write its outputs, also when its host waits no longer."""
        task = asyncio.ensure_future(writing)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Write nothing more, as the Jupyter server stops."""
        for task in self._writing:
            task.cancel()
        await asyncio.gather(*self._writing, return_exceptions=True)

    def _make_saved(self, path: str) -> SavedDocument:
        return SavedDocument(path, self.files, self._reader, self._check_closed, self._collaboration.keep_closed)

    async def _check_closed(self, path: str) -> None:
        if self._collaboration.is_shared(path):
            raise _Shared
        if await self._is_connected(path):
            raise NotebookOpen(path)

    async def _is_connected(self, path: str) -> bool:
        return any(self.files.is_same(path, each) for each in await self._list_connected())

    async def _list_connected(self) -> list[str]:
        sessions = cast("Sequence[Mapping[str, Any]]", await ensure_async(self._session_manager.list_sessions()))
        manager = self._kernel_manager
        kernels = [
            (session["path"], manager.get_kernel(model["id"]), model)
            for session in sessions
            if session["type"] == "notebook" and (model := session["kernel"]) is not None and model["id"] in manager
        ]
        return [path for path, kernel, model in kernels if await has_front_end(kernel, model)]


async def _need_not_be_writable() -> None:
    """Allow what only looks on."""


class _Shared(Exception):
    """Somebody has begun to share the notebook."""


@dataclass(frozen=True)
class _Document:
    """A notebook, shared live or not, as it is at the moment of each call."""

    path: str
    collaboration: Collaboration
    saved: SavedDocument

    async def read(self) -> Snapshot:
        """As `Document.read`."""
        live = await self.collaboration.find(self.path, self._check_writable)
        return await (live or self.saved).read()

    async def change(self, plan: Callable[[Sequence[Mapping[str, Any]]], Step]) -> Changed:
        """As `Document.change`."""
        for _ in range(_TRIES):
            live = await self.collaboration.find(self.path, self._check_writable)
            try:
                return await (live or self.saved).change(plan)
            except _Shared:
                continue
        raise NotebookBusy(self.path, _TRIES)

    async def check_changeable(self) -> None:
        """As `Document.check_changeable`."""
        live = await self.collaboration.find(self.path, self._check_writable)
        with suppress(_Shared):  # then it can be
            await (live or self.saved).check_changeable()

    async def _check_writable(self) -> None:
        model = await self.saved.files.get(self.path, content=False)
        if not model.get("writable", True):
            raise NotebookReadOnly(self.path)

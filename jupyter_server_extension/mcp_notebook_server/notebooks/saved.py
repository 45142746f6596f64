"""A notebook that is not shared live: its file is read, changed and saved.

Knows how a change is made so that nobody's is lost: on what is on disk at that moment, checked again before it is
saved. Refuses to know steps (`cells`) and Jupyter's errors (`files`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.notebooks.cells import Delete, Move, apply, with_ids
from mcp_notebook_server.notebooks.document import Changed, Snapshot
from mcp_notebook_server.notebooks.errors import NotebookBusy, NotebookReadOnly

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from mcp_notebook_server.notebooks.cells import Step
    from mcp_notebook_server.notebooks.files import Files

__all__ = ["Reader", "SavedDocument"]

_TRIES = 5

_SETTLED = timedelta(seconds=0.1)
"""A file that was saved so shortly before it was read may have been saved again in the same tick of its clock."""

_MOST_KEPT = 8
_MOST_BYTES = 4_000_000


class Reader:
    """Reads notebooks, and keeps the last few as long as their files do not change.

    Args:
        files: what it reads.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._kept: OrderedDict[str, tuple[object, Snapshot]] = OrderedDict()

    async def read(self, path: str) -> Snapshot:
        """Return a notebook as it is on disk.

        Raises:
            UnknownNotebook, NotebookUnreadable: as `Files.get`.
        """
        model = await self._files.get(path, content=False)
        state = (model["last_modified"], model.get("size"))
        kept = self._kept.get(path)
        if kept is not None and kept[0] == state:
            self._kept.move_to_end(path)
            return kept[1]
        # Jupyter empties a file before it writes it, and has whoever reads it then put the old one back, over what is
        # being written: the save, also a person's, is lost (seen in a soak). So nobody reads while somebody saves.
        async with self._files.alone(path):
            model = await self._files.get(path, content=True)
        snapshot = Snapshot(with_ids(model["content"]["cells"]), model["last_modified"], is_live=False)
        self._kept.pop(path, None)
        is_settled = datetime.now(UTC) - model["last_modified"] > _SETTLED
        if is_settled and (model.get("size") or 0) <= _MOST_BYTES:
            self._kept[path] = ((model["last_modified"], model.get("size")), snapshot)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return snapshot


@dataclass(frozen=True)
class SavedDocument:
    """One such notebook.

    Attributes:
        path: below Jupyter's root directory.
        files: where it is.
        reader: reads it.
        check_closed: raises an error if a front end has it open, or somebody shares it.
        keep_closed: makes a context in which no front end can begin to share it live.
    """

    path: str
    files: Files
    reader: Reader
    check_closed: Callable[[str], Awaitable[None]]
    keep_closed: Callable[[str], AbstractAsyncContextManager[None]]

    async def read(self) -> Snapshot:
        """As `Document.read`."""
        return await self.reader.read(self.path)

    async def check_changeable(self) -> None:
        """As `Document.check_changeable`."""
        if not (await self.files.get(self.path, content=False)).get("writable", True):
            raise NotebookReadOnly(self.path)
        await self.check_closed(self.path)

    async def change(self, plan: Callable[[Sequence[Mapping[str, Any]]], Step]) -> Changed:
        """As `Document.change`; a host that hangs up meanwhile does not leave it half done.

        Raises:
            NotebookOpen: a front end has it open.
            NotebookReadOnly, NotebookUnsaved, NotebookBusy: it cannot be saved, or not between the saves of others.
        """
        return await asyncio.shield(asyncio.ensure_future(self._change(plan)))

    async def _change(self, plan: Callable[[Sequence[Mapping[str, Any]]], Step]) -> Changed:
        await self.files.get(self.path, content=False)
        async with self.keep_closed(self.path), self.files.alone(self.path):
            for _ in range(_TRIES):
                model = await self.files.get(self.path, content=True)
                if not model.get("writable", True):
                    raise NotebookReadOnly(self.path)
                cells = model["content"]["cells"]
                named = with_ids(cells)
                step = plan(named)
                apply(cells, step, keeps_ids=_keeps_ids(model["content"]))
                await self.check_closed(self.path)
                if await self.files.is_unchanged(self.path, model):
                    await self.files.save(self.path, model["content"])
                    return Changed(step, _find_id(named, cells, step))
        raise NotebookBusy(self.path, _TRIES)


def _keeps_ids(notebook: Mapping[str, Any]) -> bool:
    """Whether cells have ids in the notebook's version of nbformat."""
    return (notebook["nbformat"], notebook["nbformat_minor"]) >= (4, 5)


def _find_id(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], step: Step) -> str:
    """Return how the cell of a step is called now."""
    match step:
        case Delete():
            return before[step.index]["id"]
        case Move():
            return with_ids(after)[step.to]["id"]
        case _:
            return with_ids(after)[step.index]["id"]

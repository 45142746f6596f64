"""A notebook that a front end has open and that jupyter-collaboration shares: what is typed there is here at once.

Knows the shared document. Refuses to know how it is found (`collaboration`), and when it is saved:
jupyter-collaboration does that, as for a person's typing.

A change is made without a pause in which anything else could run, and only what changes is touched, so what a person
types in the same cell meanwhile stays. One exception is Yjs's own: a cell that is moved comes anew, as when a person
moves it, and what somebody else typed into it in the milliseconds before they saw that is gone.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pycrdt import Map, Text

from mcp_notebook_server.notebooks.cells import Delete, Insert, Move, Rewrite, Show
from mcp_notebook_server.notebooks.document import Changed, Snapshot

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp_notebook_server.notebooks.cells import Step

__all__ = ["LiveDocument", "is_filled"]


@dataclass(frozen=True)
class LiveDocument:
    """One such notebook.

    Attributes:
        notebook: the shared document, a `YNotebook` of jupyter-ydoc.
        settle: waits while it is being filled anew from its file, which would undo a change.
        check_writable: raises `NotebookReadOnly` if it could not be saved.
    """

    notebook: Any
    settle: Callable[[], Awaitable[None]]
    check_writable: Callable[[], Awaitable[None]]

    async def read(self) -> Snapshot:
        """As `Document.read`."""
        await self.settle()
        return Snapshot(self._list_cells(), datetime.now(UTC), is_live=True)

    async def check_changeable(self) -> None:
        """As `Document.check_changeable`."""
        await self.check_writable()

    async def change(self, plan: Callable[[Sequence[Mapping[str, Any]]], Step]) -> Changed:
        """As `Document.change`."""
        await self.check_writable()
        await self.settle()
        cells = self._list_cells()
        step = plan(cells)
        with self.notebook.ydoc.transaction():
            self._apply(step)
        return Changed(step, step.cell["id"] if isinstance(step, Insert) else cells[step.index]["id"])

    def _list_cells(self) -> Sequence[Mapping[str, Any]]:
        if self.notebook not in _kept:
            _kept[self.notebook] = _KeptCells(self.notebook)
        return _kept[self.notebook].list()

    def _apply(self, step: Step) -> None:
        cells = self.notebook.ycells
        match step:
            case Insert():
                cells.insert(step.index, self.notebook.create_ycell(dict(step.cell)))
            case Rewrite():
                self._rewrite(cells[step.index]["source"], step)
            case Move():
                # What was there goes and comes again: Yjs, which front ends use, knows no moving.
                cell = {**self.notebook.get_cell(step.index), "id": cells[step.index]["id"]}
                del cells[step.index]
                cells.insert(step.to, self.notebook.create_ycell(cell))
            case Delete():
                del cells[step.index]
            case Show():
                self._show(cells[step.index], step)

    def _rewrite(self, text: Any, step: Rewrite) -> None:
        before = str(text)
        for start, end, new in reversed(step.spans):
            first, last = len(before[:start].encode()), len(before[:end].encode())  # Y counts bytes
            if last > first:
                del text[first:last]
            if new:
                text.insert(first, new)

    def _show(self, cell: Any, step: Show) -> None:
        outputs = cell["outputs"]
        kept = 0
        while kept < min(len(outputs), len(step.outputs)) and _grow(outputs[kept], step.outputs[kept]):
            kept += 1
        if kept < len(outputs):
            del outputs[kept:]
        outputs.extend([_share(output) for output in step.outputs[kept:]])
        cell["execution_count"] = None if step.execution_count is None else float(step.execution_count)
        cell["execution_state"] = "running" if step.is_running else "idle"
        cell["metadata"]["trusted"] = False


class _KeptCells:
    """The cells of a shared document in nbformat, kept until it changes: making them takes 50 ms for 200 cells.

    Args:
        notebook: the document.
    """

    def __init__(self, notebook: Any) -> None:
        self._find_notebook = weakref.ref(notebook)
        self._cells: Sequence[Mapping[str, Any]] | None = None
        self._subscription = notebook.ydoc.observe(self._forget)

    def list(self) -> Sequence[Mapping[str, Any]]:
        """Return them; not to be changed."""
        notebook = self._find_notebook()
        if self._cells is None and notebook is not None:
            # Without the ids, which the document has but leaves out of old formats, a cell could not be named.
            ids = [cell["id"] for cell in notebook.ycells]
            self._cells = [{**notebook.get_cell(place), "id": name} for place, name in enumerate(ids)]
        return self._cells or ()

    def _forget(self, _: object) -> None:
        self._cells = None


_kept: WeakKeyDictionary[Any, _KeptCells] = WeakKeyDictionary()


def is_filled(notebook: Any) -> bool:
    """Whether a shared document holds its notebook, and not nothing yet."""
    return "nbformat" in notebook.ydoc.get("meta", type=Map)


def _grow(shared: Any, output: Mapping[str, Any]) -> bool:
    """Make a shared output what it is to be, if nothing but text must be added; return whether it is that now."""
    if output["output_type"] != "stream":
        return shared.to_py() == dict(output)
    text, new = shared.get("text"), "".join(output["text"])
    if not isinstance(text, Text) or shared.get("name") != output["name"] or not new.startswith(str(text)):
        return False
    if len(new) > len(str(text)):
        text += new[len(str(text)) :]
    return True


def _share(output: Mapping[str, Any]) -> Map[Any]:
    """Return an output as the shared document holds it: what was printed can grow there."""
    if output["output_type"] == "stream":
        return Map({**output, "text": Text("".join(output["text"]))})
    return Map(dict(output))

"""Cells of a notebook, and what can be done to them, as plain functions and values.

Knows nbformat. Refuses to know where a notebook is kept (`saved`, `live`) and who changes it.

A step is planned on the cells as they are at that moment, and applied to exactly those: so nothing is ever applied to a
notebook that somebody has changed in between.
"""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import nbformat

from mcp_notebook_server.notebooks.errors import TextAmbiguous, TextNotFound, UnknownCell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Cell = Mapping[str, Any]

__all__ = [
    "CellType",
    "Delete",
    "Insert",
    "Move",
    "Rewrite",
    "Show",
    "Step",
    "apply",
    "describe",
    "find_place",
    "make_cell",
    "plan_delete",
    "plan_insert",
    "plan_move",
    "plan_rewrite",
    "source_of",
    "with_ids",
]

CellType = Literal["code", "markdown", "raw"]


@dataclass(frozen=True)
class Insert:
    """A new cell.

    Attributes:
        index: where it will be.
        cell: in nbformat, with an id.
    """

    index: int
    cell: Cell


@dataclass(frozen=True)
class Rewrite:
    """New text in a cell.

    Attributes:
        index: of the cell.
        source: all of its text, then.
        spans: what is replaced: first character, the one after the last, and what comes there; in order.
    """

    index: int
    source: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Move:
    """A cell at another place.

    Attributes:
        index: where it is.
        to: where it will be.
    """

    index: int
    to: int


@dataclass(frozen=True)
class Delete:
    """A cell that goes."""

    index: int


@dataclass(frozen=True)
class Show:
    """What a run of a cell showed.

    Attributes:
        index: of the cell.
        outputs: in nbformat, instead of those that are there.
        execution_count: the kernel's; None while it is not known.
        is_running: whether more will come.
    """

    index: int
    outputs: Sequence[Mapping[str, Any]]
    execution_count: int | None
    is_running: bool = False


Step = Insert | Rewrite | Move | Delete | Show


def with_ids(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells, each with an id of its own.

    Before nbformat 4.5 cells had none: those are given one made of type and source, so that it stays the same while the
    cell does, wherever it is.
    """
    seen: Counter[str] = Counter()
    named: list[Cell] = []
    for cell in cells:
        name = cell.get("id") or _make_id(cell)
        seen[name] += 1
        if seen[name] > 1:
            name = f"{name}-{seen[name]}"
        named.append(cell if cell.get("id") == name else {**cell, "id": name})
    return named


def _make_id(cell: Cell) -> str:
    return hashlib.sha256(f"{cell.get('cell_type')}\n{source_of(cell)}".encode("utf-8", "replace")).hexdigest()[:8]


def source_of(cell: Cell) -> str:
    """Return the text of a cell, which nbformat also allows to be a list of lines."""
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def find_place(cells: Sequence[Cell], cell: str | int) -> int:
    """Return the index of the cell that a host calls `cell`: its id, or its index.

    Args:
        cells: with ids.
        cell: the name; digits are an index where no cell has them for an id.

    Raises:
        UnknownCell: there is none.
    """
    ids = [each["id"] for each in cells]
    if isinstance(cell, str):
        if cell in ids:
            return ids.index(cell)
        if not (cell.isascii() and cell.isdecimal() and len(cell) <= len(str(2**31))):
            raise UnknownCell(cell, ids)
    place = int(cell)
    if not 0 <= place < len(cells):
        raise UnknownCell(cell, ids)
    return place


def make_cell(kind: CellType, source: str) -> Cell:
    """Return a new cell with an id of its own."""
    make: dict[str, Callable[..., Any]] = {
        "code": nbformat.v4.new_code_cell,  # pyright: ignore[reportUnknownMemberType]  untyped
        "markdown": nbformat.v4.new_markdown_cell,  # pyright: ignore[reportUnknownMemberType]  untyped
        "raw": nbformat.v4.new_raw_cell,  # pyright: ignore[reportUnknownMemberType]  untyped
    }
    return dict(make[kind](source=source))


def plan_insert(cells: Sequence[Cell], cell: Cell, after: str | int | None, at: int | None) -> Insert:
    """Plan a new cell.

    Args:
        cells: as they are.
        cell: the new one.
        after: the cell that it follows; None if `at` says where.
        at: its index; None with `after` None: at the end.

    Raises:
        UnknownCell: there is no such cell, or no such place.
    """
    index = len(cells) if at is None else at
    if after is not None:
        index = find_place(cells, after) + 1
    if index > len(cells):
        raise UnknownCell(index, [each["id"] for each in cells])
    return Insert(index, cell)


def plan_rewrite(cells: Sequence[Cell], cell: str | int, old: str, new: str, *, replace_all: bool) -> Rewrite:
    """Plan that `old` becomes `new` in a cell.

    Args:
        cells: as they are.
        cell: which one.
        old: what is there; empty only where the cell is.
        new: what comes instead.
        replace_all: whether each occurrence is meant; else there must be one.

    Raises:
        UnknownCell: there is no such cell.
        TextNotFound: it does not hold `old`.
        TextAmbiguous: it holds it more than once.
    """
    index = find_place(cells, cell)
    source = source_of(cells[index])
    if not old:
        if source:
            raise TextNotFound(cells[index]["id"], old, source)
        return Rewrite(index, new, ((0, 0, new),))
    count = source.count(old)
    if not count:
        raise TextNotFound(cells[index]["id"], old, source)
    if count > 1 and not replace_all:
        raise TextAmbiguous(cells[index]["id"], old, count)
    spans: list[tuple[int, int, str]] = []
    start = source.find(old)
    while start >= 0:
        spans.append((start, start + len(old), new))
        start = source.find(old, start + len(old))
    return Rewrite(index, source.replace(old, new), tuple(spans))


def plan_move(cells: Sequence[Cell], cell: str | int, to: int) -> Move:
    """Plan that a cell goes to another place; `to` is its index then.

    Raises:
        UnknownCell: there is no such cell, or no such place.
    """
    return Move(find_place(cells, cell), find_place(cells, to))


def plan_delete(cells: Sequence[Cell], cell: str | int, old: str) -> Delete:
    """Plan that a cell goes.

    Args:
        cells: as they are.
        cell: which one.
        old: its text or the first line of it, so that no other one goes by mistake.

    Raises:
        UnknownCell: there is no such cell.
        TextNotFound: it holds something else.
    """
    index = find_place(cells, cell)
    source = source_of(cells[index])
    first_line = source.partition("\n")[0]
    if old.rstrip("\n") not in (source.rstrip("\n"), first_line):
        raise TextNotFound(cells[index]["id"], old, source)
    return Delete(index)


def apply(cells: list[Any], step: Step, *, keeps_ids: bool) -> None:
    """Do a step to the cells of a notebook, in place.

    Args:
        cells: in nbformat, changeable; exactly those on which the step was planned.
        step: what to do.
        keeps_ids: whether cells have ids in this version of nbformat.
    """
    match step:
        case Insert():
            cell = {name: value for name, value in step.cell.items() if keeps_ids or name != "id"}
            cells.insert(step.index, nbformat.from_dict(cell))  # pyright: ignore[reportUnknownMemberType]  untyped
        case Rewrite():
            cells[step.index]["source"] = step.source
        case Move():
            cells.insert(step.to, cells.pop(step.index))
        case Delete():
            del cells[step.index]
        case Show():
            cell = cells[step.index]
            cell["outputs"] = nbformat.from_dict(list(step.outputs))  # pyright: ignore[reportUnknownMemberType]  untyped
            cell["execution_count"] = step.execution_count
            cell.setdefault("metadata", {})["trusted"] = False


def describe(cells: Sequence[Cell], step: Step) -> str:
    """Return what a step would change, for a person who decides about it: all of it, as a diff.

    Args:
        cells: as they are, with ids.
        step: planned on them.
    """
    match step:
        case Insert():
            kind = step.cell["cell_type"]
            return f"Insert a {kind} cell {_say_place(cells, step.index)}:\n{_diff('', source_of(step.cell))}"
        case Rewrite():
            cell = cells[step.index]
            return f"Change {_say_cell(cells, step.index)}:\n{_diff(source_of(cell), step.source)}"
        case Move():
            others = [*cells[: step.index], *cells[step.index + 1 :]]
            where = _say_place(others, step.to)
            return f"Move {_say_cell(cells, step.index)} {where}. It holds:\n{source_of(cells[step.index])}"
        case Delete():
            return f"Delete {_say_cell(cells, step.index)}:\n{_diff(source_of(cells[step.index]), '')}"
        case Show():
            return f"Write outputs of {_say_cell(cells, step.index)}."


def _say_cell(cells: Sequence[Cell], index: int) -> str:
    return f"the {cells[index].get('cell_type')} cell {cells[index]['id']}"


def _say_place(cells: Sequence[Cell], index: int) -> str:
    if not index:
        return "at the top"
    first_line = source_of(cells[index - 1]).partition("\n")[0]
    return f"after the cell {cells[index - 1]['id']} ({first_line[:80]!r})"


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3)
    return "\n".join(list(lines)[2:]) or "(no text)"

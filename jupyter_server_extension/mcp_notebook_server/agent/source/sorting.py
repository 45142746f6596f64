"""The first rows of a stored frame in an order, over the whole frame; nulls last, equals as they stand.

Numbers are sorted by numpy, as many at a time as a running cell may stand still for. What is compared cell by cell is
sorted in short runs that are merged step by step. No more rows are kept than twice those asked for.
"""

from __future__ import annotations

import heapq
from itertools import islice
from typing import TYPE_CHECKING, Any

from .objects import library_member
from .searching import CELLS, refuse_secret
from .stored_numbers import numpy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .frames import FrameReader

__all__ = ["SortKey", "find_first", "order_of"]

_MERGED = 100
"""Rows merged between two pauses."""

_SORTED = 1 << 13
"""Rows sorted by numpy at once, unless more are asked for: about 0.6 ms, in which a running cell stands still."""

_KEPT = 20_000
"""Rows sorted cell by cell that are kept before they are merged."""


class SortKey:
    """One column to sort by.

    Args:
        column: its position.
        name: its name.
        descending: greatest first.
    """

    def __init__(self, column: int, name: str, *, descending: bool) -> None:
        self.column = column
        self.name = name
        self.descending = descending


def find_first(reader: FrameReader, found: Iterable[Any], order: list[SortKey], needed: int) -> tuple[Any, int]:
    """Return the positions of the first rows in order, and how many rows there are.

    Args:
        reader: of the frame.
        found: arrays of positions, ascending.
        order: the columns, the most important first.
        needed: how many rows at most.
    """
    keys: list[Any] = [_find_numbers_of(reader, key) for key in order]
    if None not in keys:
        return _sort_numbers(reader, found, list(zip(order, keys)), needed)  # noqa: B905  Python 3.9 has no strict
    return _sort_cells(reader, found, order, needed)


def _find_numbers_of(reader: FrameReader, key: SortKey) -> Callable[[Any], tuple[Any, Any]] | None:
    """Return what gives the numbers of rows and which are null; None if the column is read cell by cell."""
    frame = reader.look()
    numbers = frame.numbers(key.column)
    if numbers is not None:
        if numbers.kind == "choice":
            refuse_secret(key.name)
        if numbers.sortable:
            return lambda rows: reader.look_numbers(key.column).get(rows)
        ranks = _rank([order_of(cell) for cell in frame.choices(key.column)])
        return lambda rows: _ranked(ranks, *reader.look_numbers(key.column).get(rows))
    refuse_secret(key.name)
    text = frame.text(key.column)
    if text is None:
        return None
    # The one piece of work that cannot be cut; the running cell goes on meanwhile.
    ranks = library_member("pyarrow", "compute").rank(text, tiebreaker="dense").to_numpy()
    nulls = text.is_null().to_numpy()
    return lambda rows: (ranks.take(rows), nulls.take(rows))


def _rank(cells: list[Any]) -> Any:
    order = sorted(range(len(cells)), key=cells.__getitem__)
    return numpy("argsort")(numpy("array")(order, dtype="i8"))


def _ranked(ranks: Any, codes: Any, nulls: Any) -> tuple[Any, Any]:
    return (ranks.take(codes) if len(ranks) else codes), nulls  # without choices all codes say null


def _sort_numbers(reader: FrameReader, found: Iterable[Any], keys: list[Any], needed: int) -> tuple[Any, int]:
    kept: list[list[Any]] = []
    held = total = 0
    bound: Any = None
    for positions in found:
        total += len(positions)
        columns: list[Any] = []
        for key, numbers_of in keys:
            values, nulls = numbers_of(positions)
            columns += _directed(values, nulls, descending=key.descending)
            del values, nulls
            reader.pause()
        columns.append(positions)
        if bound is not None:
            first, value = columns[0], columns[1]
            chosen = (first < bound[0]) | ((first == bound[0]) & (value <= bound[1]))
            columns = [each[chosen] for each in columns]
        del positions
        for start in range(0, len(columns[-1]), _SORTED):
            part = [each[start : start + _SORTED] for each in columns]
            kept.append(_cut([part], needed) if needed < len(part[-1]) else part)
            held += len(kept[-1][-1])
            reader.pause()
        if held > max(2 * needed, _SORTED):
            columns = _cut(kept, needed)
            kept, held = [columns], len(columns[-1])
            bound = (columns[0][-1], columns[1][-1]) if held == needed > 0 else None
        reader.pause()
    return (_cut(kept, needed)[-1] if kept else []), total


def _directed(values: Any, nulls: Any, *, descending: bool) -> list[Any]:
    """Return two arrays whose ascending order is the wanted one: first whether null, then the number."""
    if values.dtype.kind == "b":
        values = values.astype("u1")
    if descending:
        values = -values if values.dtype.kind == "f" else ~values
    if nulls is None:
        return [numpy("zeros")(len(values), dtype=bool), values]
    return [nulls, numpy("where")(nulls, values.dtype.type(0), values)]


def _cut(kept: list[list[Any]], needed: int) -> list[Any]:
    columns = [numpy("concatenate")(each) for each in zip(*kept)]  # noqa: B905  Python 3.9 has no strict
    order = numpy("lexsort")(columns[::-1])[:needed]
    return [each.take(order) for each in columns]


def _sort_cells(reader: FrameReader, found: Iterable[Any], order: list[SortKey], needed: int) -> tuple[Any, int]:
    reverse = order[0].descending
    sign = -1 if reverse else 1
    runs: list[list[Any]] = []
    held = total = 0
    bound: Any = None
    for many in found:
        total += len(many)
        for start in range(0, len(many), CELLS):
            positions = many[start : start + CELLS]
            parts = [_read_keys(reader, key, positions, reverse=reverse) for key in order]
            run = sorted(zip(*parts, [sign * each for each in positions.tolist()]), reverse=reverse)  # noqa: B905  as above
            if bound is not None:
                run = [row for row in run if (row > bound if reverse else row < bound)]
            runs.append(run[:needed])
            held += len(runs[-1])
            if held > max(4 * needed, _KEPT):
                runs = [_merge(reader, runs, needed, reverse=reverse)]
                held = len(runs[0])
                bound = runs[0][-1] if held == needed > 0 else None
            reader.pause()
    return [abs(row[-1]) for row in _merge(reader, runs, needed, reverse=reverse)], total


def _merge(reader: FrameReader, runs: list[list[Any]], needed: int, *, reverse: bool) -> list[Any]:
    merging = heapq.merge(*runs, reverse=reverse)
    merged: list[Any] = []
    while len(merged) < needed:
        some = list(islice(merging, min(_MERGED, needed - len(merged))))
        if not some:
            break
        merged += some
        reader.pause()
    return merged


def _read_keys(reader: FrameReader, key: SortKey, positions: Any, *, reverse: bool) -> list[Any]:
    frame = reader.look()
    numbers = frame.numbers(key.column)
    if numbers is not None and numbers.sortable:
        values, nulls = numbers.get(positions)
        values = values.tolist()
        cells = values if nulls is None else [None if null else each for each, null in zip(values, nulls.tolist())]  # noqa: B905  as above
    else:
        cells = frame.take_plain(key.column, positions)
    del frame
    reader.pause()
    last = -1 if reverse else 9
    orders = [(last, 0) if cell is None else order_of(cell) for cell in cells]
    return orders if key.descending == reverse else [_turned(each) for each in orders]


def order_of(cell: Any) -> tuple[int, Any]:
    """Return what puts values of different kinds beside their own."""
    if type(cell) is str:
        return 1, cell
    return (0, cell) if type(cell) in (int, float, bool) else (2, str(cell))


def _turned(order: tuple[int, Any]) -> tuple[int, Any]:
    kind, value = order
    if kind in (1, 2):
        return kind, _Backwards(value)
    return kind, -value


class _Backwards:
    """Text that comes before what it would follow."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Backwards) and self._text == other._text

    def __lt__(self, other: _Backwards) -> bool:
        return self._text > other._text

    __hash__ = None  # pyright: ignore[reportAssignmentType]  never a key

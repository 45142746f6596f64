"""Describing and paging stored frames. Knows the contract's answers; refuses to know any library."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from .describing import describe_column
from .refusals import Refused
from .searching import Condition, find_matching
from .sorting import SortKey, find_first
from .stored_numbers import numpy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .frames import FrameReader

__all__ = ["choose_sample", "describe_table", "find_position", "name_rows", "read_table", "take_fitting"]

_SAMPLE_CELLS = 200_000
_SCATTER = 2_654_435_761
"""Knuth's multiplier: its multiples look random in their middle bits, and the person's random numbers stay theirs."""

_SAMPLE_ROWS = 10_000
_MOST_SAMPLED = 100_000
_PAGE_ROWS = 1000
_PAGE_CHARACTERS = 700_000
_COUNTING_SECONDS = 2.0
"""How long rows are counted on when those of the page are found."""

_NAMES_SHOWN = 50


def choose_sample(rows: int, width: int, sample: Any) -> Any:
    """Return the rows to look at, spread over all: one out of each stretch, not always at the same place in it.

    Args:
        rows: of the frame.
        width: its columns.
        sample: how many rows; None for as many as are quick.

    Returns:
        A range, or an array of positions.
    """
    wanted = min(sample, _MOST_SAMPLED) if sample else min(_SAMPLE_ROWS, max(_SAMPLE_CELLS // max(width, 1), 100))
    if wanted >= rows:
        return range(rows)
    starts = numpy("arange")(wanted) * rows // wanted
    return starts + (numpy("arange")(wanted) * _SCATTER >> 8) % (rows // wanted)


def describe_table(reader: FrameReader, sample: Any) -> dict[str, Any]:
    """Return `describe_dataframe`'s answer.

    Args:
        reader: of the frame.
        sample: rows to look at for what is not exact, evenly spread; None for as many as are quick.
    """
    rows = choose_sample(reader.rows, len(reader.columns), sample)
    columns = [
        {"name": name, "dtype": dtype, **describe_column(reader, column, rows)}
        for column, (name, dtype) in enumerate(zip(reader.columns, reader.dtypes()))  # noqa: B905  Python 3.9 has no strict
    ]
    answer: dict[str, Any] = {
        "rows": reader.rows,
        "columns": columns,
        "sampled": len(rows) < reader.rows,
        "lazy": False,
        "size": reader.size,
    }
    if answer["sampled"]:
        answer["sample"] = len(rows)
    return answer


def read_table(  # noqa: PLR0913, PLR0917  the contract's arguments
    reader: FrameReader,
    columns: Any = None,
    where: Any = None,
    sort: Any = None,
    offset: int = 0,
    limit: int = 20,
) -> dict[str, Any]:
    """Return `read_dataframe`'s answer."""
    shown = [find_position(reader.columns, name) for name in columns] if columns is not None else None
    shown = list(range(len(reader.columns))) if shown is None else shown
    rows, total = _choose_rows(reader, where or [], sort or [], offset, min(limit, _PAGE_ROWS))
    cells = take_fitting(reader.read(shown, rows), reader.pause)
    return name_rows([reader.columns[each] for each in shown], cells, offset, total)


def name_rows(columns: list[str], rows: list[list[Any]], offset: int, total: Any) -> dict[str, Any]:
    """Return a page as the contract has it.

    Args:
        columns: their names.
        rows: cells.
        offset: of the first one.
        total: how many rows there are; None if that is not known.
    """
    answer: dict[str, Any] = {"columns": columns, "rows": rows}
    if total is not None:
        answer["total"] = total
    if rows and (total is None or offset + len(rows) < total):
        answer["next_offset"] = offset + len(rows)
    return answer


def _choose_rows(
    reader: FrameReader, where: list[dict[str, Any]], sort: list[dict[str, Any]], offset: int, limit: int
) -> tuple[Any, Any]:
    """Return the positions of a page's rows, and how many rows there are in all (None if that takes too long)."""
    if not where and not sort:
        return range(min(offset, reader.rows), min(offset + limit, reader.rows)), reader.rows
    columns = reader.columns
    conditions = [
        Condition(find_position(columns, each["column"]), each["column"], each["op"], each.get("value"))
        for each in where
    ]
    order = [
        SortKey(find_position(columns, each["column"]), each["column"], descending=bool(each.get("descending")))
        for each in sort
    ]
    found = find_matching(reader, conditions)
    if order:
        positions, total = find_first(reader, found, order, offset + limit)
        return _as_positions(positions[offset:]), total
    return _take_page(found, offset, limit)


def _take_page(found: Iterable[Any], offset: int, limit: int) -> tuple[Any, Any]:
    page: list[int] = []
    total = 0
    enough = time.perf_counter() + _COUNTING_SECONDS
    for positions in found:
        first = max(offset - total, 0)
        page += positions[first : first + limit - len(page)].tolist()
        total += len(positions)
        if len(page) == limit and time.perf_counter() > enough:
            return _as_positions(page), None
    return _as_positions(page), total


def _as_positions(rows: Any) -> Any:
    return numpy("asarray")(rows, dtype="i8")


def take_fitting(rows: list[list[Any]], pause: Callable[[], None]) -> list[list[Any]]:
    """Return the first rows, as many as one answer may carry, and at least one."""
    left = _PAGE_CHARACTERS
    for count, row in enumerate(rows):
        left -= len(json.dumps(row))
        if left < 0:
            return rows[: max(count, 1)]
        pause()
    return rows


def find_position(columns: list[str], name: str) -> int:
    """Return where a column is.

    Raises:
        Refused: kind "unknown_column"; it names those there are.
    """
    try:
        return columns.index(name)
    except ValueError:
        known = ", ".join(columns[:_NAMES_SHOWN])
        raise Refused("unknown_column", f"There is no column {name!r}. Columns: {known}.") from None

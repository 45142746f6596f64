"""Describing and paging frames: conditions, order, figures. Knows cells as JSON values; refuses to know any library."""

from __future__ import annotations

import collections
import json
import time
from typing import TYPE_CHECKING, Any, cast

from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .frames import FrameReader

__all__ = ["describe_table", "read_table"]

_SAMPLE_CELLS = 200_000
_SAMPLE_ROWS = 10_000
_MOST_SAMPLED = 100_000
_COUNTED = 5000
"""Different values among which the most frequent are looked for."""

_TOP = 3
_CHUNK = 500
_SORTED_ROWS = 2000
_PAGE_ROWS = 1000
_PAGE_CHARACTERS = 700_000
_COUNTING_SECONDS = 2.0
_NAMES_SHOWN = 50


def describe_table(reader: FrameReader, sample: Any) -> dict[str, Any]:
    """Return `describe_dataframe`'s answer.

    Args:
        reader: of the frame.
        sample: rows to look at, evenly spread; None for as many as are quick.
    """
    width = max(len(reader.columns), 1)
    wanted = min(sample, _MOST_SAMPLED) if sample else min(_SAMPLE_ROWS, max(_SAMPLE_CELLS // width, 100))
    step = max(1, -(-reader.rows // max(wanted, 1)))
    rows = range(0, reader.rows, step)
    columns = [
        {"name": name, "dtype": dtype, **_figures(reader, column, rows)}
        for column, (name, dtype) in enumerate(zip(reader.columns, reader.dtypes()))  # noqa: B905  Python 3.9 has no strict
    ]
    answer: dict[str, Any] = {"rows": reader.rows, "columns": columns, "sampled": step > 1, "lazy": reader.lazy}
    if reader.size is not None:
        answer["size"] = reader.size
    return answer


def _figures(reader: FrameReader, column: int, rows: range) -> dict[str, Any]:
    """Return nulls, unique, min, max and top of a column."""
    nulls = 0
    counts: collections.Counter[Any] = collections.Counter()
    kinds: set[Any] = set()
    ends: list[Any] = []
    for start in range(0, len(rows), _CHUNK):
        cells = [row[0] for row in reader.read([column], rows[start : start + _CHUNK])]
        known = [cell for cell in cells if cell is not None]
        nulls += len(cells) - len(known)
        counts.update(known)
        kinds.update(map(type, known))
        if known and _comparable(kinds):
            ends = [min(known + ends), max(known + ends)]
        reader.pause()
    said: dict[str, Any] = {"nulls": nulls, "unique": len(counts)}
    if ends and _comparable(kinds):
        said["min"], said["max"] = ends
    if float not in kinds and len(counts) <= _COUNTED and len(counts) < len(rows) - nulls:
        said["top"] = [{"value": value, "count": count} for value, count in counts.most_common(_TOP)]
    return said


def _comparable(kinds: set[Any]) -> bool:
    return kinds <= {int, float} or kinds == {str}


def read_table(  # noqa: PLR0913, PLR0917  the contract's arguments
    reader: FrameReader,
    columns: Any = None,
    where: Any = None,
    sort: Any = None,
    offset: int = 0,
    limit: int = 20,
) -> dict[str, Any]:
    """Return `read_dataframe`'s answer."""
    shown = [_position(reader, name) for name in columns] if columns is not None else list(range(len(reader.columns)))
    limit = min(limit, _PAGE_ROWS)
    total: Any = reader.rows
    if where or sort:
        found, total = _search(reader, _conditions(reader, where or []), _order(reader, sort or []), offset + limit)
        rows = [row for position in found[offset:] for row in reader.read(shown, range(position, position + 1))]
    else:
        rows = reader.read(shown, range(min(offset, reader.rows), min(offset + limit, reader.rows)))
    rows = _fitting(rows, reader.pause)
    answer: dict[str, Any] = {"columns": [reader.columns[each] for each in shown], "rows": rows}
    if total is not None:
        answer["total"] = total
    if rows and (total is None or offset + len(rows) < total):
        answer["next_offset"] = offset + len(rows)
    return answer


def _fitting(rows: list[list[Any]], pause: Callable[[], None]) -> list[list[Any]]:
    """Return the first rows, as many as one answer may carry, and at least one."""
    left = _PAGE_CHARACTERS
    for count, row in enumerate(rows):
        left -= len(json.dumps(row))
        if left < 0:
            return rows[: max(count, 1)]
        pause()
    return rows


def _position(reader: FrameReader, name: str) -> int:
    try:
        return reader.columns.index(name)
    except ValueError:
        known = ", ".join(reader.columns[:_NAMES_SHOWN])
        raise Refused("unknown_column", f"There is no column {name!r}. Columns: {known}.") from None


def _search(
    reader: FrameReader,
    conditions: list[tuple[int, Callable[[Any], bool]]],
    order: list[tuple[int, bool]],
    needed: int,
) -> tuple[list[int], Any]:
    """Return the positions of the first `needed` rows that fit, in order, and how many fit (None if not counted)."""
    if order and needed > _SORTED_ROWS:
        raise Refused(
            "too_large", f"In order, only the first {_SORTED_ROWS} rows can be reached. Narrow them with where."
        )
    columns = [column for column, _ in conditions] + [column for column, _ in order]
    best: list[tuple[int, list[Any]]] = []
    total = 0
    started = time.perf_counter()
    for start in range(0, reader.rows, _CHUNK):
        part = range(start, min(start + _CHUNK, reader.rows))
        for position, cells in zip(part, reader.read(columns, part)):  # noqa: B905  Python 3.9 has no strict
            if all(fits(cell) for cell, (_, fits) in zip(cells, conditions)):  # noqa: B905  Python 3.9 has no strict
                total += 1
                best.append((position, cells[len(conditions) :]))
        for index, (_, descending) in reversed(list(enumerate(order))):
            best.sort(key=lambda row, i=index, d=descending: _sort_key(row[1][i], d), reverse=descending)
        del best[needed:]
        reader.pause()
        if not order and len(best) >= needed and time.perf_counter() - started > _COUNTING_SECONDS:
            return [position for position, _ in best], None
    return [position for position, _ in best], total


def _sort_key(cell: Any, descending: bool) -> tuple[Any, ...]:
    """Return a key that puts nulls last either way, and values of different kinds beside their own."""
    if cell is None:
        return (-1 if descending else 3,)
    if type(cell) is str:
        return (1, cell)
    if type(cell) in (int, float, bool):
        return (0, cell)
    return (2, str(cell))


def _order(reader: FrameReader, sort: list[dict[str, Any]]) -> list[tuple[int, bool]]:
    return [(_position(reader, key["column"]), bool(key.get("descending"))) for key in sort]


def _conditions(reader: FrameReader, where: list[dict[str, Any]]) -> list[tuple[int, Callable[[Any], bool]]]:
    return [(_position(reader, each["column"]), _test(each["op"], each.get("value"))) for each in where]


def _test(op: str, value: Any) -> Callable[[Any], bool]:
    """Return the test that a cell must pass; a null passes `is_null`, `!=` and `not_in` only."""
    if op == "is_null":
        return lambda cell: cell is None
    if op == "not_null":
        return lambda cell: cell is not None
    if op in ("in", "not_in"):
        values: list[Any] = _list_of(op, value)
        return lambda cell: any(_same(cell, each) for each in values) == (op == "in")
    if op in ("=", "!="):
        return lambda cell: _same(cell, value) == (op == "=")
    if op in ("contains", "starts_with"):
        text = str(value)
        return (lambda cell: text in str(cell)) if op == "contains" else (lambda cell: str(cell).startswith(text))
    return _comparison(op, value)


def _list_of(op: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Refused("bad_argument", f"`{op}` wants an array as its value.")
    return cast("list[Any]", value)


def _comparison(op: str, value: Any) -> Callable[[Any], bool]:
    compare: Any = _COMPARISONS.get(op)
    if compare is None:
        raise Refused("bad_argument", f"There is no operator {op!r}; there are {', '.join(_OPERATORS)}.")

    def test(cell: Any) -> bool:
        if cell is None:
            return False
        if _is_number(cell) and _is_number(value):
            return compare(cell, value)
        if type(cell) is str and type(value) is str:
            return compare(cell, _like(cell, value))
        raise Refused("bad_argument", f"{value!r} cannot be compared with {cell!r}: give a value of the column's type.")

    return test


def _same(cell: Any, value: Any) -> bool:
    if type(cell) is str and type(value) is str:
        return cell == _like(cell, value)
    if type(cell) is bool or type(value) is bool:
        return cell is value
    return cell == value


def _like(cell: str, value: str) -> str:
    """Write a date as midnight where the cell is a timestamp."""
    is_date = len(value) == 10 and value[4:5] == "-" and value[7:8] == "-"  # noqa: PLR2004  2024-01-31
    return f"{value}T00:00:00{cell[19:] if cell[19:20] in '+-' else ''}" if is_date and cell[10:11] == "T" else value


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_OPERATORS = ["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "starts_with", "is_null", "not_null"]

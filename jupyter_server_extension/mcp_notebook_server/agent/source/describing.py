"""Figures of a stored frame's columns.

Nulls, least and greatest are exact wherever cells are numbers, times, ordered categories or pyarrow's text. Different
and most frequent cells come from a sample of the rows, and so does all of a column of Python objects, which only their
own code could compare.
"""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING, Any

from .cells import to_cell
from .credentials import names_credential
from .objects import library_member
from .searching import CELLS, PIECE
from .stored_numbers import numpy

if TYPE_CHECKING:
    from .frames import FrameReader

__all__ = ["count_cells", "describe_column"]

_COUNTED = 5000
"""Different values among which the most frequent are looked for."""

_TOP = 3


def describe_column(reader: FrameReader, column: int, sample: Any) -> dict[str, Any]:
    """Return nulls, unique, min, max and top of a column, and `sampled` if all of it is of a sample.

    Args:
        reader: of the frame.
        column: its position.
        sample: the rows that are looked at for what is not exact.
    """
    frame = reader.look()
    numbers, text = frame.numbers(column) is not None, frame.text(column) is not None
    del frame
    if not numbers:
        said = _count_objects(reader, column, sample)
        if text:
            exact = _text_ends(reader, column)
            return exact | {key: said[key] for key in ("unique", "top") if key in said}
        return said | ({"sampled": True} if len(sample) < reader.rows else {})
    return _number_ends(reader, column) | _count_numbers(reader, column, sample)


def _number_ends(reader: FrameReader, column: int) -> dict[str, Any]:
    """Return the exact nulls, least and greatest of a column of numbers."""
    nulls = 0
    ends: dict[str, tuple[Any, Any]] = {}
    for start in range(0, reader.rows, PIECE):
        frame = reader.look()
        numbers: Any = frame.numbers(column)
        values, missing = numbers.get(range(start, min(start + PIECE, reader.rows)))
        count = 0 if missing is None else int(missing.sum())
        nulls += count
        if numbers.ranked and count < len(values):
            for end, place in _find_ends(values, missing).items():
                if end not in ends or _beats(end, values[place], ends[end][0]):
                    ends[end] = (
                        values[place],
                        frame.take(column, reader.columns[column], numpy("array")([start + place]))[0],
                    )
        del frame, numbers, values, missing
        reader.pause()
    return {"nulls": nulls, **{end: cell for end, (_, cell) in ends.items()}}


def _find_ends(values: Any, missing: Any) -> dict[str, int]:
    if missing is None:
        return {"min": int(values.argmin()), "max": int(values.argmax())}
    known = numpy("flatnonzero")(~missing)
    values = values.take(known)
    return {"min": int(known[values.argmin()]), "max": int(known[values.argmax()])}


def _beats(end: str, value: Any, best: Any) -> bool:
    return bool(value < best) if end == "min" else bool(value > best)


def _text_ends(reader: FrameReader, column: int) -> dict[str, Any]:
    """Return the exact nulls, least and greatest of a column of pyarrow's text."""
    nulls = 0
    known: list[str] = []
    compute = library_member("pyarrow", "compute")
    for start in range(0, reader.rows, PIECE):
        text = reader.look().text(column).slice(start, PIECE)
        nulls += text.null_count
        ends = compute.min_max(text)
        known = sorted([*known, *(each for each in (ends["min"].as_py(), ends["max"].as_py()) if each is not None)])
        known = known[:1] + known[-1:]
        del text, ends
        reader.pause()
    secret = names_credential(reader.columns[column])
    return {"nulls": nulls, **{end: to_cell(each, secret=secret) for end, each in zip(("min", "max"), known)}}  # noqa: B905  Python 3.9 has no strict


def _count_numbers(reader: FrameReader, column: int, sample: Any) -> dict[str, Any]:
    """Return how many different cells a sample has, and the most frequent ones."""
    frame = reader.look()
    numbers: Any = frame.numbers(column)
    values, missing = numbers.get(sample)
    places = numpy("arange")(len(values)) if missing is None else numpy("flatnonzero")(~missing)
    _, firsts, counts = numpy("unique")(values.take(places), return_index=True, return_counts=True)
    said: dict[str, Any] = {"unique": len(counts)}
    if values.dtype.kind != "f" and len(counts) <= _COUNTED and len(counts) < len(places):
        order = numpy("argsort")(-counts, kind="stable")[:_TOP]
        rows = numpy("asarray")(sample).take(places.take(firsts.take(order)))
        cells = frame.take(column, reader.columns[column], rows)
        said["top"] = [{"value": cell, "count": int(count)} for cell, count in zip(cells, counts.take(order))]  # noqa: B905  as above
    del frame, numbers
    reader.pause()
    return said


def _count_objects(reader: FrameReader, column: int, sample: Any) -> dict[str, Any]:
    """Return the figures of a sample of a column that is read cell by cell."""
    cells: list[Any] = []
    for start in range(0, len(sample), CELLS):
        frame = reader.look()
        cells += frame.take_plain(column, sample[start : start + CELLS])
        del frame
        reader.pause()
    return count_cells(cells, secret=names_credential(reader.columns[column]))


def count_cells(cells: list[Any], *, secret: bool) -> dict[str, Any]:
    """Return the figures of some cells.

    Args:
        cells: JSON values, or text of any length.
        secret: whether text is hidden.
    """
    known = [cell for cell in cells if cell is not None]
    counts = collections.Counter(known)
    kinds = set(map(type, known))
    said: dict[str, Any] = {"nulls": len(cells) - len(known), "unique": len(counts)}
    if known and (kinds <= {int, float} or kinds == {str}):
        said["min"], said["max"] = (to_cell(end(counts), secret=secret) for end in (min, max))
    if float not in kinds and len(counts) <= _COUNTED and len(counts) < len(known):
        top = counts.most_common(_TOP)
        said["top"] = [{"value": to_cell(value, secret=secret), "count": count} for value, count in top]
    return said

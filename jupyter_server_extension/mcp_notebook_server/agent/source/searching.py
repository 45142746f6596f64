"""Finding the rows of a stored frame that meet conditions, over the whole frame.

Works on numbers and on pyarrow's text, thousands at a time, and cell by cell on all else. Each piece of work is short,
and what is looked at is let go after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .conditions import test_cell, test_numbers
from .credentials import names_credential
from .objects import library_member
from .refusals import Refused
from .stored_numbers import numpy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .frames import Frame, FrameReader

__all__ = ["CELLS", "PIECE", "Condition", "find_matching", "refuse_secret"]

PIECE = 1 << 15
"""Numbers looked at in one piece: about 0.1 ms."""

CELLS = 500
"""Cells looked at in one piece, where they are looked at one by one."""

_TEXT_TESTS = {
    "=": "equal",
    "!=": "equal",
    "in": "equal",
    "not_in": "equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
    "contains": "match_substring",
    "starts_with": "starts_with",
}
"""pyarrow's functions; those that say what must not be are turned round."""


def refuse_secret(name: str) -> None:
    """Refuse to search text that is hidden: answers would tell it letter by letter.

    Raises:
        Refused: kind "bad_argument".
    """
    if names_credential(name):
        raise Refused("bad_argument", f"Column {name!r} is hidden, since it is named like a credential.")


class Condition:
    """One condition on a column.

    Args:
        column: its position.
        name: its name.
        op: as in the contract.
        value: as in the contract.

    Raises:
        Refused: kind "bad_argument".
    """

    def __init__(self, column: int, name: str, op: str, value: Any) -> None:
        self._column = column
        self._name = name
        self._op = op
        self._value = value
        self._test_cell = test_cell(op, value)

    def test_many(self, frame: Frame, rows: range) -> Any:
        """Return which of the rows pass, as an array; None if they have to be asked one by one."""
        numbers = frame.numbers(self._column)
        if numbers is None:
            text = frame.text(self._column)
            return None if text is None else self._test_text(text.slice(rows.start, len(rows)))
        values, nulls = numbers.get(rows)
        if numbers.kind != "choice":
            return test_numbers(self._op, self._value, numbers, self._name)(values, nulls)
        refuse_secret(self._name)
        passing = [self._test_cell(cell) for cell in frame.choices(self._column)]
        return numpy("array")([*passing, self._test_cell(None)]).take(values)  # -1, a null, is the last one

    def test_each(self, frame: Frame, rows: Any) -> Any:
        """Return which of a few rows pass, as an array."""
        refuse_secret(self._name)
        cells = frame.take_plain(self._column, rows)
        return numpy("array")([self._test_cell(cell) for cell in cells], dtype=bool)

    def _test_text(self, text: Any) -> Any:
        refuse_secret(self._name)
        if self._op in ("is_null", "not_null"):
            return text.is_null().to_numpy() == (self._op == "is_null")
        many: list[Any] = cast("list[Any]", self._value) if self._op in ("in", "not_in") else [self._value]
        if not all(type(each) is str for each in many):
            raise Refused("bad_argument", f"Column {self._name!r} is text; {self._value!r} cannot be compared with it.")
        test = library_member("pyarrow", "compute").__dict__[_TEXT_TESTS[self._op]]
        passed = numpy("zeros")(len(text), dtype=bool)
        for each in many:
            passed |= test(text, each).fill_null(False).to_numpy()
        return ~passed if self._op in ("!=", "not_in") else passed


def find_matching(reader: FrameReader, conditions: list[Condition]) -> Iterator[Any]:
    """Yield the positions of the rows that meet all conditions, as one array for each piece of the frame."""
    for start in range(0, reader.rows, PIECE):
        rows = range(start, min(start + PIECE, reader.rows))
        positions = numpy("arange")(rows.start, rows.stop)
        if conditions:
            positions, others = _match_many(reader, conditions, rows, positions)
            for condition in others:
                positions = _match_each(reader, condition, positions)
        yield positions
        reader.pause()


def _match_many(
    reader: FrameReader, conditions: list[Condition], rows: range, positions: Any
) -> tuple[Any, list[Condition]]:
    """Return the positions that pass the quick conditions, and the other conditions."""
    passed: Any = None
    slow: list[Condition] = []
    for condition in conditions:
        frame = reader.look()
        these = condition.test_many(frame, rows)
        del frame
        reader.pause()
        if these is None:
            slow.append(condition)
        else:
            passed = these if passed is None else passed & these
    return positions if passed is None else positions[passed], slow


def _match_each(reader: FrameReader, condition: Condition, positions: Any) -> Any:
    passed = [positions[:0]]
    for start in range(0, len(positions), CELLS):
        part = positions[start : start + CELLS]
        frame = reader.look()
        passed.append(part[condition.test_each(frame, part)])
        del frame
        reader.pause()
    return numpy("concatenate")(passed)

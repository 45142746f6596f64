"""What the conditions of `where` mean: for one cell, and for many numbers at once.

A null passes `is_null`, `!=` and `not_in` only. A value must be of the column's type: text is not compared with
numbers. Refuses to know where cells come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .objects import class_of, library_member, type_name
from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from .stored_numbers import Numbers

__all__ = ["OPERATORS", "check_condition", "number_from", "test_cell", "test_numbers", "to_nanoseconds"]

OPERATORS = ("=", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "starts_with", "is_null", "not_null")
_ABOUT_NULLS = ("is_null", "not_null")
_TIME_ZONES = ("datetime", "zoneinfo", "pytz", "dateutil", "pandas")
_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "D": 86_400 * 10**9}

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_BETWEEN = {"<": "<=", ">=": ">"}
"""Where the value lies between two of the column's steps: compared with the lower one."""


def check_condition(op: str, value: Any) -> None:
    """Check what does not depend on the column.

    Raises:
        Refused: kind "bad_argument".
    """
    if op not in OPERATORS:
        raise Refused("bad_argument", f"There is no operator {op!r}; there are {', '.join(OPERATORS)}.")
    if op in ("in", "not_in") and class_of(value) is not list:
        raise Refused("bad_argument", f"`{op}` wants an array as its value.")
    if op in ("contains", "starts_with") and type(value) is not str:
        raise Refused("bad_argument", f"`{op}` wants text as its value.")


def test_cell(op: str, value: Any) -> Callable[[Any], bool]:
    """Return the test that a cell, as a JSON value, must pass.

    Raises:
        Refused: kind "bad_argument".
    """
    check_condition(op, value)
    if op in _ABOUT_NULLS:
        return lambda cell: (cell is None) == (op == "is_null")
    if op in ("in", "not_in"):
        values = cast("list[Any]", value)
        return lambda cell: any(_same(cell, each) for each in values) == (op == "in")
    if op in ("=", "!="):
        return lambda cell: _same(cell, value) == (op == "=")
    if op == "contains":
        return lambda cell: cell is not None and value in str(cell)
    if op == "starts_with":
        return lambda cell: cell is not None and str(cell).startswith(value)
    return lambda cell: cell is not None and _compare_cell(op, cell, value)


def _compare_cell(op: str, cell: Any, value: Any) -> bool:
    if (_is_number(cell) and _is_number(value)) or (type(cell) is str and type(value) is str):
        return _COMPARISONS[op](cell, value)
    raise Refused("bad_argument", f"{value!r} cannot be compared with {cell!r}: give a value of the column's type.")


def _same(cell: Any, value: Any) -> bool:
    if type(cell) is bool or type(value) is bool:
        return cell is value
    return cell == value


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def test_numbers(op: str, value: Any, numbers: Numbers, name: str) -> Callable[[Any, Any], Any]:
    """Return the test for many numbers of a kind other than "choice".

    Args:
        op: of the condition.
        value: of the condition.
        numbers: the column, for its kind.
        name: the column's, for sentences.

    Returns:
        A function of the numbers and of which are null (or None), which returns which pass.

    Raises:
        Refused: kind "bad_argument", for a value that is not of the column's type.
    """
    check_condition(op, value)
    if op in _ABOUT_NULLS:
        return lambda values, nulls: _nulls(values, nulls) == (op == "is_null")
    if op in ("contains", "starts_with"):
        raise Refused("bad_argument", f"`{op}` is for text; column {name!r} is {_KINDS[numbers.kind]}.")
    many = cast("list[Any]", value) if op in ("in", "not_in") else [value]
    operands = [_operand(each, numbers, name) for each in many]
    equal = {"in": "=", "not_in": "=", "!=": "="}.get(op, op)

    def test(values: Any, nulls: Any) -> Any:
        passed = values != values  # noqa: PLR0124  none yet
        for low, exact in operands:
            if exact or equal != "=":
                passed |= _COMPARISONS[equal if exact else _BETWEEN.get(equal, equal)](values, low)
        if nulls is not None:
            passed &= ~nulls
        return ~passed if op in ("!=", "not_in") else passed

    return test


_KINDS = {"flag": "true or false", "number": "numbers", "time": "times"}


def _nulls(values: Any, nulls: Any) -> Any:
    return nulls if nulls is not None else values != values  # noqa: PLR0124  no number of a column without nulls does


def _operand(value: Any, numbers: Numbers, name: str) -> tuple[Any, bool]:
    """Return a number to compare with, and whether it is exactly the value or the next lower step."""
    if numbers.kind == "time" and type(value) is str:
        return _time_operand(value, numbers, name)
    if numbers.kind == "flag" and type(value) is bool:
        return value, True
    number = number_from(value) if numbers.kind == "number" else None
    if number is None:
        raise Refused(
            "bad_argument", f"{value!r} cannot be compared with column {name!r}, which is {_KINDS[numbers.kind]}."
        )
    return number, True


def number_from(value: Any) -> Any:
    """Return a number, also if it comes as text, as those do that JSON cannot carry; None if it is none."""
    if _is_number(value):
        return value
    for parse in (int, float):
        try:
            return parse(value) if type(value) is str else None
        except ValueError:
            continue
    return None


def _time_operand(text: str, numbers: Numbers, name: str) -> tuple[int, bool]:
    make = library_member("pandas", numbers.maker)
    try:
        if numbers.maker == "Period":
            return make(text, freq=numbers.dtype.freq).ordinal, True
        moment = make(text)
        if numbers.maker == "Timestamp":
            moment = _in_zone(moment, getattr(numbers.dtype, "tz", None), name)
        step = _UNITS[_unit(numbers.dtype)]
        return divmod(to_nanoseconds(moment), step)[0], to_nanoseconds(moment) % step == 0
    except (ValueError, TypeError, OverflowError, AttributeError):
        kind = {"Timestamp": "a time", "Timedelta": "a duration"}.get(numbers.maker, "a period")
        raise Refused("bad_argument", f"{text!r} is not {kind} to compare column {name!r} with.") from None


def to_nanoseconds(moment: Any) -> int:
    """Return pandas' Timestamp or Timedelta as nanoseconds, exactly."""
    return moment.as_unit("ns")._value  # noqa: SLF001  `value` warns on some lines of pandas


def _unit(dtype: Any) -> str:
    return getattr(dtype, "unit", None) or library_member("numpy", "datetime_data")(dtype)[0]


def _in_zone(moment: Any, zone: Any, name: str) -> Any:
    """Return the moment as the column keeps it; without a zone of its own it is meant in the column's."""
    if zone is None:
        if moment.tzinfo is not None:
            raise Refused("bad_argument", f"Column {name!r} has no time zone: give a time without one.")
        return moment
    if type_name(type(zone)).partition(".")[0] not in _TIME_ZONES:
        raise Refused("bad_argument", f"The time zone of column {name!r} is the person's own code. Use execute_code.")
    return moment if moment.tzinfo is not None else moment.tz_localize(zone)

"""The person's single values as what Arrow has a type for. Knows scalars; refuses to know columns and frames.

Nothing here asks a value of an unknown class anything: such a value becomes the text that `read_dataframe` shows.
"""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
import operator
from typing import Any

from .cells import to_cell
from .objects import class_of, library_class
from .rendering import clean

__all__ = ["to_arrow_array", "to_plain_values"]

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
_AS_THEY_ARE = (bool, bytes, dt.date, dt.timedelta, decimal.Decimal)
_TIMES = (dt.datetime, dt.time)
_NUMPY_NUMBERS = frozenset(
    "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 float32 float64".split()  # noqa: SIM905  shorter
)


def to_plain_values(values: list[Any]) -> list[Any]:
    """Return values of built-in types with the same meaning; missing values become None.

    Texts only, the usual case, are taken as they are: they are compared by class without asking any class.
    """
    classes: Any = map(class_of, values)
    if all(map(operator.is_, classes, itertools.repeat(str))):
        return values
    return [_to_plain_value(value) for value in values]


def _to_plain_value(value: Any) -> Any:  # noqa: PLR0911  one for each kind of value
    cls = class_of(value)
    if cls is str:
        return clean(value)
    if cls is float:
        return None if value != value else value  # noqa: PLR0124  NaN is the one float that differs from itself
    if value is None:
        return None
    if cls is int:
        return value if _SMALLEST <= value <= _LARGEST else str(value)
    if any(cls is each for each in _AS_THEY_ARE) or (any(cls is each for each in _TIMES) and value.tzinfo is None):
        return value
    if library_class(value, "numpy") in _NUMPY_NUMBERS:
        return _to_plain_value(value.item())
    return to_cell(value)


def to_arrow_array(pyarrow: Any, values: list[Any]) -> Any:
    """Return an Arrow array of plain values: of their common type if they have one, else of their texts."""
    try:
        return pyarrow.array(values)
    except (ValueError, TypeError, OverflowError):  # Arrow's own errors are ValueErrors and TypeErrors
        return pyarrow.array([None if value is None else clean(str(value)) for value in values], pyarrow.string())

"""The cells of a dataframe as JSON values.

None, NaN, NaT and NA become null; timestamps and durations text; whole numbers beyond 2**53, which many JSON readers
round, text; infinities text; long text is cut; all else is a preview. Whatever looks like a credential is hidden.
"""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

from .credentials import HIDDEN, hide_credentials
from .objects import class_of, find_base
from .rendering import clean, preview
from .scalars import find_scalar_text, is_missing, render_time

__all__ = ["CELL_CHARACTERS", "to_cell", "to_cells"]

CELL_CHARACTERS = 500
_EXACT = 2**53
_PLAIN = (dt.date, dt.timedelta, decimal.Decimal)


def to_cells(values: list[Any], *, secret: bool = False) -> list[Any]:
    """Return JSON values; `secret` hides text, for a column with the name of a credential."""
    return [to_cell(value, secret=secret) for value in values]


def to_cell(value: Any, *, secret: bool = False) -> Any:  # noqa: PLR0911  one for each kind of value
    """Return one JSON value."""
    cls = class_of(value)
    if cls is float and value - value == 0.0:  # the usual case first: a finite number
        return value
    if value is None or cls is bool:
        return value
    base = find_base(cls)
    if base is float:
        return _float_cell(float.__add__(value, 0.0))
    if base is int:
        whole = int.__add__(value, 0)
        return whole if -_EXACT <= whole <= _EXACT else preview(whole)
    if base is str:
        return HIDDEN if secret else _text_cell(value)
    if cls is dt.datetime or cls is dt.time:
        return render_time(value)
    if any(cls is each for each in _PLAIN):
        return str(value)
    if is_missing(value):
        return None
    return (find_scalar_text(value) if base is None else "") or preview(value, "secret" if secret else "")


def _float_cell(value: float) -> Any:
    if value != value:  # noqa: PLR0124  NaN is the one float that differs from itself
        return None
    if value in (float("inf"), float("-inf")):
        return str(value)
    return value


def _text_cell(value: str) -> str:
    text = str.__getitem__(value, slice(CELL_CHARACTERS))
    text = clean(hide_credentials(text))
    return text + "..." if str.__len__(value) > CELL_CHARACTERS else text

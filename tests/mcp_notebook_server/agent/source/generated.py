"""Dataframes that hypothesis makes, and what pandas says they are; the agent has no part in it."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = "row"
"""A column that counts the rows; what is found is told by it."""

WORDS = ["", "a", "b", "ab", "Zoë", "x y", "*", "a.b"]
MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1))  # noqa: DTZ001  zones are put on later
WHOLE = st.integers(-(2**62), 2**62) | st.integers(-3, 3)
FLOATS = st.floats(width=32) | st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf")])
TEXT = st.sampled_from(WORDS) | st.text(st.characters(codec="utf-8"), max_size=3)

_OSLO = zoneinfo.ZoneInfo("Europe/Oslo")


def _zoned(values: list[Any]) -> Any:
    return (
        pd.Series(pd.to_datetime(pd.Series(values, dtype="datetime64[us]"))).dt.tz_localize("UTC").dt.tz_convert(_OSLO)
    )


def _ordered(values: list[Any]) -> Any:
    return pd.Categorical(values, categories=[*WORDS[::-1]], ordered=True)


KINDS: dict[str, tuple[Any, bool, Callable[[list[Any]], Any]]] = {
    "whole": (WHOLE, False, lambda values: np.array(values, dtype="i8")),
    "byte": (st.integers(0, 255), False, lambda values: np.array(values, dtype="u1")),
    "positive": (st.integers(0, 2**64 - 1), False, lambda values: np.array(values, dtype="u8")),
    "float": (FLOATS, False, lambda values: np.array(values, dtype="f8")),
    "short float": (FLOATS, False, lambda values: np.array(values, dtype="f4")),
    "flag": (st.booleans(), False, lambda values: np.array(values, dtype=bool)),
    "nullable": (WHOLE, True, lambda values: pd.array(values, dtype="Int64")),
    "nullable float": (FLOATS, True, lambda values: pd.array(values, dtype="Float64")),
    "nullable flag": (st.booleans(), True, lambda values: pd.array(values, dtype="boolean")),
    "text": (TEXT, True, lambda values: pd.array(values, dtype="str")),
    "objects": (TEXT, True, lambda values: pd.Series(values, dtype=object)),
    "choice": (st.sampled_from(WORDS), True, _ordered),
    "moment": (MOMENTS, True, lambda values: pd.Series(values, dtype="datetime64[us]")),
    "zoned": (MOMENTS, True, _zoned),
    "span": (st.timedeltas(dt.timedelta(-9), dt.timedelta(9)), True, lambda v: pd.Series(v, dtype="timedelta64[us]")),
}
"""By name: the values, whether some may be missing, and how pandas makes a column of them."""

UNORDERED: dict[str, tuple[Any, bool, Callable[[list[Any]], Any]]] = {
    "nested": (st.lists(st.integers(0, 9), max_size=2), True, lambda values: pd.Series(values, dtype=object)),
    "complex": (st.complex_numbers(max_magnitude=9), False, lambda values: np.array(values, dtype="c16")),
    "interval": (st.integers(0, 9), False, lambda v: pd.arrays.IntervalArray.from_arrays(v, [each + 1 for each in v])),
    "sparse": (st.integers(0, 3), False, pd.arrays.SparseArray),
}
"""Those that can be paged, but neither compared nor sorted."""


@st.composite
def frames(draw: Any, kinds: dict[str, Any], width: int = 4) -> pd.DataFrame:
    """Frames with a column of each drawn kind, named by it, and one that counts the rows."""
    rows = draw(st.integers(0, 12))
    chosen = draw(st.lists(st.sampled_from(sorted(kinds)), min_size=1, max_size=width, unique=True))
    made = {ROWS: range(rows)}
    for name in chosen:
        values, missing, make = kinds[name]
        made[name] = make(draw(st.lists(st.none() | values if missing else values, min_size=rows, max_size=rows)))
    return pd.DataFrame(made)


def to_cell(value: Any) -> Any:  # noqa: PLR0911  one for each kind
    """Return what a host should see of one of pandas' values."""
    if isinstance(value, list):
        return str(value)
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value) if abs(int(value)) <= 2**53 else str(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else str(value)
    return value if isinstance(value, str) else str(value)


def to_time(text: Any) -> Any:
    """Times are compared as times: numpy leaves zeros out that pandas writes."""
    try:
        return pd.Timestamp(text) if isinstance(text, str) and text[4:5] == "-" and "T" in text else text
    except ValueError:
        return text

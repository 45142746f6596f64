"""A person's Python object as a JSON value.

Knows what people have in notebooks: data frames of every library (as records), arrays, dates, paths, models. Recognises
them without importing their libraries. Refuses to guess: an object with no evident JSON form is a `TypeError`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import math
import os
import uuid
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from typing import Any, cast

__all__ = ["to_json"]


def to_json(value: Any) -> Any:
    """Give a JSON value (None, bool, int, float, str, list, dict) for a Python object.

    Args:
        value: the object. A data frame becomes a list of records; its missing values become None.

    Raises:
        TypeError: there is no evident JSON form, or a number is NaN or infinite.
    """
    if value is None or type(value) in {bool, int} or (type(value) is float and math.isfinite(value)):
        return value
    for kind, convert in _FORMS:
        if isinstance(value, kind):
            return convert(value)
    return _library_object_to_json(value)


def _moment_to_json(value: Any) -> str | None:
    return None if type(value).__name__ == "NaTType" else value.isoformat()  # pandas' NaT counts as a datetime


def _text_to_json(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = value[error.start]
        raise TypeError(f"it has half a character, {half!r}, at position {error.start}") from None
    return str(value)


def _number_to_json(value: float) -> float:
    if not math.isfinite(value):  # the SDK would send null
        raise TypeError(f"it has {value}, for which JSON has no word; replace it, for example by None")
    return float(value)


# The first that fits; subclasses of numbers and text, such as numpy.float64, lose what JSON has no word for.
_FORMS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda value: to_json(value.value)),
    (str, _text_to_json),
    (int, int),
    (float, _number_to_json),
    (Mapping, lambda value: {str(key): to_json(one) for key, one in value.items()}),
    ((list, tuple, AbstractSet), lambda value: [to_json(one) for one in value]),
    ((dt.date, dt.time), _moment_to_json),
    (dt.timedelta, dt.timedelta.total_seconds),
    (os.PathLike, os.fspath),
    (uuid.UUID, str),
    (Decimal, lambda value: _number_to_json(float(value))),
)


def _library_object_to_json(value: Any) -> Any:
    if hasattr(value, "model_dump"):  # pydantic
        return value.model_dump(mode="json")
    if hasattr(value, "tolist") and hasattr(value, "dtype") and not hasattr(value, "index"):  # numpy, not pandas
        return to_json(value.tolist())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    return _frame_to_json(value)


def _frame_to_json(value: Any) -> Any:
    import narwhals as nw  # noqa: PLC0415  not before somebody passes an object that nothing above knows

    frame: Any = nw.from_native(value, pass_through=True, eager_only=True, allow_series=True)
    if isinstance(frame, nw.DataFrame):
        rows = cast("list[dict[Any, Any]]", frame.rows(named=True))
        return [{str(name): _missing_to_none(one) for name, one in row.items()} for row in rows]
    if isinstance(frame, nw.Series):
        return [_missing_to_none(one) for one in frame.to_list()]
    raise TypeError(f"a {type(value).__name__} has no evident JSON form; pass numbers, text, lists or dicts")


def _missing_to_none(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if type(value).__name__ == "NAType" else to_json(value)

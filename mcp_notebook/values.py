"""A person's Python object as a JSON value.

Knows what people have in notebooks: data frames of every library (as records), arrays, dates, paths, models. Recognises
them without importing their libraries. Refuses to guess: an object with no evident JSON form is a `TypeError`.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import math
import os
import uuid
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any, cast

__all__ = ["to_json"]


def to_json(value: Any) -> Any:
    """Give a JSON value (None, bool, int, float, str, list, dict) for a Python object.

    Args:
        value: the object. A data frame becomes a list of records; its missing values become None.

    Raises:
        TypeError: there is no evident JSON form.
    """
    if value is None or type(value) in {bool, int, float, str}:
        return value
    if isinstance(value, enum.Enum):
        return to_json(value.value)
    if isinstance(value, Mapping):
        return {str(key): to_json(one) for key, one in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple | Set):
        return [to_json(one) for one in cast("list[Any]", value)]
    return _scalar_to_json(value)


def _scalar_to_json(value: Any) -> Any:
    if isinstance(value, bool | int | float | str):  # a subclass, such as numpy.float64
        return next(kind(value) for kind in (int, float, str) if isinstance(value, kind))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return None if value != value else value.isoformat()  # noqa: PLR0124  only pandas.NaT differs from itself
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, os.PathLike):
        return os.fspath(cast("os.PathLike[str]", value))
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    return _library_object_to_json(value)


def _library_object_to_json(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "model_dump"):  # pydantic
        return value.model_dump(mode="json")
    if hasattr(value, "tolist") and hasattr(value, "dtype") and not hasattr(value, "index"):  # numpy
        return to_json(value.tolist())
    return _frame_to_json(value)


def _frame_to_json(value: Any) -> Any:
    import narwhals as nw  # noqa: PLC0415  not before somebody passes an object that nothing above knows

    frame: Any = nw.from_native(value, pass_through=True, eager_only=True, allow_series=True)
    if isinstance(frame, nw.DataFrame):
        return [
            {str(name): _missing_to_none(one) for name, one in cast("dict[Any, Any]", row).items()}
            for row in frame.rows(named=True)
        ]
    if isinstance(frame, nw.Series):
        return [_missing_to_none(one) for one in frame.to_list()]
    raise TypeError(f"a {type(value).__name__} has no evident JSON form; pass numbers, text, lists or dicts")


def _missing_to_none(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if type(value).__name__ == "NAType" else to_json(value)

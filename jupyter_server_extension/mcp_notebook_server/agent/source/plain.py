"""Single values of the standard library and of numpy and pandas, as text. Refuses to know what is built of parts."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import ipaddress
import pathlib
import re
import sys
import types
import uuid
from typing import Any

from .callables import find_callable_text
from .objects import by_id, class_of
from .scalars import find_scalar_text, render_time

__all__ = ["find_plain_text"]

_CHARACTERS = 1000
_LARGE = 1000
"""Bytes of a number beyond which it is not written."""

_REPR = by_id(
    type(None), bool, float, complex, type(...), type(NotImplemented), range, dt.date, dt.timedelta, dt.timezone
)
_STR = by_id(
    uuid.UUID,
    pathlib.PosixPath,
    pathlib.WindowsPath,
    pathlib.PurePosixPath,
    pathlib.PureWindowsPath,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)
_RUNNING = by_id(types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType)
_pattern_of: Any = re.Pattern.__dict__["pattern"]


def find_plain_text(value: Any) -> str:  # noqa: PLR0911  one for each kind of value
    """Return the text of a value, as `repr` or `str` would give it where they are safe; "" if it is none of these."""
    cls = class_of(value)
    if id(cls) in _REPR:
        return repr(value)
    if cls is dt.datetime or cls is dt.time:
        return render_time(value)
    if id(cls) in _STR:
        return str(value)[:_CHARACTERS]
    if cls is decimal.Decimal or cls is fractions.Fraction:
        large = sys.getsizeof(value) >= _LARGE or (cls is fractions.Fraction and _is_large(value))
        return f"<{cls.__name__} of many digits>" if large else str(value)
    if cls is re.Pattern:
        text = _pattern_of.__get__(value)
        return f"re.compile({text[:_CHARACTERS]!r})" if type(text) is str else "<re.Pattern>"
    if id(cls) in _RUNNING:
        return f"<{cls.__name__} {value.__name__}>"
    return find_callable_text(value, full=False) or find_scalar_text(value)


def _is_large(value: fractions.Fraction) -> bool:
    return sys.getsizeof(value.numerator) + sys.getsizeof(value.denominator) > _LARGE

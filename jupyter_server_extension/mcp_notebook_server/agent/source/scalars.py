"""Single values of the standard library, numpy and pandas, as text. Refuses to know containers."""

from __future__ import annotations

from typing import Any

from .objects import class_of, library_class, library_member, library_of, type_name

__all__ = ["find_scalar_text", "is_missing", "render_time"]

_NUMPY = frozenset(
    "bool bool_ int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc longlong uintc ulonglong float16 float32 "  # noqa: SIM905  shorter
    "longdouble complex64 datetime64 timedelta64".split()
)
_PANDAS = frozenset(["Timedelta", "Period", "Interval"])
_TIME_ZONES = frozenset(["datetime", "zoneinfo", "pytz", "dateutil", "pandas"])


def is_missing(value: Any) -> bool:
    """Whether the value is pandas' NA or NaT."""
    return value is library_member("pandas", "NaT") or value is library_member("pandas", "NA")


def find_scalar_text(value: Any) -> str:
    """Return the text of a value of numpy or pandas; "" if it is none that is known."""
    library = library_of(class_of(value))
    if library == "numpy":
        return str(value) if library_class(value, "numpy") in _NUMPY else ""
    if library != "pandas":
        return ""
    name = library_class(value, "pandas")
    if name == "Timestamp":
        return render_time(value)
    if name in _PANDAS:
        return str(value)
    return str(value) if is_missing(value) else ""


def render_time(value: Any) -> str:
    """Return a datetime, time or Timestamp in ISO form; a time zone of the person's own is code and is only named."""
    zone = value.tzinfo
    if zone is None or type_name(type(zone)).partition(".")[0] in _TIME_ZONES:
        return value.isoformat()
    return f"{value.replace(tzinfo=None).isoformat()} <{type_name(type(zone))}>"

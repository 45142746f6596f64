"""Writing a value as text: bounded in characters, items and depth, and running none of the person's code.

Knows how each type that can be read is written, in the words of `repr`. What it does not know it writes as `<Type>`.
"""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import pathlib
import sys
import types
import uuid
from typing import Any

from .arrays import elements_readable, is_array, summarize_array
from .credentials import HIDDEN, hide_credentials, names_credential
from .objects import class_of, count_items, find_base, first_items, is_class, type_name
from .scalars import find_scalar_text, render_time

__all__ = ["PREVIEW", "Pen", "clean", "preview", "render", "render_text", "write"]

PREVIEW = 80
"""Characters of a preview."""

_DEPTH = 6
_ARRAY_ITEMS = 6
_INT_BITS = 1000
_MARGIN = 300
"""Characters looked at beyond those shown, so that a credential is not recognised only because it is cut."""

_PLAIN = (type(None), bool, float, complex, type(...), type(NotImplemented), range, dt.date, dt.timedelta)
_STANDARD = (uuid.UUID, fractions.Fraction, pathlib.PosixPath, pathlib.WindowsPath, pathlib.PurePosixPath)
_CALLABLES = (types.FunctionType, types.BuiltinFunctionType)
_BRACKETS = {dict: "{}", list: "[]", tuple: "()", set: "{}", frozenset: ("({", "})")}


class Pen:
    """Writes until its ink is used up.

    Args:
        characters: how many it may write.
        items: how many values it may look at.
        elements: whether it may touch elements of arrays.
    """

    def __init__(self, characters: int, items: int = 400, *, elements: bool = True) -> None:
        self._parts: list[str] = []
        self.left = characters
        self.items = items
        self.elements = elements
        self.inside: list[int] = []
        """Ids of the containers around what is being written."""
        self.truncated = False

    def write(self, text: str) -> None:
        """Write, or as much as fits."""
        if len(text) > self.left:
            text = text[: self.left]
            self.truncated = True
        self._parts.append(text)
        self.left -= len(text)

    def skip(self) -> None:
        """Write that something is left out."""
        self.truncated = True
        self.write("...")

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)


def clean(text: str) -> str:
    """Return text that can be sent: lone surrogates are written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def preview(value: Any, name: str = "") -> str:
    """Return one short line.

    Args:
        value: of the person's.
        name: what it is kept under; text under the name of a credential is hidden.
    """
    pen = Pen(PREVIEW, items=30, elements=False)
    write(value, pen, secret=names_credential(name))
    return pen.text[:-3] + "..." if pen.truncated and not pen.text.endswith("...") else pen.text


def render(value: Any, characters: int, name: str = "") -> tuple[str, bool]:
    """Return the text of a value, and whether something was left out."""
    pen = Pen(characters)
    secret = names_credential(name)
    if find_base(type(value)) is str and not secret:  # long text is read as text, not as a literal
        return render_text(value, characters)
    write(value, pen, secret=secret)
    return pen.text, pen.truncated


def render_text(value: str, characters: int) -> tuple[str, bool]:
    """Return the text in a string, without credentials, and whether it was cut."""
    length = str.__len__(value)
    text = clean(hide_credentials(str.__getitem__(value, slice(characters + _MARGIN))))
    return text[:characters], length > characters


def write(value: Any, pen: Pen, *, secret: bool = False) -> None:
    """Write a value.

    Args:
        value: of the person's.
        pen: what to write with.
        secret: whether strings in it are hidden.
    """
    pen.items -= 1
    if pen.items < 0 or pen.left <= 0:
        pen.skip()
        return
    base = find_base(class_of(value))
    if base in _BRACKETS:
        _write_container(base, value, pen, secret=secret)
    elif base is not None:
        _write_atom(base, value, pen, secret=secret)
    else:
        pen.write(_render_known(class_of(value), value, elements=pen.elements))


def _write_atom(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    if class_of(value) is bool:
        pen.write(repr(value))
    elif base is int:
        bits = int.bit_length(value)
        pen.write(int.__repr__(value) if bits <= _INT_BITS else f"<int of {bits} bits>")
    elif base is float:
        pen.write(float.__repr__(value))
    elif secret:
        pen.write(repr(HIDDEN))
    else:
        _write_string(base, value, pen)


def _write_string(base: Any, value: Any, pen: Pen) -> None:
    part = base.__getitem__(value, slice(max(pen.left, 0) + _MARGIN))
    shown = repr(hide_credentials(part)) if base is str else hide_credentials(repr(part))
    if base.__len__(value) > pen.left:
        shown = shown[: max(pen.left - 3, 0)]
        pen.write(shown)
        pen.skip()
    else:
        pen.write(shown)


def _write_container(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    if id(value) in pen.inside:  # it contains itself
        pen.write("...")
        return
    opening, closing = _brackets(base, class_of(value), count_items(base, value))
    pen.write(opening)
    if len(pen.inside) < _DEPTH:
        pen.inside.append(id(value))
        _write_items(base, value, pen, secret=secret)
        pen.inside.pop()
    else:
        pen.skip()
    pen.write(closing)


def _brackets(base: Any, cls: Any, count: int) -> tuple[str, str]:
    if count == 0 and base in (set, frozenset):
        return f"{type_name(cls)}(", ")"
    opening, closing = _BRACKETS[base]
    if base is tuple and count == 1:
        closing = ",)"
    return ("" if cls is base and cls is not frozenset else type_name(cls)) + opening, closing


def _write_items(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    written = 0
    for item in first_items(base, value, max(pen.items, 0) + 1):
        if written:
            pen.write(", ")
        if pen.items <= 0 or pen.left <= 0:
            break
        if base is dict:
            _write_pair(item, pen, secret=secret)
        else:
            write(item, pen, secret=secret)
        written += 1
    if written < count_items(base, value):
        pen.skip()


def _write_pair(pair: Any, pen: Pen, *, secret: bool) -> None:
    key, value = pair
    write(key, pen)
    pen.write(": ")
    write(value, pen, secret=secret or (class_of(key) is str and names_credential(key)))


def _render_known(cls: Any, value: Any, *, elements: bool) -> str:  # noqa: PLR0911  one for each kind of value
    """Return the text of a value that is no container, as `repr` or `str` would give it where they are safe."""
    if any(cls is each for each in _PLAIN):
        return repr(value)
    if cls is dt.datetime or cls is dt.time:
        return render_time(value)
    if any(cls is each for each in _STANDARD):
        return str(value)[:1000]
    if cls is decimal.Decimal:
        return str(value) if sys.getsizeof(value) < 1000 else "<Decimal of many digits>"  # noqa: PLR2004  bytes
    if any(cls is each for each in _CALLABLES):
        return f"<function {value.__name__}>"
    if is_class(value):
        return f"<class {type_name(value)}>"
    if is_array(value):
        return _render_array(value, elements=elements)
    return find_scalar_text(value) or f"<{type_name(cls)}>"


def _render_array(array: Any, *, elements: bool) -> str:
    shape, _, dtype = summarize_array(array)
    head = f"{dtype} array of shape {tuple(shape)}"
    if not elements or array.size == 0 or array.dtype.kind not in "biufc" or not elements_readable(array):
        return head
    items = ", ".join(repr(array.item(each)) for each in range(min(array.size, _ARRAY_ITEMS)))
    return f"{head}: {items}{', ...' if array.size > _ARRAY_ITEMS else ''}"

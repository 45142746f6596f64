"""Writing a value as text: bounded in characters, items and depth, and running none of the person's code.

Knows how each type that can be read is written, in the words of `repr`. What it does not know it writes as `<Type>`.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Any

from .arrays import ArrayLook, is_array, look_at_array
from .credentials import HIDDEN, has_hint, hide_credentials, names_credential
from .flat import find_flat_text, is_number
from .known import find_known
from .objects import class_of, count_items, find_base, is_class, is_made_at_run_time, type_name
from .parts import first_parts
from .pens import Pen
from .plain import find_plain_text
from .records import Record, find_record
from .withheld import is_withheld, resembles_environment

__all__ = ["PREVIEW", "clean", "preview", "render", "write"]

PREVIEW = 80
"""Characters of a preview."""

_DEPTH = 6
_ITEMS = 120
_PREVIEW_ITEMS = 8
_FLAT = 60
"""So many items of a container are written at once if they are simple."""

_FLAT_DEPTH = 2
_DEEPEST_ITEMS = 8
"""At that depth; nothing is shown of what these contain."""

_KEY = 40
_ARRAY_ITEMS = 20
_ROWS_ITEMS = 100
"""Elements of an array that is written whole, row by row."""

_INT_BITS = 1000
_MARGIN = 300
"""Characters looked at beyond those shown, so that a credential is not recognised only because it is cut."""

_BRACKETS = {dict: "{}", list: "[]", tuple: "()", set: "{}", frozenset: ("({", "})"), deque: ("([", "])")}


def clean(text: str) -> str:
    """Return text that can be sent: lone surrogates are written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def preview(value: Any, name: str = "", withheld: set[int] | None = None) -> str:
    """Return one short line.

    Args:
        value: of the person's.
        name: what it is kept under; text under the name of a credential is hidden.
        withheld: as of `withheld_ids`, for one who asks of many values; None to find them anew.
    """
    if is_number(value) or value is None:
        return repr(value)
    cls = class_of(value)
    if cls is ArrayLook and len(text := _describe_array(value)) <= PREVIEW:
        return text  # this and what follows as below, in a third of the time
    secret = names_credential(name)
    if cls is str and not secret and len(value) <= PREVIEW:
        text = repr(value)
        if len(text) <= PREVIEW and not has_hint(text):
            return text
    if not secret and (cls is list or cls is tuple or cls is dict):
        flat = find_flat_text(list, [value], _FLAT_DEPTH, _PREVIEW_ITEMS, withheld)
        if flat is not None and len(flat[0]) <= PREVIEW:
            return flat[0]
    pen = Pen(PREVIEW, items=_PREVIEW_ITEMS, elements=False, withheld=withheld)
    write(value, pen, secret=secret)
    return pen.text[:-3] + "..." if pen.truncated and not pen.text.endswith("...") else pen.text


def render(value: Any, characters: int, name: str, withheld: set[int]) -> tuple[str, bool, set[str]]:
    """Return the text of a value, whether something was left out, and the fields that the text says in full.

    Args:
        value: of the person's.
        characters: of the text.
        name: what it is kept under.
        withheld: as of `withheld_ids`.
    """
    secret = names_credential(name)
    if find_base(type(value)) is str and not secret:  # long text is read as text, not as a literal
        text = clean(hide_credentials(str.__getitem__(value, slice(characters + _MARGIN))))
        return text[:characters], str.__len__(value) > characters, set()
    pen = Pen(characters, _ITEMS, withheld=withheld)
    write(value, pen, secret=secret)
    return pen.text, pen.truncated, set() if pen.truncated else pen.told


def write(value: Any, pen: Pen, *, secret: bool = False) -> None:
    """Write a value.

    Args:
        value: of the person's.
        pen: what to write with.
        secret: whether text in it is hidden.
    """
    if not pen.take():
        return
    cls = class_of(value)
    if cls is str or cls is int or cls is float or cls is bool or value is None:  # most values, and quickly
        _write_atom(cls, value, pen, secret=secret)
        return
    if is_withheld(value, pen.withheld):
        pen.write("<module>" if type_name(cls) == "module" else "<not shown>")
        return
    base = find_base(cls)
    if base is None and (cls is ArrayLook or is_array(value)):
        _write_array(value if cls is ArrayLook else look_at_array(value), pen, secret=secret)
        return
    plain = find_plain_text(value) if base is None else ""
    atom = base is cls or (base is float and not is_made_at_run_time(cls))  # numpy's, too
    record = None if plain or atom else find_record(value)
    if plain:  # as `repr` or `str` would where they are safe
        pen.write(clean(hide_credentials(plain)))
    elif record is not None:
        _write_record(value, record, pen, secret=secret)
    elif base in _BRACKETS:
        _write_container(base, value, pen, secret=secret)
    elif base is not None:
        _write_atom(base, value, pen, secret=secret)
    else:
        _write_other(cls, value, pen)


def _write_other(cls: Any, value: Any, pen: Pen) -> None:
    """Write what is neither built of parts nor of the basic types."""
    known = None if is_class(value) else find_known(value)
    pen.write(f"<{type_name(cls)}: {known.text}>" if known is not None else f"<{type_name(cls)}>")


def _write_atom(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    if value is None or class_of(value) is bool:
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
    if base is str:
        shown = repr(hide_credentials(part))
    else:  # bytes are looked through as text: what comes before a credential in their `repr` could be an escape
        shown = repr(base(hide_credentials(part.decode("latin-1")).encode("latin-1")))
    if base.__len__(value) > pen.left:
        shown = shown[: max(pen.left - 3, 0)]
        pen.write(shown)
        pen.skip()
    else:
        pen.write(shown)


def _write_container(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    opening, closing = _brackets(base, class_of(value), count_items(base, value))
    if not pen.enter(value, f"{opening}<cycle>{closing}"):
        return
    if pen.depth > _DEPTH:
        pen.skip(f"{opening}...{closing}")
    else:
        pen.write(opening)
        secret = secret or (base is dict and resembles_environment(value))
        _write_items(base, value, pen, secret=secret)
        pen.write(closing)
    pen.leave()


def _brackets(base: Any, cls: Any, count: int) -> tuple[str, str]:
    if count == 0 and base in (set, frozenset):
        return f"{type_name(cls)}(", ")"
    opening, closing = _BRACKETS[base]
    if base is tuple and count == 1:
        closing = ",)"
    return ("" if cls is base and cls not in (frozenset, deque) else type_name(cls)) + opening, closing


def _write_items(base: Any, value: Any, pen: Pen, *, secret: bool) -> None:
    most = max(pen.items, 0) + 1 if pen.depth < _DEPTH else _DEEPEST_ITEMS
    items = first_parts(base, value, most)
    written = 0
    while written < len(items) and not pen.finished:
        pen.write(", " if written else "")
        chunk = items[written : written + _FLAT]
        inside = min(_FLAT_DEPTH, _DEPTH - pen.depth)
        single = len(chunk) == 1 and not written  # is as quickly written by itself, and more so if it is not simple
        flat = None if secret or single else find_flat_text(base, chunk, inside, pen.items, pen.withheld)
        if flat is None:
            written += _write_each(base, chunk, pen, secret=secret)
        else:
            text, count, cost = flat
            pen.write(text)
            pen.items -= 2 + int(cost)
            written += count
    if written < count_items(base, value):
        pen.write(", " if written else "")
        pen.skip()


def _write_each(base: Any, items: list[Any], pen: Pen, *, secret: bool) -> int:
    """Write items one after the other and return how many there was ink for."""
    for index, item in enumerate(items):
        if index:
            if pen.finished:
                return index
            pen.write(", ")
        if base is dict:
            _write_pair(item, pen, secret=secret)
        else:
            write(item, pen, secret=secret)
    return len(items)


def _write_pair(pair: Any, pen: Pen, *, secret: bool) -> None:
    key, value = pair
    text = _write_key(key) if class_of(key) is str and len(key) <= _KEY else ""
    if text and pen.items > 0 and len(text) < pen.left:
        pen.items -= 1
        pen.write(text)
    else:
        write(key, pen)
        pen.write(": ")
    write(value, pen, secret=secret or (class_of(key) is str and names_credential(key)))


@lru_cache(maxsize=2048)
def _write_key(key: str) -> str:
    """Return what is written of a short key, the same for many dictionaries; "" if it may be a credential."""
    text = f"{key!r}: "
    return "" if has_hint(text) else text


def _write_record(value: Any, record: Record, pen: Pen, *, secret: bool) -> None:
    if not pen.enter(value, f"{record.title}(<cycle>)"):
        return
    pen.write(f"{record.title}(")
    for index, (name, part) in enumerate(record.parts):
        pen.write(", " if index else "")
        if pen.finished or pen.depth > _DEPTH:
            pen.skip()
            break
        pen.write(name and name + "=")
        if name in record.unshown:
            pen.write("<not shown>")
        else:
            write(part, pen, secret=secret or names_credential(name))
    pen.leave()
    pen.write(")")
    pen.told = {name for name, _ in record.parts} - record.unshown


def _write_array(look: ArrayLook, pen: Pen, *, secret: bool) -> None:
    pen.write(_describe_array(look))
    if not pen.elements or secret or not look.count or not look.readable:
        return
    whole = look.count <= _ROWS_ITEMS
    elements = look.elements(look.count if whole else _ARRAY_ITEMS)
    pen.write(": ")
    rows = _rows(elements, list(look.shape)) if whole else elements
    listed = whole and len(look.shape) > 1
    if all(map(is_number, elements)):
        text = repr(rows)
        pen.write(text if listed else text[1:-1])
    elif listed:
        write(rows, pen)
    else:
        _write_each(list, elements, pen, secret=False)
    if not whole:
        pen.write(", ...")


def _describe_array(look: ArrayLook) -> str:
    return f"{look.kind} of shape {look.shape}"


def _rows(elements: list[Any], shape: list[int]) -> list[Any]:
    for length in shape[:0:-1]:
        elements = [elements[start : start + length] for start in range(0, len(elements), length)]
    return elements

"""Numbers and short text in small containers, written in one go: what `repr` says of copies that nobody can change.

Writing them one after the other takes a read of a few hundred rows three times as long. Knows which values `repr` can
be trusted with: exact built-in types, and nothing that might have to be hidden. Refuses all others.
"""

from __future__ import annotations

from typing import Any

from .credentials import has_hint, names_credential
from .objects import MISSING, class_of
from .places import mapped
from .withheld import resembles_environment, withheld_ids

__all__ = ["are_numbers", "find_flat_text", "is_number"]

_dict: Any = dict
_TEXT = 200
_SMALL_BITS = 60
_SMALL = 1 << _SMALL_BITS
_FLOATS, _INTS = {id(float)}, {id(int), id(bool)}
_PARTS = 8
"""Of a container inside; larger ones are left to those who write one part after the other."""

_ATOM_COST, _CONTAINER_COST = 0.25, 3.0
"""Beside the cost of a value that is written by itself, which is 1."""


def find_flat_text(
    base: Any, items: list[Any], depth: int, budget: float, withheld: set[int] | None = None
) -> tuple[str, int, float] | None:
    """Return what `repr` says of the first of some items of a container, without its brackets.

    Args:
        base: the container's type.
        items: its items; of a dictionary, pairs.
        depth: how many containers may be inside each other.
        budget: at which to stop.
        withheld: as of `withheld_ids`, for one who asks of many values; None to find them anew.

    Returns:
        The text, of how many items, at which cost; None if one by one must be looked at what is shown of them.
    """
    if base is not dict and len(items) > 1 and are_numbers(items):
        return repr(items)[1:-1], len(items), _ATOM_COST * len(items)
    copier = _Copier(withheld)
    copies: list[Any] = []
    for each in items:
        if copier.cost >= budget:
            break
        copy = copier.copy_pair(each, depth) if base is dict else copier.copy(each, depth)
        if copy is MISSING:
            return None
        copies.append(copy)
    text = repr(_dict(copies) if base is dict else copies)[1:-1]
    return None if has_hint(text) else (text, len(copies), copier.cost)


def is_number(value: Any) -> bool:
    """Whether a value is a number of Python's own that is written at once."""
    cls = class_of(value)
    return cls is float or cls is bool or (cls is int and -_SMALL < value < _SMALL)


def _is_atom(value: Any) -> bool:
    cls = class_of(value)
    if cls is str:
        return len(value) <= _TEXT
    return cls is float or cls is bool or value is None or (cls is int and -_SMALL < value < _SMALL)


def are_numbers(items: list[Any]) -> bool:
    """Whether all are numbers that are written at once, seen without a step of Python for each."""
    kinds = set(mapped(id, mapped(class_of, items)))
    return kinds <= _FLOATS or (kinds <= _INTS and max(map(int.bit_length, items), default=0) < _SMALL_BITS)


class _Copier:
    """Copies values of exact built-in types, and adds up what that costs."""

    def __init__(self, withheld: set[int] | None) -> None:
        self.cost = 0.0
        self._withheld = withheld

    def copy(self, value: Any, depth: int) -> Any:
        """Return a copy, or the value itself if it never changes; MISSING of what is not simple."""
        if _is_atom(value):
            self.cost += _ATOM_COST
            return value
        cls = class_of(value)
        if depth == 0 or not (cls is tuple or cls is list or cls is dict) or len(value) > _PARTS:
            return MISSING
        if cls is not tuple and self._is_withheld(value):
            return MISSING
        self.cost += _CONTAINER_COST
        return self._copy_parts(cls, list(_dict.items(value) if cls is dict else value), depth - 1)

    def _copy_parts(self, cls: Any, parts: list[Any], depth: int) -> Any:
        if cls is not dict and all(map(_is_atom, parts)):
            self.cost += _ATOM_COST * len(parts)
            return parts if cls is list else tuple(parts)
        copies: list[Any] = []
        for each in parts:
            copy = self.copy_pair(each, depth) if cls is dict else self.copy(each, depth)
            if copy is MISSING:
                return MISSING
            copies.append(copy)
        if cls is not dict:
            return copies if cls is list else tuple(copies)
        copied = _dict(copies)
        return MISSING if resembles_environment(copied) else copied

    def copy_pair(self, pair: tuple[Any, Any], depth: int) -> Any:
        """Return a dictionary's key and a copy of its value; MISSING of what is not simple."""
        key, value = pair
        if class_of(key) is not str or len(key) > _TEXT or names_credential(key):
            return MISSING
        if _is_atom(value):
            self.cost += _ATOM_COST
            return pair
        copy = self.copy(value, depth)
        return MISSING if copy is MISSING else (key, copy)

    def _is_withheld(self, value: Any) -> bool:
        if self._withheld is None:
            self._withheld = withheld_ids()
        return id(value) in self._withheld

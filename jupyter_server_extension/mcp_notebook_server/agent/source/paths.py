"""Paths into variables, such as `model.coef_`, `cfg["lr"]` or `rows[3]`: parsed, then followed without running code.

Knows what a step does to a value of each readable type. Refuses whatever Python itself would answer by calling code of
a class: an unknown class's `__getitem__`, properties, `__getattr__`.
"""

from __future__ import annotations

import ast
from typing import Any

from .arrays import elements_readable, is_array, read_element
from .objects import MISSING, count_items, find_base, first_items, get_static, type_name
from .refusals import Refused
from .rendering import preview

__all__ = ["Path", "parse_path"]

_LONGEST = 500
_KEYS_SEARCHED = 10_000
_NAMES_SHOWN = 20

_dict: Any = dict
_HOW = 'A path is a name and steps such as .coef_, ["lr"] or [3].'


class Path:
    """A parsed path.

    Attributes:
        name: of the variable it starts at.
        steps: ("attribute", name) or ("item", key).
    """

    def __init__(self, name: str, steps: list[tuple[str, Any]]) -> None:
        self.name = name
        self.steps = steps

    @property
    def last_name(self) -> str:
        """The name that what is found is kept under; "" for a number."""
        key = self.steps[-1][1] if self.steps else self.name
        return key if type(key) is str else ""

    @property
    def names(self) -> list[str]:
        """All names on the way."""
        return [self.name, *(key for _, key in self.steps if type(key) is str)]

    def follow(self, value: Any) -> Any:
        """Return what is at the path.

        Args:
            value: of the variable.

        Raises:
            Refused: kind "bad_path", saying what exists.
        """
        for kind, key in self.steps:
            value = _attribute(value, key) if kind == "attribute" else _item(value, key)
        return value


def parse_path(text: str) -> Path:
    """Parse a path.

    Raises:
        Refused: kind "bad_path", if it is more than names, strings and numbers.
    """
    if len(text) > _LONGEST:
        raise Refused("bad_path", f"The path has {len(text)} characters; {_LONGEST} are allowed.")
    try:
        node: Any = ast.parse(text.strip(), mode="eval").body
        steps: list[tuple[str, Any]] = []
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Attribute):
                steps.append(("attribute", node.attr))
            elif isinstance(node, ast.Subscript):
                steps.append(("item", ast.literal_eval(node.slice)))
            else:
                raise ValueError(text)  # noqa: TRY004, TRY301  as the parser says it
            node = node.value
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        raise Refused("bad_path", f"{text!r} is not a path. {_HOW}") from None
    return Path(node.id, steps[::-1])


def _attribute(value: Any, name: str) -> Any:
    found = get_static(value, name)
    if found is MISSING:
        raise Refused(
            "bad_path", f"A {type_name(type(value))} here keeps no attribute `{name}`. Inspect it to see its fields."
        )
    return found


def _item(value: Any, key: Any) -> Any:
    base = find_base(type(value))
    try:
        if base is dict:
            return _dictionary_item(value, key)
        if base in (list, tuple) and type(key) is int:
            return _sequence_item(base, value, key)
        if is_array(value) and elements_readable(value):
            return read_element(value, key)
    except (IndexError, TypeError, ValueError):
        shape = list(value.shape) if is_array(value) else [count_items(base, value)]
        raise Refused("bad_path", f"There is no [{key!r}] in a {type_name(type(value))} of shape {shape}.") from None
    raise Refused(
        "bad_path", f"Reading [{key!r}] of a {type_name(type(value))} would run code of it. Use execute_code."
    )


def _sequence_item(base: Any, value: Any, key: int) -> Any:
    return base.__getitem__(value, key)  # the built-in one, also where a subclass has its own


def _dictionary_item(dictionary: Any, key: Any) -> Any:
    # Keys are compared here, by exact type: the dictionary itself would call `__eq__` of a key with the same hash.
    pairs = first_items(dict, dictionary, _KEYS_SEARCHED)
    for each, value in pairs:
        if type(each) is type(key) and each == key and type(key) in (str, int, float, bool):
            return value
    if type(key) is str and count_items(dict, dictionary) > _KEYS_SEARCHED:
        found = _dict.get(dictionary, key, MISSING)
        if found is not MISSING:
            return found
    known = ", ".join(preview(each) for each, _ in pairs[:_NAMES_SHOWN])
    raise Refused("bad_path", f"There is no key {key!r}. Keys: {known or 'none'}.")

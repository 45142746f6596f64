"""Paths into variables, such as `model.coef_`, `cfg["lr"]` or `rows[3]`: parsed, then followed without running code.

Knows what a step does to a value of each readable type. Refuses whatever Python itself would answer by calling code of
a class: an unknown class's `__getitem__`, properties, `__getattr__`.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

from .arrays import ArrayLook, is_array, look_at_array, take_look
from .credentials import HIDDEN
from .objects import MISSING, class_of, count_items, find_base, first_items, type_name
from .parts import find_attribute, is_simple_key
from .places import Place
from .refusals import Refused
from .rendering import preview
from .withheld import is_withheld, resembles_environment

__all__ = ["Path", "parse_path"]

_LONGEST = 500
_KEYS_SEARCHED = 10_000
_NAMES_SHOWN = 20

_dict: Any = dict
_list: Any = list
_tuple: Any = tuple
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
        """Return what is at the path; a look at it if it is an array.

        Args:
            value: of the variable.

        Raises:
            Refused: kind "bad_path", saying what exists.
        """
        for kind, key in self.steps:
            value = _attribute(value, key) if kind == "attribute" else _item(value, key)
            if is_withheld(value):
                raise Refused("bad_path", "Modules, the environment and the namespace itself are not shown.")
        return value


@lru_cache(maxsize=64)  # a frame is found anew by its path for each piece that is read of it
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
    found = MISSING if class_of(value) is ArrayLook else find_attribute(value, name)
    if found is MISSING:
        raise Refused(
            "bad_path", f"A {_type_of(value)} here keeps no attribute `{name}`. Inspect it to see its fields."
        )
    return found


def _item(value: Any, key: Any) -> Any:
    base: Any = find_base(class_of(value))
    try:
        if base is dict:
            return _dictionary_item(value, key)
        if base in (list, tuple) and type(key) is int:
            return take_look(
                Place((_list if base is list else _tuple).__getitem__, value, key)
            )  # the built-in one, also where a subclass has its own
        if class_of(value) is ArrayLook and value.readable:
            return value.part(key)
    except (IndexError, TypeError, ValueError):
        shape = list(value.shape) if class_of(value) is ArrayLook else [count_items(base, value)]
        raise Refused("bad_path", f"There is no [{key!r}] in a {_type_of(value)} of shape {shape}.") from None
    raise Refused("bad_path", f"Reading [{key!r}] of a {_type_of(value)} would run code of it. Use execute_code.")


def _type_of(value: Any) -> str:
    return type_name(value.cls if class_of(value) is ArrayLook else class_of(value))


def _dictionary_item(dictionary: Any, key: Any) -> Any:
    # Keys are compared here, by exact type: the dictionary itself would call `__eq__` of a key with the same hash.
    pairs = first_items(dict, dictionary, _KEYS_SEARCHED)
    wanted: Any = class_of(key)
    found = MISSING
    if is_simple_key(key):
        found = next((value for each, value in pairs if class_of(each) is wanted and each == key), MISSING)
        searched = len(pairs) == count_items(dict, dictionary)
        if (found is not MISSING or not searched) and all(is_simple_key(each) for each, _ in pairs):
            found = None
            pairs.clear()
            found = take_look(Place(_dict.get, dictionary, key, MISSING))
    if found is MISSING:
        known = ", ".join(preview(each) for each, _ in pairs[:_NAMES_SHOWN])
        raise Refused("bad_path", f"There is no key {key!r}. Keys: {known or 'none'}.")
    if resembles_environment(dictionary):
        return HIDDEN
    return look_at_array(found) if is_array(found) else found

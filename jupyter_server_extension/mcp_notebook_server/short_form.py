"""Arguments in short form, as the audit keeps them: enough to see what was touched, and nothing of what is in it.

Knows which arguments are names and how much of them is kept. Refuses to know where they are written. An argument it
does not know is described, never kept, and neither is its name, which is the host's to choose: a new tool cannot leak
by being forgotten here.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["shorten_arguments", "shorten_text"]

_KEPT = frozenset(
    {
        *("kernel", "notebook", "cell", "execution", "name", "path", "column", "columns", "pattern", "type", "format"),
        *("cursor", "limit", "offset", "sample", "max_chars", "timeout", "wait", "since", "index", "at", "after", "to"),
        *("op", "descending", "when_busy", "open_only", "sources", "outputs", "replace_all"),
    }
)
"""Arguments that say what is touched and how much of it."""

_CODE = frozenset({"code", "sql", "source", "old", "new"})
"""Arguments that are told apart by a hash; too long for anybody to guess them from it, unlike a value."""

_NESTED = frozenset({"where", "sort"})
"""Lists of objects, of one level: whatever else a host nests is described, however deep."""

_DESCRIBED = frozenset({"goal", "value", "typed", "uri", "text"})
"""Arguments whose names are ours, and nothing else of them is kept: what is searched for may be the person's, and short
enough to be guessed from a hash."""

_OURS = _KEPT | _CODE | _NESTED | _DESCRIBED

_MOST_CHARACTERS = 200
_MOST_ITEMS = 20
_HASH_DIGITS = 16


def shorten_arguments(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the short form of what a host sent, whatever it sent."""
    items = list(arguments.items())
    short = {_shorten_name(name, i): _shorten(name, value) for i, (name, value) in enumerate(items[:_MOST_ITEMS], 1)}
    return short if len(items) <= _MOST_ITEMS else {**short, "...": len(items) - _MOST_ITEMS}


def shorten_text(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Return the beginning of a text that is kept."""
    return text if len(text) <= most else text[: most - 3] + "..."


def _shorten(name: str, value: Any) -> Any:
    if not isinstance(value, list) or name not in _KEPT | _NESTED:
        return _shorten_one(name, value)
    items = cast("list[Any]", value)
    short = [_shorten_condition(item) if name in _NESTED else _shorten_one(name, item) for item in items[:_MOST_ITEMS]]
    return short if len(items) <= _MOST_ITEMS else [*short, {"more": len(items) - _MOST_ITEMS}]


def _shorten_condition(value: Any) -> Any:
    if not isinstance(value, dict):
        return _describe(value)
    items = list(cast("dict[str, Any]", value).items())[:_MOST_ITEMS]
    return {_shorten_name(name, index): _shorten_one(name, each) for index, (name, each) in enumerate(items, 1)}


def _shorten_name(name: str, index: int) -> str:
    return name if name in _OURS else f"unknown {index}"


def _shorten_one(name: str, value: Any) -> Any:
    if isinstance(value, str) and name in _CODE:
        digest = hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
        return {"length": len(value), "sha256": digest[:_HASH_DIGITS]}
    if name in _KEPT and (value is None or isinstance(value, (str, int, float))):
        return shorten_text(value) if isinstance(value, str) else value
    return _describe(value)


def _describe(value: Any) -> dict[str, Any]:
    kinds = {"str": "string", "list": "array", "dict": "object", "bool": "boolean", "NoneType": "null"}
    kind = {"kind": kinds.get(type(value).__name__, "number")}
    return {**kind, "length": len(cast("str", value))} if isinstance(value, (str, list, dict)) else kind

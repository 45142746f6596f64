"""Schemas that nobody would write, and values that have nothing to do with them.

Knows the words of JSON Schema and that anything may stand behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

__all__ = ["new_schema", "new_value"]

_NAMES = ("a", "b", "a/b", "~1", "", "__proto__", "constructor", "0", "$ref", "\u202e")
_LEAVES = (None, True, False, 0, -1, 1.5, 1e308, "", "a", "two\nlines", "a\r\nb", "\u200b", "2026-11-22", "null")
_TYPES = ("string", "number", "integer", "boolean", "null", "object", "array", "strnig", 5)
_FORMATS = ("date", "email", "uri", "password", "date-time", "none of these", 7)
_REFERENCES = ("#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#anchor", "https://schemas.example/x", "#/%zz", 5)
_BOUNDS = ("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "multipleOf", "exclusiveMinimum")
_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "contains", "propertyNames")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "$defs", "dependentSchemas")


def new_value(random: Random, depth: int = 3) -> Any:
    """Make any JSON value."""
    kind = random.randrange(4) if depth else 0
    if kind == 1:
        return [new_value(random, depth - 1) for _ in range(random.randrange(4))]
    if kind == 2:
        return {random.choice(_NAMES): new_value(random, depth - 1) for _ in range(random.randrange(4))}
    return random.choice(_LEAVES)


def new_schema(random: Random, depth: int = 4) -> Any:
    """Make a schema, of which now and then a word has a value of the wrong kind."""
    if not depth or random.random() < 0.05:
        return random.choice((True, False, {}, {"type": random.choice(_TYPES)}))
    return {word: _new_behind(word, random, depth - 1) for word in random.sample(_WORDS, random.randrange(1, 6))}


def _new_behind(word: str, random: Random, depth: int) -> Any:
    if random.random() < 0.05:
        return new_value(random)
    if word in _SCHEMAS:
        return new_schema(random, depth)
    if word in _LISTS:
        return [new_schema(random, depth) for _ in range(random.randrange(4))]
    if word in _NAMED:
        return {random.choice(_NAMES): new_schema(random, depth) for _ in range(random.randrange(4))}
    if word in _BOUNDS:
        return random.randrange(-1, 4)
    return _BEHIND[word](random)


_BEHIND: dict[str, Any] = {
    "type": lambda random: random.choice((random.choice(_TYPES), random.sample(_TYPES, 2))),
    "enum": lambda random: [new_value(random, 1) for _ in range(random.randrange(4))],
    "const": lambda random: new_value(random, 1),
    "default": new_value,
    "required": lambda random: random.sample(_NAMES, random.randrange(3)),
    "format": lambda random: random.choice(_FORMATS),
    "$ref": lambda random: random.choice(_REFERENCES),
    "title": lambda random: random.choice(_LEAVES),
    "description": lambda random: random.choice(_LEAVES),
    "uniqueItems": lambda random: random.random() < 0.5,
    "$anchor": lambda _: "anchor",
}
_WORDS = (*_SCHEMAS, *_LISTS, *_NAMED, *_BOUNDS, *_BEHIND, "type", "type", "properties", "properties", "items")

"""Arguments that fit a tool's input schema, for a form to be filled in with.

Knows the words that the schemas of the corpus use; whether what it makes fits is for jsonschema to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.schemas import resolve

if TYPE_CHECKING:
    from random import Random

__all__ = ["new_instance"]

_DEEPEST = 5
_TEXTS = ["Seoul", "a b", "x", "two\nlines", "naïve 서울", '"quoted"', "{}", "0"]
_FORMATS = {
    "uri": "https://example.org/a?b=c",
    "email": "a@example.org",
    "date": "2026-11-22",
    "date-time": "2026-11-22T09:30:00Z",
    "time": "09:30:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def new_instance(schema: Any, root: dict[str, Any], random: Random, optional: float, depth: int = 0) -> Any:
    """Make a value.

    Args:
        schema: the value's own.
        root: where references are looked up.
        random: what chooses.
        optional: the share of what can be left out that is not.
        depth: how many values this one is inside of.
    """
    schema = resolve(schema, root)
    for part in schema.get("allOf", ()):
        schema = {**schema, **resolve(part, root)}
    if "const" in schema or "enum" in schema:
        return random.choice(schema.get("enum") or [schema["const"]])
    for word in ("oneOf", "anyOf"):
        if word in schema:
            rest = {name: value for name, value in schema.items() if name != word}
            branch = resolve(random.choice(schema[word]), root)
            return new_instance({**rest, **branch}, root, random, optional, depth)
    said = schema.get("type", "object" if "properties" in schema else "string")
    kind = random.choice(said) if isinstance(said, list) else said
    return _MAKERS[kind](schema, root, random, optional if depth < _DEEPEST else 0, depth)


def _new_object(schema: Any, root: Any, random: Random, optional: float, depth: int) -> Any:
    required = schema.get("required", ())
    made = {
        name: new_instance(one, root, random, optional, depth + 1)
        for name, one in schema.get("properties", {}).items()
        if name in required or random.random() < optional
    }
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and random.random() < optional:
        made |= {name: new_instance(others, root, random, optional, depth + 1) for name in ("one more", "another")}
    return made


def _new_array(schema: Any, root: Any, random: Random, optional: float, depth: int) -> Any:
    first = schema.get("prefixItems", [])
    count = max(len(first), schema.get("minItems", 0), random.randrange(3) if optional else 0)
    items = [*first, *[schema.get("items", {})] * count][: min(count, schema.get("maxItems", count))]
    made = [new_instance(one, root, random, optional, depth + 1) for one in items]
    return [one for at, one in enumerate(made) if one not in made[:at]]  # some are sets


def _new_text(schema: Any, _root: Any, random: Random, _optional: float, _depth: int) -> str:
    text = _FORMATS.get(schema.get("format", ""), random.choice(_TEXTS))
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", len(text) + 1000)]


def _new_number(schema: Any, _root: Any, random: Random, _optional: float, _depth: int) -> float:
    least = schema.get("minimum", schema.get("exclusiveMinimum", -1000) + 1)
    return least + random.randrange(2) if schema.get("maximum", least + 1) >= least + 1 else least


_MAKERS: dict[str, Any] = {
    "object": _new_object,
    "array": _new_array,
    "string": _new_text,
    "integer": _new_number,
    "number": _new_number,
    "boolean": lambda _schema, _root, random, _optional, _depth: random.random() < 0.5,
    "null": lambda *_: None,
}

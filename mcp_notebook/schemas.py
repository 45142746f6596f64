"""The JSON Schema of a tool's arguments, as far as a person needs it.

Knows references inside the schema, alternatives and enumerations, and how to say them in a few words. Refuses to fetch
anything: a `$ref` elsewhere is left alone.
"""

from __future__ import annotations

import json
from typing import Any, cast

__all__ = ["Schema", "alternatives", "describe_arguments", "describe_schema", "properties", "resolve"]

Schema = dict[str, Any]

_DEEPEST = 3
_MOST_CHOICES = 8


def resolve(schema: Any, root: Schema) -> Schema:
    """Follow references inside `root` until there is none; `True` and what cannot be followed allow anything."""
    for _ in range(100):  # a reference to itself would never end
        if not isinstance(schema, dict):
            return {}
        schema = cast("Schema", schema)
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        schema = _find(reference, root)
    return {}


def _find(reference: str, root: Schema) -> Any:
    found: Any = root
    if not reference.startswith("#"):
        return None
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        found = cast("Schema", found).get(name) if isinstance(found, dict) else None
    return found


def properties(schema: Schema) -> dict[str, Any]:
    """Give the arguments that a tool's schema names, each with its schema."""
    named = schema.get("properties")
    return cast("dict[str, Any]", named) if isinstance(named, dict) else {}


def alternatives(schema: Schema) -> list[Any]:
    """Give the schemas of which a value must fit one; empty if there is only the schema itself."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        options = schema.get(keyword)
        if isinstance(options, list) and options:
            return cast("list[Any]", options)
    return []


def describe_schema(schema: Any, root: Schema, depth: int = 0) -> str:
    """Say in a few words what fits a schema: `integer`, `"a" or "b"`, `array of string`."""
    schema = resolve(schema, root)
    if depth > _DEEPEST:
        return "..."
    if "const" in schema:
        return json.dumps(schema["const"])
    if isinstance(schema.get("enum"), list):
        return _describe_choices(schema["enum"])
    options = alternatives(schema)
    if options and "type" not in schema:
        return " or ".join(dict.fromkeys(describe_schema(option, root, depth + 1) for option in options))
    kind = schema.get("type")
    if isinstance(kind, list):
        return " or ".join(str(one) for one in cast("list[Any]", kind))
    if kind == "array" and "items" in schema:
        return f"array of {describe_schema(schema['items'], root, depth + 1)}"
    return str(kind) if kind else "anything"


def _describe_choices(choices: list[Any]) -> str:
    shown = " or ".join(json.dumps(choice, ensure_ascii=False) for choice in choices[:_MOST_CHOICES])
    return shown if len(choices) <= _MOST_CHOICES else f"{shown} or {len(choices) - _MOST_CHOICES} others"


def describe_arguments(schema: Schema) -> str:
    """Say what a tool takes: `city: string, days: integer = 3, units?: "C" or "F"`."""
    required = schema.get("required") or ()
    return ", ".join(
        _describe_argument(name, resolve(one, schema), schema, required=name in required)
        for name, one in properties(schema).items()
    )


def _describe_argument(name: str, schema: Schema, root: Schema, *, required: bool) -> str:
    kind = describe_schema(schema, root)
    if required:
        return f"{name}: {kind}"
    if schema.get("default") is not None:
        return f"{name}: {kind} = {json.dumps(schema['default'], ensure_ascii=False)}"
    return f"{name}?: {kind}"

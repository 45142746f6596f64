"""The JSON Schema of a tool's arguments, as far as a person needs it.

Knows references inside the schema, alternatives and enumerations, how to say them in a few words, and what does not fit
them. Refuses to fetch
anything: a `$ref` elsewhere is left alone.
"""

from __future__ import annotations

import json
import re
from typing import Any, cast

__all__ = ["Schema", "alternatives", "describe_arguments", "describe_schema", "find_problem", "properties", "resolve"]

Schema = dict[str, Any]

_DEEPEST = 3
_MOST_CHOICES = 8
_MOST_CHARACTERS = 60


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
    options = alternatives(schema) if "type" not in schema else []
    if depth > _DEEPEST:
        return "..."
    if "const" in schema or "enum" in schema:
        return _describe_choices(schema.get("enum") or [schema.get("const")])
    if options:
        return " or ".join(dict.fromkeys(describe_schema(option, root, depth + 1) for option in options))
    return _describe_type(schema, root, depth)


def _describe_type(schema: Schema, root: Schema, depth: int) -> str:
    kind: Any = schema.get("type", "anything")
    if kind == "array" and "items" in schema:
        return f"array of {describe_schema(schema['items'], root, depth + 1)}"
    return " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)


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


def find_problem(value: Any, schema: Any, root: Schema) -> str | None:
    """Find what is wrong with one argument, as a clause; None if nothing is, or if the schema cannot be understood.

    Args:
        value: a JSON value.
        schema: the argument's own.
        root: where references are looked up; those that lead elsewhere are not followed.
    """
    from jsonschema.validators import Draft202012Validator, validator_for  # noqa: PLC0415  60 ms; only calls need it
    from referencing import Registry  # noqa: PLC0415  as above

    # An empty registry of our own: the default one would fetch a $ref from the network.
    registry: Any = cast("Any", Registry)()
    kind: Any = validator_for(root, default=Draft202012Validator)
    validator = kind(root, registry=registry).evolve(schema=schema)
    return _find_mismatch(validator, value, schema, root)


def _find_mismatch(validator: Any, value: Any, schema: Any, root: Schema) -> str | None:
    from jsonschema import exceptions  # noqa: PLC0415  as above
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  as above

    best_match: Any = cast("Any", exceptions).best_match  # untyped upstream
    try:
        error = best_match(validator.iter_errors(value))
    except (exceptions.UnknownType, Unresolvable, TypeError, ValueError, re.error):
        return None  # the schema is wrong, not the value: the server decides
    if error is None:
        return None
    if error.validator in {"type", "enum", "const", "anyOf", "oneOf"} and not error.absolute_path:
        return f"is {_shown(value)}, but must be {describe_schema(schema, root)}"
    where = "".join(f"[{step!r}]" for step in error.absolute_path)
    return f"is wrong{' at ' + where if where else ''}: {error.message}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"

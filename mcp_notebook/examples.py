"""A value that fits a JSON Schema, for a person to change: `[{"oldText": "TEXT", "newText": "TEXT"}]`.

Knows what is needed and what is suggested. Refuses to promise that it fits: patterns and bounds are not looked at.
"""

from __future__ import annotations

from typing import Any, cast

from mcp_notebook.schemas import Schema, alternatives, find_choices, properties, resolve

__all__ = ["new_example"]

_DEEPEST = 4
_SIMPLE: dict[Any, Any] = {
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "string": "TEXT",
    "null": None,
    "array": [],
    "object": {},
}


def new_example(schema: Any, root: Schema, depth: int = 0) -> Any:
    """Make a JSON value as a schema describes it; "VALUE" where it does not say.

    Args:
        schema: the value's own.
        root: where references are looked up.
        depth: how many values this one is inside of.
    """
    schema = resolve(schema, root)
    choices = find_choices(schema, root)
    if choices:
        return choices[0]
    options = [one for one in alternatives(schema) if resolve(one, root).get("type") != "null"]
    if options and "type" not in schema and depth < _DEEPEST:
        return new_example(options[0], root, depth + 1)
    said = schema.get("type")
    kinds = cast("list[Any]", said) if isinstance(said, list) else [said]
    kind = next((one for one in kinds if one != "null"), "null")
    if kind == "array" and resolve(schema.get("items"), root) and depth < _DEEPEST:
        return [new_example(schema["items"], root, depth + 1)]
    if kind == "object" and depth < _DEEPEST:
        members = properties(schema)
        needed = [name for name in schema.get("required") or members if name in members]
        return {name: new_example(members[name], root, depth + 1) for name in needed}
    return _SIMPLE.get(kind, "VALUE")

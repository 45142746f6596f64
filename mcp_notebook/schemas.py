"""The JSON Schema of a tool's arguments, as far as a person needs it.

Knows references inside the schema, alternatives and enumerations, how to say them in a few words, and what does not fit
them. Refuses to fetch anything: a `$ref` elsewhere is left alone.
"""

from __future__ import annotations

import json
import re
import threading
from functools import lru_cache
from importlib import import_module
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Schema",
    "alternatives",
    "describe_arguments",
    "describe_arguments_briefly",
    "describe_schema",
    "find_choices",
    "find_errors",
    "find_problem",
    "import_validators",
    "properties",
    "resolve",
]

Schema = dict[str, Any]

_DEEPEST, _DEEPEST_MEMBERS = 3, 2
_MOST_CHOICES = _MOST_MEMBERS = 8
_MOST_CHARACTERS = 60
_VALIDATORS_KEPT = 500

_importing = threading.Lock()


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
    """Say in a few words what fits a schema: `integer`, `"a" or "b"`, `array of {name: string, size?: integer}`."""
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
    if kind == "object" and properties(schema) and depth <= _DEEPEST_MEMBERS:
        return _describe_members(schema, root, depth)
    return " or ".join(cast("list[str]", kind)) if isinstance(kind, list) else str(kind)


def _describe_members(schema: Schema, root: Schema, depth: int) -> str:
    required = schema.get("required") or ()
    members = [
        f"{name}{'' if name in required else '?'}: {describe_schema(one, root, depth + 1)}"
        for name, one in properties(schema).items()
    ]
    more = [f"{len(members) - _MOST_MEMBERS} others"] if len(members) > _MOST_MEMBERS else []
    return f"{{{', '.join([*members[:_MOST_MEMBERS], *more])}}}"


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


_BRIEF = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
_MOST_BRIEF_CHOICES = 4


def describe_arguments_briefly(schema: Schema) -> str:
    """Say what a tool takes in the words of Python: `city: str, days: int?, units: C|F?`; `?` can be left out."""
    required = schema.get("required") or ()
    return ", ".join(
        f"{name}: {_describe_briefly(one, schema)}{'' if name in required else '?'}"
        for name, one in properties(schema).items()
    )


def _describe_briefly(schema: Any, root: Schema, depth: int = 0) -> str:
    schema = resolve(schema, root)
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        shown = [str(choice) for choice in choices[:_MOST_BRIEF_CHOICES]]
        return "|".join([*shown, "…"] if len(choices) > len(shown) else shown)
    options = alternatives(schema) if "type" not in schema and depth < _DEEPEST else []
    if options:
        kinds = dict.fromkeys(_describe_briefly(option, root, depth + 1) for option in options)
        return "|".join(kind for kind in kinds if kind != "null") or "null"
    kinds = schema.get("type", "any")
    named = [kinds] if isinstance(kinds, str) else cast("list[str]", kinds)
    return "|".join(_BRIEF.get(kind, kind) for kind in named if kind != "null" or named == ["null"])


def find_choices(schema: Any, root: Schema, depth: int = 0) -> list[Any]:
    """Find the values that a schema suggests for an argument: its enumeration, booleans, its default and examples."""
    schema = resolve(schema, root)
    found: list[Any] = list(schema.get("enum") or ([schema["const"]] if "const" in schema else []))
    if depth < _DEEPEST:
        found += [choice for option in alternatives(schema) for choice in find_choices(option, root, depth + 1)]
    kinds = schema.get("type", ())
    found += [True, False] if "boolean" in ([kinds] if isinstance(kinds, str) else kinds) else []
    found += [one for one in (schema.get("default"), *(schema.get("examples") or ())) if one not in (None, "")]
    return [one for at, one in enumerate(found) if not _is_among(one, found[:at])]


def _is_among(value: Any, others: list[Any]) -> bool:
    return any(type(one) is type(value) and one == value for one in others)  # 1 is not True here


def find_problem(value: Any, schema: Any, root: Schema) -> str | None:
    """Find what is wrong with one argument, as a clause; None if nothing is, or if the schema cannot be understood.

    Args:
        value: a JSON value.
        schema: the argument's own.
        root: where references are looked up; those that lead elsewhere are not followed.
    """
    validator = _new_validator(_Same(schema), _Same(root))
    return _find_mismatch(validator, value, schema, root)


def find_errors(value: Any, schema: Schema, most: int) -> list[Any]:
    """Find all that is wrong with a value, as errors of jsonschema; none if the schema cannot be understood.

    Args:
        value: a JSON value.
        schema: what it has to fit, in which references are looked up; those that lead elsewhere are not followed.
        most: how many errors are looked for.
    """
    validator = _new_validator(_Same(schema), _Same(schema))
    try:
        return list(islice(validator.iter_errors(value), most))
    except _signs_of_wrong_schema():
        return []


def _signs_of_wrong_schema() -> tuple[type[Exception], ...]:
    from jsonschema.exceptions import UnknownType  # noqa: PLC0415  60 ms; only calls need it
    from referencing.exceptions import Unresolvable  # noqa: PLC0415  as above

    return (UnknownType, Unresolvable, TypeError, ValueError, re.error)


class _Same:
    """Stands for an object in a cache: equal to what stands for the same object, which lives as long as this."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.value is self.value


def import_validators() -> Any:
    """Import what checks arguments and answers, and return it; for one thread at a time, and it takes 60 ms at first.

    Where two threads import a package that imports itself in parts, Python may give one of them a half of it: seen once
    in some hundred notebooks, on a busy machine.
    """
    with _importing:
        import_module("jsonschema")
        return import_module("jsonschema.validators")


@lru_cache(maxsize=_VALIDATORS_KEPT)  # making one takes ten times as long as using it
def _new_validator(schema: _Same, root: _Same) -> Any:
    validators = import_validators()
    from referencing import Registry  # noqa: PLC0415  60 ms; only calls need it

    # An empty registry of our own: the default one would fetch a $ref from the network.
    registry: Any = cast("Any", Registry)()
    kind: Any = validators.validator_for(root.value, default=validators.Draft202012Validator)
    return kind(root.value, registry=registry).evolve(schema=schema.value)


def _find_mismatch(validator: Any, value: Any, schema: Any, root: Schema) -> str | None:
    from jsonschema import exceptions  # noqa: PLC0415  as above

    best_match: Any = cast("Any", exceptions).best_match  # untyped upstream
    try:
        error = best_match(_of_first_part(validator.iter_errors(value)))
    except _signs_of_wrong_schema():
        return None  # the schema is wrong, not the value: the server decides
    if error is None:
        return None
    if error.validator in {"type", "enum", "const", "anyOf", "oneOf"} and not error.absolute_path:
        return f"is {_shown(value)}, but must be {describe_schema(schema, root)}"
    where = "".join(f"[{step!r}]" for step in error.absolute_path)
    return f"is wrong{' at ' + where if where else ''}: {error.message}"


def _of_first_part(errors: Iterator[Any]) -> Iterator[Any]:
    """Give the errors of the first part that has any: of 100,000 rows that lack a column, one is enough."""
    first = next(errors, None)
    if first is not None:
        yield first
        yield from takewhile(lambda error: _part(error) == _part(first), errors)


def _part(error: Any) -> list[Any]:
    return list(error.absolute_path)[:1]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"

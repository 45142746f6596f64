"""What is wrong with a form that was filled in: a sentence for each place, to be shown beside its field.

Knows JSON pointers (RFC 6901) and how to say what jsonschema found. Refuses to know the form: what that shows for a
schema is in mcp_notebook/form/*.js.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, cast

from mcp_notebook.display import one_line
from mcp_notebook.schemas import Schema, describe_schema, find_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Problem", "find_problems"]

_MOST = 100
_MAX_MESSAGE = 300
_BOUNDS = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "exclusiveMinimum": "More than {}.",
    "exclusiveMaximum": "Less than {}.",
    "multipleOf": "A multiple of {}.",
    "minItems": "At least {}.",
    "maxItems": "At most {}.",
    "pattern": "This must match {}",
}


class Problem(TypedDict):
    """One thing that is wrong.

    Attributes:
        pointer: where, as a JSON pointer into the value; "" is the whole of it.
        message: a sentence.
    """

    pointer: str
    message: str


def find_problems(value: Any, schema: Schema) -> list[Problem]:
    """Find what is wrong with a filled-in form, at most 100 things.

    Args:
        value: a JSON value.
        schema: JSON Schema 2020-12, or what its `$schema` says.

    Returns:
        Empty if nothing is, or if the schema cannot be understood: then the server decides.
    """
    found = (problem for error in find_errors(value, schema, _MOST) for problem in _say(error, schema))
    once = dict.fromkeys((problem["pointer"], problem["message"]) for problem in found)
    return [Problem(pointer=pointer, message=message) for pointer, message in once]


def _say(error: Any, root: Schema) -> Iterator[Problem]:
    from jsonschema import exceptions  # noqa: PLC0415  60 ms; only calls need it

    error = cast("Any", exceptions).best_match([error])  # of several alternatives, the one that was likely meant
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        yield from (
            Problem(pointer=_to_pointer([*error.absolute_path, name]), message="This is required.") for name in missing
        )
    else:
        yield Problem(pointer=_to_pointer(error.absolute_path), message=_sentence(error, root))


def _sentence(error: Any, root: Schema) -> str:
    fits_none = error.validator in {"anyOf", "oneOf"} and bool(error.context)  # else it fits several of oneOf
    if fits_none or error.validator in {"type", "enum", "const"}:
        return one_line(f"This must be {describe_schema(error.schema, root)}.", _MAX_MESSAGE)
    if error.validator in _BOUNDS:
        return one_line(_BOUNDS[error.validator].format(error.validator_value), _MAX_MESSAGE)
    return one_line(f"{error.message}.", _MAX_MESSAGE)


def _to_pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)

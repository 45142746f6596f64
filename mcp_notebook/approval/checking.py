"""Whether a form is filled in rightly, and values out of what a person types.

Knows fields. The same sentences stand beside a field of the widget and under a line of `input()`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema import ValidationError

    from mcp_notebook.approval.fields import Field

__all__ = ["check_content", "check_value", "default_content", "read_typed"]

_MAX_TEXT = 1_000_000
_YES = frozenset({"yes", "y", "true", "1", "on"})
_NO = frozenset({"no", "n", "false", "0", "off"})
_formats = FormatChecker(formats=("date", "date-time", "uri"))  # by packages that Jupyter Server brings, too
_EXAMPLES = {
    "email": "an e-mail address, such as name@example.org",
    "uri": "a URL, such as https://example.org/page",
    "date": "a date, such as 2026-11-22",
    "date-time": "a date and a time with a zone, such as 2026-11-22T09:30:00+09:00",
}


@_formats.checks("email")
def _is_email(text: object) -> bool:
    """See that a text is one: jsonschema's own check of it asks for an @ and nothing else."""
    return isinstance(text, str) and re.fullmatch(r"[^@\s]+@[^@\s]+", text) is not None


def check_value(field: Field, value: Any) -> str:
    """Say what is wrong with a value, as a sentence; "" if nothing is."""
    if isinstance(value, str) and len(value) > _MAX_TEXT:
        return f"At most {_MAX_TEXT:,} characters."
    validator = Draft202012Validator(field.to_schema(), format_checker=_formats)
    error = next(iter(validator.iter_errors(value)), None)  # pyright: ignore[reportUnknownMemberType]  jsonschema's own
    return _sentence(error, field) if error else ""


def _sentence(error: ValidationError, field: Field) -> str:
    bound: Any = error.validator_value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  as above
    word = str(error.validator)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  as above
    if word == "format":
        return f"This must be {_EXAMPLES[bound]}."
    return _BOUNDS[word].format(bound) if word in _BOUNDS else _WANTED[field.kind]


_BOUNDS = {
    "minLength": "At least {} characters.",
    "maxLength": "At most {} characters.",
    "minimum": "At least {}.",
    "maximum": "At most {}.",
    "minItems": "Choose at least {}.",
    "maxItems": "Choose at most {}.",
}
_WANTED = {
    "text": "This must be a text.",
    "integer": "This must be a whole number.",
    "number": "This must be a number.",
    "boolean": "Answer yes or no.",
    "choice": "Choose one of the list.",
    "choices": "Choose some of the list, each once.",
}


def check_content(fields: Sequence[Field], content: Mapping[str, Any]) -> dict[str, str]:
    """Say what is wrong with a form that was filled in: a sentence by field, empty if nothing is."""
    problems = {name: "The form has no such field." for name in content if name not in {one.name for one in fields}}
    for field in fields:
        if field.name in content:
            problem = check_value(field, content[field.name])
        else:
            problem = "This is required." if field.required else ""
        if problem:
            problems[field.name] = problem
    return problems


def default_content(fields: Sequence[Field]) -> dict[str, Any] | None:
    """Fill a form in with the server's own defaults; None where that is no valid form."""
    content = {field.name: field.default for field in fields if field.default is not None}
    return None if check_content(fields, content) else content


def read_typed(field: Field, text: str) -> Any:
    """Turn what a person typed into a value of the field's kind.

    Raises:
        ValueError: it is none; the sentence says what is wanted.
    """
    stripped = text.strip()
    if field.kind == "text":
        return text
    if field.kind == "boolean":
        if stripped.lower() in _YES | _NO:
            return stripped.lower() in _YES
    elif field.kind == "choice":
        return _choose(field, stripped)
    elif field.kind == "choices":
        return [_choose(field, one.strip()) for one in stripped.split(",") if one.strip()]
    else:
        try:
            return int(stripped) if field.kind == "integer" or re.fullmatch(r"[+-]?\d+", stripped) else float(stripped)
        except ValueError:
            pass
    raise ValueError(_WANTED[field.kind])


def _choose(field: Field, typed: str) -> str:
    """Take a choice by its number in the list, its value or its label."""
    if typed.isdecimal() and 1 <= int(typed) <= len(field.options):
        return field.options[int(typed) - 1].value
    found = next((one.value for one in field.options if typed in {one.value, one.label}), None)
    if found is None:
        raise ValueError(_WANTED["choice"])
    return found

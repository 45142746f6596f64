"""The fields of a form, as a server's schema describes them.

Knows the part of JSON Schema that elicitation allows (specification 2025-11-25 and 2026-07-28, client/elicitation):
flat; texts, numbers, booleans, one or several of a list. Refuses whatever else a schema holds: a person could not fill
it in, and a pattern of a server's could keep us busy for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from mcp_notebook.approval.question import shown_text
from mcp_notebook.credentials import names_credential
from mcp_notebook.display import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Field", "FieldKind", "Option", "UnusableForm", "read_fields"]

FieldKind = Literal["text", "integer", "number", "boolean", "choice", "choices"]

_MAX_FIELDS = 50
_MAX_CHARACTERS = 200_000  # of a whole form: it is sent to the front end, and kept by it
_MAX_OPTIONS = 200
_MAX_NAME = 200
_MAX_VALUE = 4000
_MAX_HELP = 1000
_KINDS: dict[str, FieldKind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_DEFAULTS: dict[FieldKind, type | tuple[type, ...]] = {
    "text": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "choice": str,
    "choices": list,
}
# The words of the specification for each kind of field; the others of a schema are left out.
_BOUNDS: dict[FieldKind, tuple[str, ...]] = {
    "text": ("minLength", "maxLength", "format"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
    "boolean": (),
    "choice": (),
    "choices": ("minItems", "maxItems"),
}
FORMATS = ("email", "uri", "date", "date-time")
"""The formats that a text may have to have."""


class UnusableForm(ValueError):
    """A schema that is no form; `str()` says what is wrong with it."""


@dataclass(frozen=True)
class Option:
    """One of a list.

    Attributes:
        value: what is sent.
        label: what is shown.
    """

    value: str
    label: str


@dataclass(frozen=True)
class Field:
    """One thing to fill in.

    Attributes:
        name: the property's.
        kind: what is filled in.
        label: what is shown, cleaned.
        help: the server's explanation, cleaned and cut; "" if there is none.
        required: it cannot be left out.
        default: what it starts with; None if with nothing.
        options: what can be chosen, for a choice.
        bounds: what its value has to keep to, in words of JSON Schema.
        secret: its name is that of a secret, which a form must not ask for.
        lines: how many lines a text is shown in.
        media: an image or a sound that it is about, as a data: URL of our own making; "" if none.
    """

    name: str
    kind: FieldKind
    label: str
    help: str = ""
    required: bool = False
    default: Any = None
    options: Sequence[Option] = ()
    bounds: Mapping[str, Any] | None = None
    secret: bool = False
    lines: int = 1
    media: str = ""

    def to_schema(self) -> dict[str, Any]:
        """Give the schema of a value, built from what was understood and nothing else."""
        bounds = dict(self.bounds or {})
        values = [option.value for option in self.options]
        if self.kind == "choice":
            return {"enum": values, **bounds}
        if self.kind == "choices":
            return {"type": "array", "items": {"enum": values}, "uniqueItems": True, **bounds}
        return {"type": "string" if self.kind == "text" else self.kind, **bounds}


def read_fields(schema: Mapping[str, Any]) -> list[Field]:
    """Read the fields of a form, in the server's order.

    Args:
        schema: `requestedSchema` of an elicitation.

    Raises:
        UnusableForm: it is not of the kind that the specification allows.
    """
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    if schema.get("type", "object") != "object" or not isinstance(properties, dict) or not isinstance(required, list):
        raise UnusableForm("it is no object with properties")
    if len(cast("dict[str, Any]", properties)) > _MAX_FIELDS:
        raise UnusableForm(f"it has more than {_MAX_FIELDS} fields")
    fields = [_read_field(name, one, name in required) for name, one in cast("dict[str, Any]", properties).items()]
    if sum(map(_count_characters, fields)) > _MAX_CHARACTERS:
        raise UnusableForm(f"it has more than {_MAX_CHARACTERS:,} characters")
    return fields


def _count_characters(field: Field) -> int:
    options = sum(len(option.value) + len(option.label) for option in field.options)
    return len(field.name) + len(field.label) + len(field.help) + len(str(field.default)) + options


def _read_field(name: str, schema: Any, required: bool) -> Field:
    if not isinstance(schema, dict) or len(name) > _MAX_NAME:
        raise UnusableForm(f"{one_line(name, 50)!r} is not described")
    described = cast("dict[str, Any]", schema)
    kind, options = _read_kind(name, described)
    title = described.get("title")
    return Field(
        name=name,
        kind=kind,
        label=one_line(title if isinstance(title, str) and title.strip() else name, _MAX_NAME),
        help=shown_text(str(described.get("description") or ""), _MAX_HELP),
        required=required,
        default=_read_default(described.get("default"), kind, options),
        options=options,
        bounds=_read_bounds(described, kind),
        secret=names_credential(name) or (isinstance(title, str) and names_credential(title[:_MAX_NAME])),
    )


def _read_kind(name: str, schema: Mapping[str, Any]) -> tuple[FieldKind, tuple[Option, ...]]:
    declared = schema.get("type", "string" if "enum" in schema or "oneOf" in schema else None)
    if declared == "array":
        items = schema.get("items")
        options = _read_options(name, cast("dict[str, Any]", items)) if isinstance(items, dict) else ()
        if not options:
            raise UnusableForm(f"{one_line(name, 50)!r} is a list of anything, which cannot be filled in")
        return "choices", options
    options = _read_options(name, schema)
    if options:
        return "choice", options
    if not isinstance(declared, str) or declared not in _KINDS:
        raise UnusableForm(f"{one_line(name, 50)!r} is no text, number, boolean or choice")
    return _KINDS[declared], ()


def _read_options(name: str, schema: Mapping[str, Any]) -> tuple[Option, ...]:
    titled = schema.get("oneOf", schema.get("anyOf"))
    values: list[Any] = schema.get("enum") or []
    labels: list[Any] = schema.get("enumNames") or values
    if isinstance(titled, list):
        pairs = [(one.get("const"), one.get("title")) for one in cast("list[dict[str, Any]]", titled)]
        values, labels = [value for value, _ in pairs], [value if title is None else title for value, title in pairs]
    if len(values) > _MAX_OPTIONS:
        raise UnusableForm(f"{one_line(name, 50)!r} has more than {_MAX_OPTIONS} choices")
    if len(labels) != len(values) or not all(isinstance(value, str) and len(value) <= _MAX_VALUE for value in values):
        raise UnusableForm(f"{one_line(name, 50)!r} has choices that are no texts")
    return tuple(Option(value, one_line(str(label), _MAX_NAME)) for value, label in zip(values, labels, strict=True))


def _read_default(default: Any, kind: FieldKind, options: Sequence[Option]) -> Any:
    """Give the default if it fits; a server's mistake in it is no reason not to ask."""
    if not isinstance(default, _DEFAULTS[kind]) or (isinstance(default, bool) and kind != "boolean"):
        return None
    values = {option.value for option in options}
    if kind == "choices":
        return [one for one in cast("list[Any]", default) if isinstance(one, str) and one in values]
    if kind == "choice" and default not in values:
        return None
    if not isinstance(default, str):
        return default
    if len(default) > _MAX_VALUE:
        return None
    # What a person submits must be what they saw; a choice's value is compared with the server's own list.
    return clean(default) if kind == "text" else default


def _read_bounds(schema: Mapping[str, Any], kind: FieldKind) -> dict[str, Any]:
    bounds = {word: schema[word] for word in _BOUNDS[kind] if word in schema}
    if bounds.get("format", FORMATS[0]) not in FORMATS:
        del bounds["format"]
    numbers = {word: bound for word, bound in bounds.items() if word != "format"}
    for word, bound in numbers.items():
        if not isinstance(bound, int | float) or isinstance(bound, bool):
            del bounds[word]
    return bounds

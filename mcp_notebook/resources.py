"""The resources of a server and its resource templates, and how a template is filled in.

Knows URIs and, by the SDK, URI templates (RFC 6570 up to level 3, and lists in paths). Refuses to read anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.arguments import check_texts, read_arguments
from mcp_notebook.catalog import Catalog
from mcp_notebook.display import one_line
from mcp_notebook.errors import TemplateUnreadable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp.shared.uri_template import UriTemplate
    from mcp_types import Resource, ResourceTemplate

    from mcp_notebook.schemas import Schema

__all__ = ["Resources", "Templates", "fill_in", "read_values", "template_schema"]

_OPTIONAL = ("?", "&", "#", ";")  # the expressions that a URI can do without


class Resources(Catalog["Resource"]):
    """A server's resources, by URI."""

    noun = "resource"
    columns = ("resource", "type", "size", "what it is")

    @staticmethod
    def key(item: Resource) -> str:
        """Give its URI."""
        return item.uri

    @staticmethod
    def row(item: Resource) -> tuple[str, ...]:
        """Give URI, type, size in bytes, and what it is."""
        return item.uri, item.mime_type or "", "" if item.size is None else f"{item.size:,}", _summary(item)


class Templates(Catalog["ResourceTemplate"]):
    """A server's resource templates, by URI template."""

    noun = "template"
    columns = ("template", "type", "what it is")

    @staticmethod
    def key(item: ResourceTemplate) -> str:
        """Give its URI template."""
        return item.uri_template

    @staticmethod
    def row(item: ResourceTemplate) -> tuple[str, ...]:
        """Give URI template, type and what it is."""
        return item.uri_template, item.mime_type or "", _summary(item)

    def find_match(self, uri: str) -> ResourceTemplate | None:
        """Find the template that a URI is of, or that it is itself; None if there is none."""
        return next((item for item in self if item.uri_template == uri or _matches(item.uri_template, uri)), None)


def _summary(item: Resource | ResourceTemplate) -> str:
    named = item.title or item.name
    return one_line(f"{named}: {item.description}" if item.description else named, limit=160)


def _matches(template: str, uri: str) -> bool:
    try:
        return _parse(template).match(uri) is not None
    except TemplateUnreadable:
        return False


def _parse(template: str) -> UriTemplate:
    from mcp.shared.uri_template import InvalidUriTemplate, UriTemplate  # noqa: PLC0415  the SDK costs half a second

    try:
        return UriTemplate.parse(template)
    except InvalidUriTemplate as error:
        raise TemplateUnreadable(template, str(error)) from None


def read_values(words: Sequence[str], uri: str, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """Read the values of a template's variables from words, as `read_arguments` does.

    Args:
        words: `name=text`, `name:=JSON` or `name=$object`.
        uri: the template; a whole URI takes no words.
        namespace: where `$object` is looked up.

    Raises:
        ArgumentError: a word is of no variable of this template.
        TemplateUnreadable: the template cannot be filled in.
        ValueError: a word is no `name=value`.
    """
    return read_arguments(words, uri, template_schema(uri), namespace)


def fill_in(uri: str, values: Mapping[str, Any]) -> str:
    """Fill in a template; a whole URI stays as it is.

    Args:
        uri: a URI, or a template such as `notes://{year}{?format}`.
        values: by name: texts, numbers, dates; lists of them for `{/name*}`.

    Raises:
        ArgumentError: a variable is missing, or there is none of that name.
        TemplateUnreadable: the template cannot be filled in.
    """
    if "{" not in uri and not values:
        return uri
    checked = check_texts(values, uri, template_schema(uri))
    return _parse(uri).expand(checked) if "{" in uri else uri


def template_schema(uri: str) -> Schema:
    """Describe a template's variables as a tool describes its arguments.

    Raises:
        TemplateUnreadable: the template cannot be filled in.
    """
    variables = _parse(uri).variables if "{" in uri else []
    texts: Schema = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "properties": {one.name: texts if one.explode else {"type": "string"} for one in variables},
        "required": [one.name for one in variables if one.operator not in _OPTIONAL],
    }

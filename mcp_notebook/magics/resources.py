"""Commands about resources: `%mcp resources`, `%mcp templates`, `%mcp read`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.errors import UnknownResource, UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.keeping import add_keeping_options, check_keeping_options, keep
from mcp_notebook.magics.listing import list_offers
from mcp_notebook.resources import Resources, Templates, read_values

if TYPE_CHECKING:
    from mcp_notebook.display import Table
    from mcp_notebook.session import Session

__all__ = ["READ", "RESOURCES", "TEMPLATES"]

_RESOURCES_USAGE = "%mcp resources [SERVER] [-s TEXT]"
_TEMPLATES_USAGE = "%mcp templates [SERVER] [-s TEXT]"
_READ_USAGE = "%mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]"


def _resources(invocation: Invocation) -> Table | None:
    return list_offers(invocation, _RESOURCES_USAGE, Resources, lambda session: session.list_resources())


def _templates(invocation: Invocation) -> Table | None:
    return list_offers(invocation, _TEMPLATES_USAGE, Templates, lambda session: session.list_templates())


def _read(invocation: Invocation) -> Any:
    options = Options(_READ_USAGE)
    options.add_argument("words", nargs="*")
    add_keeping_options(options)
    read = options.parse_intermixed_args(invocation.words)
    check_keeping_options(read, _READ_USAGE)
    session, uri, words = _choose(invocation, read.words)
    try:
        values = read_values(words, uri, invocation.variables)
    except ValueError as error:
        raise UsageError(str(error), _READ_USAGE) from None
    try:
        return keep(session.read(uri, values), read, invocation)
    except UnknownResource as error:
        if session.name in read.words:
            raise
        raise UnknownResource(error.name, error.known, error.server, invocation.host.gone) from None


def _choose(invocation: Invocation, words: list[str]) -> tuple[Session, str, list[str]]:
    """Read the words: which session, what URI, and the words after it."""
    host = invocation.host
    server = host.sessions.get(words[0]) if words else None
    rest = words if server is None else words[1:]
    if not rest:
        raise UsageError("Say which resource, by its URI", _READ_USAGE)
    if ":" not in rest[0]:
        if server is None and len(rest) > 1:
            host.get(rest[0])  # which says that there is no such server
        problem = f"{rest[0]!r} is no URI, which has a colon, as in file:///data.csv; %mcp resources shows them"
        raise UsageError(problem, _READ_USAGE)
    return server or host.get_reader(rest[0]), rest[0], rest[1:]


RESOURCES = Command(
    "resources",
    _RESOURCES_USAGE,
    "say what can be read; -s chooses by words",
    _resources,
    example="%mcp resources -s orders",
)
TEMPLATES = Command(
    "templates",
    _TEMPLATES_USAGE,
    "say which URIs can be filled in and then read",
    _templates,
    example="%mcp templates",
)
READ = Command(
    "read",
    _READ_USAGE,
    "read a resource by its URI, or by a template and its values",
    _read,
    example="%mcp read files file:///data/orders.csv --df -o orders",
)

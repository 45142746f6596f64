"""Commands that make this notebook an MCP server for hosts outside: `%mcp publish` and `%mcp unpublish`.

Knows what of a notebook can be published, and what to say about the address. Refuses to know how it is served
(`publishing`), and who may come: that is decided in the Jupyter server (package mcp_notebook_server).
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from mcp_notebook.config import is_server_object
from mcp_notebook.display import Table
from mcp_notebook.errors import NotInJupyter, UsageError
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.jupyter_place import find_own_place
from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.publishing import Publications

__all__ = ["PUBLISH", "UNPUBLISH"]

_PUBLISH_USAGE = "%mcp publish OBJECT|FUNCTION... [--name NAME]"
_UNPUBLISH_USAGE = "%mcp unpublish NAME... or --all"
_PATH = "mcp/published/"
"""Below the Jupyter server's base URL."""


def _publish(invocation: Invocation) -> Table | None:
    options = Options(_PUBLISH_USAGE)
    options.add_argument("objects", metavar="OBJECT", nargs="*")
    options.add_argument("--name")
    read = options.parse_intermixed_args(invocation.words)
    if not read.objects:
        return _list(_get_publications(invocation))
    values = [_get_object(word, invocation.variables) for word in read.objects]
    name: str = read.name or read.objects[0]
    publications = _get_publications(invocation)
    server = values[0] if is_server_object(values[0]) else _make_server(name, values)
    replaced = publications.publish(name, server)
    what = "is replaced; the hosts that are connected stay so" if replaced else "is published"
    print(f"{name} {what}: {_address(name)}")  # noqa: T201  it is the answer
    if not replaced:
        print(f"A host needs a token: mcp-notebook token create HOST --published {name}")  # noqa: T201  as above
    return None


def _make_server(name: str, functions: Sequence[Any]) -> Any:
    from mcp_notebook.publishing.publications import make_server  # noqa: PLC0415  it imports the SDK

    return make_server(name, functions)


def _get_object(word: str, variables: Mapping[str, Any]) -> Any:
    name = word.removeprefix("$")
    if name not in variables:
        known = [each for each, value in variables.items() if is_server_object(value) or inspect.isfunction(value)]
        raise UsageError(f"This notebook has no {name!r}.{did_you_mean(name, known)}", _PUBLISH_USAGE)
    value = variables[name]
    if is_server_object(value) or (callable(value) and not inspect.isclass(value)):
        return value
    raise UsageError(f"{name!r} is neither a server object of the MCP SDK nor a function", _PUBLISH_USAGE)


def _get_publications(invocation: Invocation) -> Publications:
    kernel = getattr(invocation.shell, "kernel", None)
    if kernel is None:
        raise NotInJupyter
    from mcp_notebook.publishing import get_publications  # noqa: PLC0415  it imports the SDK

    return get_publications(kernel)


def _list(publications: Publications) -> Table | None:
    if not publications.names:
        print("This notebook publishes nothing. Publish a server object: %mcp publish my_server")  # noqa: T201  as above
        return None
    rows = [(name, _address(name), publications.get(name).calls) for name in publications.names]
    return Table(("published", "at", "calls now"), rows, max_rows=len(rows))


def _address(name: str) -> str:
    own = find_own_place()
    return f"{own.url}{_PATH}{name}" if own is not None else f"{_PATH}{name} at your Jupyter server"


def _unpublish(invocation: Invocation) -> None:
    options = Options(_UNPUBLISH_USAGE)
    options.add_argument("names", metavar="NAME", nargs="*")
    options.add_argument("--all", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    if bool(read.names) == read.all:
        raise UsageError("Say which, or --all", _UNPUBLISH_USAGE)
    publications = _get_publications(invocation)
    names = list(dict.fromkeys(read.names)) or publications.names
    for name in names:
        publications.get(name)  # all or none
    for name in names:
        publications.unpublish(name)
    said = f"Not published any more: {', '.join(names)}." if names else "This notebook publishes nothing."
    print(said)  # noqa: T201  it is the answer


PUBLISH = Command(
    "publish",
    _PUBLISH_USAGE,
    "make a server object, or functions, of this notebook reachable for hosts outside",
    _publish,
    example="%mcp publish my_server --name sales",
    notes="""\
OBJECT           a server of the MCP SDK: MCPServer, or a lowlevel Server
FUNCTION         becomes a tool; its parameters' types are the schema, its docstring is the description
--name           the last part of the address; without it, the first word
Hosts call it also while a cell runs. What the functions print is shown below this line's cell. Run the cell again, and
the new server answers; hosts stay connected. Without any words, what is published is listed.""",
)
UNPUBLISH = Command(
    "unpublish",
    _UNPUBLISH_USAGE,
    "end what this notebook publishes",
    _unpublish,
    example="%mcp unpublish sales",
)

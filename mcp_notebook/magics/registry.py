"""Commands about a registry of servers: `%mcp registry search`, `%mcp connect --registry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.config import StdioServer
from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.waiting import WaitingLine

if TYPE_CHECKING:
    from mcp_notebook.session import Session

__all__ = ["REGISTRY", "connect_from_registry"]

_USAGE = "%mcp registry search WORDS..."


def _registry(invocation: Invocation) -> Table | None:
    from mcp_notebook.registry import find_servers  # noqa: PLC0415  hardly any notebook asks a registry

    options = Options(_USAGE)
    options.add_argument("what", choices=("search",))
    options.add_argument("words", nargs="+")
    words = options.parse_args(invocation.words).words
    found = find_servers(invocation.settings.registry, " ".join(words))
    if not found:
        print(f"{invocation.settings.registry} has no server with {' '.join(words)!r} in its name.")  # noqa: T201  it is the answer
        return None
    rows = [(one.name, one.version, ", ".join(one.kinds), one.description) for one in found]
    return Table(("server", "version", "how", "description"), rows)


def connect_from_registry(invocation: Invocation, usage: str) -> Session:
    """Connect to a server that the registry knows: `[NAME] --registry SERVER`.

    Args:
        invocation: of `%mcp connect`.
        usage: of that.

    Raises:
        HostError: the registry does not have it, or it cannot be connected to.
    """
    from mcp_notebook.registry import get_definition  # noqa: PLC0415  as above

    options = Options(usage)
    options.add_argument("name", metavar="NAME", nargs="?")
    options.add_argument("--registry", metavar="SERVER", required=True)
    read = options.parse_intermixed_args(invocation.words)
    name = read.name or read.registry.rpartition("/")[2]
    if not name:
        raise UsageError("Say which server of the registry", usage)
    definition = get_definition(invocation.settings.registry, read.registry)
    does = "Starting" if isinstance(definition, StdioServer) else "Connecting to"
    print(f"{does} {definition.shown}")  # noqa: T201  what is run on a registry's word is said before
    with WaitingLine(invocation.shell) as waiting:
        return invocation.host.connect(name, definition, waiting)


REGISTRY = Command(
    "registry",
    _USAGE,
    "find servers in the public registry, or in another",
    _registry,
    example="%mcp registry search weather",
    notes="""\
WORDS            a part of the server's name there; %mcp connect --registry SERVER connects to one
                 %config MCPMagics.registry = "https://..." asks another registry""",
)

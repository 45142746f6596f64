"""Commands about connections: `%mcp`, `%mcp connect`, `%mcp disconnect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer, is_server_object
from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.config import Era, ServerDefinition
    from mcp_notebook.session import Session

__all__ = ["CONNECT", "DISCONNECT", "STATUS"]

_CONNECT_USAGE = (
    '%mcp connect NAME -- COMMAND ARGS... or NAME URL [-H "Header: value"]... or OBJECT [--era auto|legacy|modern]'
)
_DISCONNECT_USAGE = "%mcp disconnect NAME"


def _status(invocation: Invocation) -> Table | None:
    sessions = invocation.host.sessions
    if not sessions:
        print("Nothing is connected. Begin with: %mcp connect NAME -- COMMAND ARGS...")  # noqa: T201  it is the answer
        return None
    rows = [_status_row(session) for session in sessions.values()]
    return Table(("server", "state", "era", "tools", "connected to"), rows, max_rows=len(rows))


def _status_row(session: Session) -> tuple[str, str, str, int | None, str]:
    tools = len(session.tools) if session.state == "open" else None
    return session.name, session.state, session.era, tools, session.definition.shown


def _connect(invocation: Invocation) -> Session:
    name, definition = read_connect(invocation.words, invocation.shell.user_ns)
    session = invocation.host.connect(name, definition)
    session.list_tools()  # so that the session's repr, and completion, know them
    return session


def read_connect(words: list[str], namespace: Mapping[str, Any]) -> tuple[str, ServerDefinition]:
    """Read the words after `%mcp connect`.

    Args:
        words: a name and what to connect to, or only the name of a server object.
        namespace: where that is looked up.

    Raises:
        UsageError: they cannot be read.
    """
    at = words.index("--") if "--" in words else len(words)
    ours, command = words[:at], words[at + 1 :]
    options = Options(_CONNECT_USAGE)
    options.add_argument("name", metavar="NAME")
    options.add_argument("url", metavar="URL", nargs="?")
    options.add_argument("-H", dest="headers", metavar="HEADER", action="append", default=[])
    options.add_argument("--era", choices=("auto", "legacy", "modern"), default="auto")
    read = options.parse_intermixed_args(ours)
    if not read.url and not command:
        return read.name, _read_object(read.name, namespace, read.era)
    if read.url and command:
        raise UsageError("Say either a URL or -- and a command", _CONNECT_USAGE)
    if command and read.headers:
        raise UsageError("-H is for a URL; a command has no headers", _CONNECT_USAGE)
    if command:
        return read.name, StdioServer(command[0], tuple(command[1:]), era=read.era)
    if not read.url.startswith(("http://", "https://")):
        raise UsageError(f"{read.url!r} is no URL, and a command comes after --", _CONNECT_USAGE)
    return read.name, HTTPServer(read.url, dict(_read_header(header) for header in read.headers), read.era)


def _read_object(name: str, namespace: Mapping[str, Any], era: Era) -> InProcessServer:
    if name not in namespace:
        problem = f"Say a URL, or -- and a command, as this notebook has no server object {name!r}"
        raise UsageError(problem, _CONNECT_USAGE)
    if not is_server_object(namespace[name]):
        problem = f"{name!r} is no server but {type(namespace[name]).__name__}: say a URL, or -- and a command"
        raise UsageError(problem, _CONNECT_USAGE)
    return InProcessServer(namespace[name], era)


def _read_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError('A header looks like -H "Name: value"', _CONNECT_USAGE)
    return name.strip(), value.strip()


def _disconnect(invocation: Invocation) -> None:
    options = Options(_DISCONNECT_USAGE)
    options.add_argument("name", metavar="NAME")
    name = options.parse_args(invocation.words).name
    invocation.host.disconnect(name)
    print(f"Disconnected from {name}.")  # noqa: T201  it is the answer


STATUS = Command("", "%mcp", "say what is connected", _status, example="%mcp")
CONNECT = Command(
    "connect", _CONNECT_USAGE, "connect to a server", _connect, example="%mcp connect time -- python -m mcp_server_time"
)
DISCONNECT = Command(
    "disconnect",
    _DISCONNECT_USAGE,
    "close a connection and end its process",
    _disconnect,
    example="%mcp disconnect time",
)

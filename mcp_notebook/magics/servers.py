"""Commands about connections: `%mcp`, `%mcp connect`, `%mcp restart`, `%mcp disconnect`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer, is_server_object
from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.config_files import connect_from_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.config import Era, ServerDefinition
    from mcp_notebook.session import Session

__all__ = ["CONNECT", "DISCONNECT", "RESTART", "STATUS"]

_CONNECT_USAGE = (
    '%mcp connect NAME -- COMMAND ARGS... or NAME URL [-H "Header: value"]... [--sse] or OBJECT '
    "[--era auto|legacy|modern] or --config [FILE] [NAME...|--all]"
)
_RESTART_USAGE = "%mcp restart NAME"
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


def _connect(invocation: Invocation) -> Session | Table | None:
    at = invocation.words.index("--") if "--" in invocation.words else None
    if "--config" in invocation.words[:at]:
        return _connect_config(invocation)
    name, definition = read_connect(invocation.words, invocation.shell.user_ns, cast("Era", invocation.settings.era))
    session = invocation.host.connect(name, definition)
    session.list_tools()  # so that the session's repr, and completion, know them
    return session


def _connect_config(invocation: Invocation) -> Session | Table | None:
    connected = connect_from_config(invocation, _CONNECT_USAGE)
    if isinstance(connected, Table):
        return connected
    if len(connected) == 1:
        (session,) = connected.values()
        session.list_tools()
        return session
    return _status(invocation)


def read_connect(words: list[str], namespace: Mapping[str, Any], era: Era) -> tuple[str, ServerDefinition]:
    """Read the words after `%mcp connect`.

    Args:
        words: a name and what to connect to, or only the name of a server object.
        namespace: where that is looked up.
        era: which protocol to speak where the words do not say.

    Raises:
        UsageError: they cannot be read.
    """
    at = words.index("--") if "--" in words else len(words)
    ours, command = words[:at], words[at + 1 :]
    options = Options(_CONNECT_USAGE)
    options.add_argument("name", metavar="NAME")
    options.add_argument("url", metavar="URL", nargs="?")
    options.add_argument("-H", dest="headers", metavar="HEADER", action="append", default=[])
    options.add_argument("--sse", action="store_true")
    options.add_argument("--era", choices=("auto", "legacy", "modern"), default=era)
    read = options.parse_intermixed_args(ours)
    if not read.url and not command:
        return read.name, _read_object(read.name, namespace, read.era)
    if read.url and command:
        raise UsageError("Say either a URL or -- and a command", _CONNECT_USAGE)
    if command and (read.headers or read.sse):
        raise UsageError("-H and --sse are for a URL; a command has neither", _CONNECT_USAGE)
    if command:
        return read.name, StdioServer(command[0], tuple(command[1:]), era=read.era)
    if not read.url.startswith(("http://", "https://")):
        raise UsageError(f"{read.url!r} is no URL, and a command comes after --", _CONNECT_USAGE)
    headers = dict(_read_header(header) for header in read.headers)
    # HTTP+SSE is older than the modern protocol: asking for it would be in vain.
    return read.name, HTTPServer(read.url, headers, "legacy" if read.sse else read.era, sse=read.sse)


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


def _restart(invocation: Invocation) -> Session:
    options = Options(_RESTART_USAGE)
    options.add_argument("name", metavar="NAME")
    session = invocation.host.restart(options.parse_args(invocation.words).name)
    session.list_tools()  # as after connecting
    return session


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
RESTART = Command("restart", _RESTART_USAGE, "connect anew to the same server", _restart, example="%mcp restart time")
DISCONNECT = Command(
    "disconnect",
    _DISCONNECT_USAGE,
    "close a connection and end its process",
    _disconnect,
    example="%mcp disconnect time",
)

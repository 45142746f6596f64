"""Commands about connections: `%mcp`, `%mcp connect`, `%mcp restart`, `%mcp disconnect`."""

from __future__ import annotations

import re
import shutil
from itertools import takewhile
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer, is_server_object
from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.audit import tell_of_changes
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.command_line import read_command
from mcp_notebook.magics.config_files import connect_from_config
from mcp_notebook.magics.listing import NOTHING_CONNECTED
from mcp_notebook.magics.registry import connect_from_registry
from mcp_notebook.magics.waiting import WaitingLine
from mcp_notebook.session import Session
from mcp_notebook.words import as_typed, is_literal

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from mcp_notebook.config import Era, ServerDefinition

__all__ = ["CONNECT", "DISCONNECT", "RESTART", "SIGNOUT", "STATUS"]

_CONNECT_USAGE = (
    '%mcp connect NAME -- COMMAND ARGS... or NAME URL [-H "Header: value"]... [--sse] or OBJECT '
    "[--era auto|legacy|modern] or --config [FILE] [NAME...|--all] or [NAME] --registry SERVER"
)
_RESTART_USAGE = "%mcp restart NAME"
_SIGNOUT_USAGE = "%mcp signout SERVER"
_DISCONNECT_USAGE = "%mcp disconnect NAME... or --all"


def _status(invocation: Invocation) -> Table | None:
    sessions = invocation.host.sessions
    if not sessions:
        print(NOTHING_CONNECTED)  # noqa: T201  it is the answer
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
    if "--registry" in invocation.words[:at]:
        session = connect_from_registry(invocation, _CONNECT_USAGE)
        session.list_tools()  # as below
        return session
    name, definition = read_connect(invocation.words, invocation.variables, cast("Era", invocation.settings.era))
    with WaitingLine(invocation.shell) as waiting:
        session = invocation.host.connect(name, definition, waiting)
    session.list_tools()  # so that the session's repr, and completion, know them
    tell_of_changes([session])
    return session


def _connect_config(invocation: Invocation) -> Session | Table | None:
    connected = connect_from_config(invocation, _CONNECT_USAGE)
    if isinstance(connected, Table):
        return connected
    sessions = list(connected.values())
    tell_of_changes(sessions)
    return sessions[0] if len(sessions) == 1 else _status(invocation)


def read_connect(words: Sequence[str], namespace: Mapping[str, Any], era: Era) -> tuple[str, ServerDefinition]:
    """Read the words after `%mcp connect`.

    Args:
        words: a name and what to connect to (`$name` is a URL, or a server object), or only the name of such an object.
        namespace: where that is looked up.
        era: which protocol to speak where the words do not say.

    Raises:
        UsageError: they cannot be read.
    """
    at = words.index("--") if "--" in words else len(words)
    ours, command = words[:at], words[at + 1 :]
    slip = _find_slip_in_header(ours) or (None if "--" in words or not words else _find_slip(words))
    if slip is not None:
        raise UsageError(slip, _CONNECT_USAGE)
    options = Options(_CONNECT_USAGE)
    options.add_argument("name", metavar="NAME")
    options.add_argument("url", metavar="URL", nargs="?")
    options.add_argument("-H", dest="headers", metavar="HEADER", action="append", default=[])
    options.add_argument("--sse", action="store_true")
    options.add_argument("--era", choices=("auto", "legacy", "modern"), default=era)
    read = options.parse_intermixed_args(ours)
    if "--" in words and not command:
        raise UsageError("There is no command after --", _CONNECT_USAGE)
    if not read.url and not command:
        return read.name, _read_object(read.name, namespace, read.era)
    url = read.url
    if url and url.startswith("$"):
        url = _read_url(url, namespace)
        if is_server_object(url):
            return read.name, InProcessServer(url, read.era)
    if url and command:
        raise UsageError(_why_not_both(read.name, url, command), _CONNECT_USAGE)
    if command and (read.headers or read.sse):
        raise UsageError("-H and --sse are for a URL; a command has neither", _CONNECT_USAGE)
    if command:
        return read.name, _read_command(command, namespace, read.era)
    return read.name, _read_http(url, read)


_HOST = re.compile(r"[\w.-]+:\d+(/.*)?|localhost(/.*)?")
_OPTIONS = frozenset({"-H", "--sse", "--era"})


def _is_url(word: str) -> bool:
    return word.startswith(("http://", "https://"))


def _why_not_both(name: str, url: str, command: Sequence[str]) -> str:
    if _is_url(url):
        return "Say either a URL or -- and a command"
    return f"A name is one word: %mcp connect {name}_{url} -- {' '.join(map(as_typed, command))}"


def _read_http(url: str, read: argparse.Namespace) -> HTTPServer:
    if not _is_url(url):
        raise UsageError(f"{url!r} is no URL: that begins with http:// or https://", _CONNECT_USAGE)
    headers = dict(_read_header(header) for header in read.headers)
    # HTTP+SSE is older than the modern protocol: asking for it would be in vain.
    return HTTPServer(url, headers, "legacy" if read.sse else read.era, sse=read.sse)


def _read_command(words: Sequence[str], namespace: Mapping[str, Any], era: Era) -> StdioServer:
    try:
        command, *args = read_command(words, namespace)
    except ValueError as error:
        raise UsageError(str(error), _CONNECT_USAGE) from None
    return StdioServer(command, tuple(args), era=era)


def _find_slip_in_header(words: Sequence[str]) -> str | None:
    """Find a header without quotes, `-H Authorization: Bearer x`, and say it with them; None if there is none."""
    for at, word in enumerate(words[1:], 1):
        if words[at - 1] == "-H" and word.endswith(":") and not is_literal(word):
            rest = takewhile(lambda one: not one.startswith("-"), words[at + 1 :])
            return f'A header stands in quotes: -H "{" ".join([word, *rest])}"'
    return None


def _find_slip(words: Sequence[str]) -> str | None:
    """Find what is nearly right in words without --, as a sentence; None if nothing is."""
    typed = list(map(as_typed, words))
    if _is_url(words[0]):
        return f"Say a name first: %mcp connect NAME {' '.join(typed)}"
    if len(words) == 1 or words[0].startswith("-") or "://" in words[1] or words[1] in _OPTIONS or words[1][:1] == "$":
        return None
    if _HOST.fullmatch(words[1]):
        return f"A URL begins with http:// or https://: %mcp connect {words[0]} http://{words[1]}"
    if shutil.which(words[0]) and not shutil.which(words[1]):
        return f"Say a name first, and -- before the command: %mcp connect NAME -- {' '.join(typed)}"
    return f"A command comes after --: %mcp connect {words[0]} -- {' '.join(typed[1:])}"


def _read_url(word: str, namespace: Mapping[str, Any]) -> Any:
    """Read `$name`: a text that is a URL, or a server object."""
    name = word.removeprefix("$")
    if name not in namespace:
        raise UsageError(f"This notebook has no {name!r}, so {word} stands for nothing", _CONNECT_USAGE)
    value = namespace[name]
    if is_server_object(value) or (isinstance(value, str) and _is_url(value)):
        return value
    raise UsageError(f"{word} is {_describe(value)}, neither a URL nor a server object", _CONNECT_USAGE)


def _read_object(name: str, namespace: Mapping[str, Any], era: Era) -> InProcessServer:
    if name not in namespace:
        problem = f"Say a URL, or -- and a command, as this notebook has no server object {name!r}"
        raise UsageError(problem, _CONNECT_USAGE)
    value = namespace[name]
    if is_server_object(value):
        return InProcessServer(value, era)
    if isinstance(value, Session):
        problem = f"{name!r} is the session {value.name} already: to connect anew, %mcp restart {value.name}"
    elif isinstance(value, str):
        problem = f"{name!r} is a text: say a name and where the URL is, %mcp connect NAME ${name}"
    else:
        problem = f"{name!r} is {_describe(value)}, no server of the MCP SDK: say a URL, or -- and a command"
    raise UsageError(problem, _CONNECT_USAGE)


def _describe(value: Any) -> str:
    """Say what a value is, without its text, which may be a secret."""
    kind = cast("type[Any]", type(value))
    return f"of type {kind.__name__}" if kind.__module__ == "builtins" else f"of type {kind.__module__}.{kind.__name__}"


def _read_header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise UsageError('A header looks like -H "Name: value"', _CONNECT_USAGE)
    return name.strip(), value.strip()


def _restart(invocation: Invocation) -> Session:
    options = Options(_RESTART_USAGE)
    options.add_argument("name", metavar="NAME")
    name = options.parse_args(invocation.words).name
    with WaitingLine(invocation.shell) as waiting:
        session = invocation.host.restart(name, waiting)
    session.list_tools()  # as after connecting
    return session


def _disconnect(invocation: Invocation) -> None:
    options = Options(_DISCONNECT_USAGE)
    options.add_argument("names", metavar="NAME", nargs="*")
    options.add_argument("--all", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    if bool(read.names) == read.all:
        raise UsageError("Say which, or --all", _DISCONNECT_USAGE)
    names = list(dict.fromkeys(read.names)) or list(invocation.host.sessions)
    for name in names:
        invocation.host.get(name)  # all or none
    for name in names:
        invocation.host.disconnect(name)
    print(f"Disconnected from {', '.join(names)}." if names else NOTHING_CONNECTED)  # noqa: T201  it is the answer


def _sign_out(invocation: Invocation) -> None:
    options = Options(_SIGNOUT_USAGE)
    options.add_argument("name", metavar="SERVER")
    session = invocation.host.get(options.parse_args(invocation.words).name)
    done = f"Signed out of {session.name}." if session.sign_out() else f"Nobody was signed in to {session.name}."
    print(f"{done} The connection is closed: %mcp restart {session.name}")  # noqa: T201  it is the answer


STATUS = Command("", "%mcp", "say what is connected", _status, example="%mcp")
CONNECT = Command(
    "connect",
    _CONNECT_USAGE,
    "connect to a server",
    _connect,
    example="%mcp connect time -- python -m mcp_server_time",
    notes="""\
NAME             what you call the connection; one that has the name is replaced
-- COMMAND       starts a server; its words follow as in a terminal, without quotes around the whole: ~ is home,
                 $HOME/x is of the environment, and $folder, alone, the notebook's variable
URL              of a server that runs; $url where the URL, or a server object, is in the variable url
-H               a header; ${TOKEN} is a variable of the environment
--sse            for servers of the older HTTP+SSE
--era            legacy: the protocol until 2025-11-25, with sessions; modern: 2026-07-28; auto asks the server
--registry       connects to a server of the registry that %mcp registry search shows
--config         shows what mcp.json and its like have; with names, or --all, connects""",
)
RESTART = Command("restart", _RESTART_USAGE, "connect anew to the same server", _restart, example="%mcp restart time")
DISCONNECT = Command(
    "disconnect",
    _DISCONNECT_USAGE,
    "close a connection and end its process",
    _disconnect,
    example="%mcp disconnect time",
)
SIGNOUT = Command(
    "signout",
    _SIGNOUT_USAGE,
    "close a connection and forget who is signed in there",
    _sign_out,
    example="%mcp signout github",
)

"""How `%mcp tools`, `resources`, `templates` and `prompts` list what the servers have.

Knows the words that they share, and that a list which lacks something says why. Refuses to know what they list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table
from mcp_notebook.errors import NothingFound, how_to_revive
from mcp_notebook.magics.command import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.catalog import Catalog
    from mcp_notebook.host import Host
    from mcp_notebook.magics.command import Invocation
    from mcp_notebook.session import Session

__all__ = ["NOTHING_CONNECTED", "choose_sessions", "list_offers", "list_options", "say_nothing"]

_MAX_SHOWN = 200

NOTHING_CONNECTED = "Nothing is connected. Begin with: %mcp connect NAME -- COMMAND ARGS..."


def list_options(usage: str) -> Options:
    """Make the options that all lists have: `[SERVER] [-s TEXT]`."""
    options = Options(usage)
    options.add_argument("server", metavar="SERVER", nargs="?")
    options.add_argument("-s", dest="text", metavar="TEXT", default="")
    return options


def choose_sessions(server: str | None, host: Host) -> list[Session]:
    """Give the session of a server, or all that are open; those that are not are named below the line."""
    if server is not None:
        return [host.get(server)]
    for name, state in host.gone.items():
        print(f"{how_to_revive(name, state)}")  # noqa: T201  part of the answer
    return host.open_sessions


def say_nothing(noun: str, text: str, sessions: list[Session], host: Host) -> None:
    """Say that a list is empty.

    Raises:
        NothingFound: something was searched for.
    """
    if not host.sessions:
        print(NOTHING_CONNECTED)  # noqa: T201  it is the answer
    elif text:
        raise NothingFound(noun, text, f"%mcp {noun}s", text if text in host.sessions else None)
    else:
        who = sessions[0].name if len(sessions) == 1 else "No server that is connected"
        print(f"{who} has {'no' if len(sessions) == 1 else 'any'} {noun}s.")  # noqa: T201  it is the answer


def list_offers(
    invocation: Invocation, usage: str, kind: type[Catalog[Any]], ask: Callable[[Session], Catalog[Any]]
) -> Table | None:
    """List what one server has, or what all have, with the server's name where there are several.

    Args:
        invocation: the line: `[SERVER] [-s TEXT]`.
        usage: how it should look.
        kind: what is listed.
        ask: asks a server for it.

    Returns:
        None where there is nothing, which has been said.

    Raises:
        NothingFound: nothing has all words of the text.
    """
    read = list_options(usage).parse_intermixed_args(invocation.words)
    sessions = choose_sessions(read.server, invocation.host)
    rows = [(session.name, row) for session in sessions for row in ask(session).search(read.text)]
    if not rows:
        return say_nothing(kind.noun, read.text, sessions, invocation.host)
    several = len(sessions) > 1
    columns = ("server", *kind.columns) if several else kind.columns
    shown = [(server, *row) if several else row for server, row in rows]
    return Table(columns, shown, rest=f"%mcp {kind.noun}s -s TEXT searches", max_rows=_MAX_SHOWN)

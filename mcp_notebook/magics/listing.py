"""How `%mcp resources`, `%mcp templates` and `%mcp prompts` list what the servers have.

Knows the words that they share. Refuses to know what they list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table
from mcp_notebook.errors import NothingFound
from mcp_notebook.magics.command import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.catalog import Catalog
    from mcp_notebook.magics.command import Invocation
    from mcp_notebook.session import Session

__all__ = ["list_offers"]

_MAX_SHOWN = 200


def list_offers(
    invocation: Invocation, usage: str, kind: type[Catalog[Any]], ask: Callable[[Session], Catalog[Any]]
) -> Table:
    """List what one server has, or what all have, with the server's name where there are several.

    Args:
        invocation: the line: `[SERVER] [-s TEXT]`.
        usage: how it should look.
        kind: what is listed.
        ask: asks a server for it.

    Raises:
        NothingFound: nothing has all words of the text.
    """
    options = Options(usage)
    options.add_argument("server", metavar="SERVER", nargs="?")
    options.add_argument("-s", dest="text", metavar="TEXT", default="")
    read = options.parse_intermixed_args(invocation.words)
    sessions = [invocation.host.get(read.server)] if read.server else invocation.host.open_sessions
    rows = [(session.name, row) for session in sessions for row in ask(session).search(read.text)]
    if read.text and not rows:
        raise NothingFound(kind.noun, read.text, f"%mcp {kind.noun}s")
    several = len(sessions) > 1
    columns = ("server", *kind.columns) if several else kind.columns
    shown = [(server, *row) if several else row for server, row in rows]
    return Table(columns, shown, rest=f"%mcp {kind.noun}s -s TEXT searches", max_rows=_MAX_SHOWN)

"""The command about answers that are kept while a server says that they are fresh: `%mcp cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.listing import NOTHING_CONNECTED

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["CACHE"]

_USAGE = "%mcp cache [SERVER] [on|off]"


def _cache(invocation: Invocation) -> Table | None:
    options = Options(_USAGE)
    options.add_argument("words", nargs="*")
    words: Sequence[str] = options.parse_args(invocation.words).words
    switch = words[-1] if words and words[-1] in {"on", "off"} else None
    names = words if switch is None else words[:-1]
    if len(names) > 1:
        raise UsageError("Say one server, and on or off", _USAGE)
    sessions = [invocation.host.get(name) for name in names] or invocation.host.open_sessions
    if not sessions:
        print(NOTHING_CONNECTED)  # noqa: T201  it is the answer
        return None
    for session in sessions if switch else ():
        session.use_cache(switch == "on")
    rows = [
        (one.name, "on" if one.is_caching else "off", one.era if one.era == "modern" else "legacy: servers say nothing")
        for one in sessions
    ]
    return Table(("server", "cache", "era"), rows, max_rows=len(rows))


CACHE = Command(
    "cache",
    _USAGE,
    "keep lists and resources for as long as a server says that they are fresh",
    _cache,
    example="%mcp cache files on\n%mcp cache off",
    notes="""\
on             an answer that is still fresh is not asked for again, and the cell says that it came from the cache
off            each line asks the server, as from the beginning
Servers of the legacy era do not say how long an answer is fresh, so nothing is kept.""",
)

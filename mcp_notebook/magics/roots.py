"""The command about roots, the folders that servers are told of: `%mcp roots`.

Knows that servers are told at once, and which cannot know. Refuses to know what a root is (`approval.roots`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mcp_notebook.approval.roots import find_roots, set_roots
from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from mcp_notebook.host import Host

__all__ = ["ROOTS"]

_USAGE = "%mcp roots [FILE...] or --none"


def _roots(invocation: Invocation) -> Table | None:
    options = Options(_USAGE)
    options.add_argument("folders", nargs="*")
    options.add_argument("--none", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    if read.folders and read.none:
        raise UsageError("Say folders, or --none", _USAGE)
    if read.folders or read.none:
        try:
            set_roots(read.folders)
        except ValueError as error:
            raise UsageError(str(error), _USAGE) from None
        _tell(invocation.host)
    rows = [(name, url2pathname(urlsplit(uri).path)) for uri, name in find_roots()]
    if not rows:
        print("Servers are told of no folders. Tell them with: %mcp roots FOLDER")  # noqa: T201  it is the answer
        return None
    return Table(("root", "folder"), rows, max_rows=len(rows))


def _tell(host: Host) -> None:
    """Tell the servers that are connected; where there are roots, say who cannot know."""
    unaware = [session.name for session in host.open_sessions if not session.tell_roots()]
    if unaware and find_roots():
        restart = "; ".join(f"%mcp restart {name}" for name in unaware)
        said = f"Connected before there were roots, so not told: {', '.join(unaware)}. To tell: {restart}"
        print(said)  # noqa: T201  it is for the person


ROOTS = Command(
    "roots",
    _USAGE,
    "tell servers which folders they are to work in; without words: which these are",
    _roots,
    example="%mcp roots data notebooks",
    notes="""\
FILE           a folder; they take the place of those said before, also for servers that are connected
--none         no folders any more
Servers are told, not held: one that runs here can read whatever you can.""",
)

"""Commands about what is watched: `%mcp subscribe`, `%mcp unsubscribe`.

Knows where a change is seen: in the output of the line that subscribed, which changes at most twice a second, whatever
runs; in a terminal, before the next `%mcp` line is done. Refuses to know how a server tells (`watching`).
"""

from __future__ import annotations

import asyncio
import html
from contextvars import copy_context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table, one_line
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.progress import find_screen
from mcp_notebook.magics.waiting import is_watched
from mcp_notebook.subscriptions import WATCHED_LISTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.host import Host
    from mcp_notebook.magics.progress import Screen
    from mcp_notebook.session import Session
    from mcp_notebook.subscriptions import Subscription

__all__ = ["SUBSCRIBE", "UNSUBSCRIBE", "tell_changes"]

_SUBSCRIBE_USAGE = "%mcp subscribe [SERVER] URI or SERVER tools|resources|prompts"
_UNSUBSCRIBE_USAGE = "%mcp unsubscribe [SERVER] URI or SERVER tools|resources|prompts or --all"

_SECONDS_BETWEEN = 0.5


@dataclass(frozen=True)
class Watched:
    """How a subscription stands; see `progress.Showable`."""

    subscription: Subscription
    seconds: float = 0

    def to_text(self) -> str:
        """Say it in one line: `notes://today of files has changed 3 times`."""
        one = self.subscription
        return f"{one_line(f'{one.what} of {one.server}', 200)} has {one.state}"

    def to_html(self) -> str:
        """Draw it."""
        sign = "○" if self.subscription.ended else "●" if self.subscription.changes else "◌"
        return f"{sign} {html.escape(self.to_text())}"


class _Line:
    """The output of the line that subscribed, changed from the loop thread."""

    def __init__(self, subscription: Subscription, screen: Screen) -> None:
        self._watched = Watched(subscription)
        self._screen = screen
        self._context = copy_context()  # says which cell the output belongs to
        self._timer: asyncio.TimerHandle | None = None

    def show(self) -> None:
        """Show it anew, soon: all that comes meanwhile is shown at once."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SECONDS_BETWEEN, self._show, context=self._context)

    def _show(self) -> None:
        self._timer = None
        self._screen.show(self._watched)


def _subscribe(invocation: Invocation) -> Any:
    if not invocation.words:
        return _table(invocation.host)
    session, what = _read(invocation, _SUBSCRIBE_USAGE)
    subscription = session.subscribe(what)
    if getattr(invocation.shell, "kernel", None) is None:  # see `tell_changes`
        print(f"Watching {what} of {session.name}.")  # noqa: T201  it is the answer
    else:
        screen = find_screen(invocation.shell)
        screen.show(Watched(subscription))
        # Where nobody looks, outputs are to be the same in every run.
        subscription.show_by(_Line(subscription, screen).show if is_watched(invocation.shell) else _show_nothing)
    return subscription if invocation.assigned else None


def _show_nothing() -> None:
    pass


def _unsubscribe(invocation: Invocation) -> None:
    if list(invocation.words) == ["--all"]:
        ended = [one for session in invocation.host.sessions.values() for one in list(session.subscriptions.values())]
    else:
        session, what = _read(invocation, _UNSUBSCRIBE_USAGE)
        if what not in session.subscriptions:
            raise UsageError(
                f"{what} of {session.name} is not watched; %mcp subscribe shows what is", _UNSUBSCRIBE_USAGE
            )
        ended = [session.subscriptions[what]]
    for one in ended:
        one.close()
    names = ", ".join(f"{one.what} of {one.server}" for one in ended)
    print(f"Not watched any more: {names}." if ended else "Nothing was watched.")  # noqa: T201  it is the answer


def _read(invocation: Invocation, usage: str) -> tuple[Session, str]:
    """Read which session is meant, and what of it."""
    options = Options(usage)
    options.add_argument("words", nargs="+")
    words: Sequence[str] = options.parse_args(invocation.words).words
    host = invocation.host
    named = host.sessions.get(words[0])
    rest = words if named is None else words[1:]
    if len(rest) == 1 and rest[0] in WATCHED_LISTS:
        return named or _get_only(host, rest[0], usage), rest[0]
    if len(rest) > 1 and named is None:
        host.get(words[0])  # which says that there is no such server
    if len(rest) != 1 or ":" not in rest[0]:
        raise UsageError("Say a URI, which has a colon, or a server and which list of it", usage)
    if named is None:
        watching = [one for one in host.sessions.values() if rest[0] in one.subscriptions]
        named = watching[0] if len(watching) == 1 else host.get_reader(rest[0])
    return named, rest[0]


def _get_only(host: Host, kind: str, usage: str) -> Session:
    if len(host.open_sessions) != 1:
        raise UsageError(f"Say of which server, as in SERVER {kind}", usage)
    return host.open_sessions[0]


def _table(host: Host) -> Table | None:
    watched = [one for session in host.sessions.values() for one in session.subscriptions.values()]
    if not watched:
        print("Nothing is watched. Begin with: %mcp subscribe URI")  # noqa: T201  it is the answer
        return None
    rows = [(one.server, one.what, one.changes, one.ended or "watched") for one in watched]
    return Table(("server", "what", "changes", "state"), rows, max_rows=len(rows))


def tell_changes(host: Host) -> None:
    """Say what has changed since this was said last, of what no front end shows."""
    for session in host.sessions.values():
        for one in session.subscriptions.values():
            if one.take_news():
                print(f"MCP: {Watched(one).to_text()}.")  # noqa: T201  it is for the person


SUBSCRIBE = Command(
    "subscribe",
    _SUBSCRIBE_USAGE,
    "watch a resource, or a list; without words: what is watched",
    _subscribe,
    example="%mcp subscribe files notes://today\n%mcp subscribe files tools\n%mcp subscribe",
    notes="""\
URI            of a resource; the output of the line says how often it has changed, also while a cell runs
tools ...      the list of them, of a server that says when it changes
In Python a function is called: session.subscribe("notes://today", lambda today: print(today.changes))""",
)
UNSUBSCRIBE = Command(
    "unsubscribe",
    _UNSUBSCRIBE_USAGE,
    "watch something no more",
    _unsubscribe,
    example="%mcp unsubscribe files notes://today",
)

"""What a server has been told that holds until it is told otherwise: what to watch, what to log, which roots there are.

Knows the subscriptions of one session. Refuses to know how a server is asked (`watching`), and what is shown
(`magics`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.levels import LOG_LEVELS
from mcp_notebook.lists import Lists
from mcp_notebook.subscriptions import Subscription

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.connection import Connection
    from mcp_notebook.levels import LogLevel
    from mcp_notebook.loop import Loop
    from mcp_notebook.signatures import Call
    from mcp_notebook.subscriptions import OnChange

__all__ = ["Standing"]

_UNSUBSCRIBED = "you ended it"
_REPLACED = "it was watched anew"


class Standing(Lists):
    """The standing orders of one session; see `Lists`."""

    def __init__(self, name: str, loop: Loop, connection: Connection, call: Call) -> None:
        super().__init__(name, loop, connection, call)
        self._subscriptions: dict[str, Subscription] = {}

    @property
    def subscriptions(self) -> Mapping[str, Subscription]:
        """What is watched, by URI or name of a list; also what was watched when the connection was lost."""
        return self._subscriptions

    def subscribe(self, what: str, on_change: OnChange | None = None) -> Subscription:
        """Watch a resource, or a list, in the place of an earlier subscription to it.

        Args:
            what: a URI, or "tools", "resources" (with the templates) or "prompts".
            on_change: called with the subscription after changes, on a thread of its own, also while a cell runs; once
                for several that came meanwhile, and once after the connection was away. What it prints stands under the
                cell that subscribed.

        Raises:
            NotWatched: the server does not say when that changes.
            CallFailed: there is no answer.
        """
        subscription = Subscription(self.name, what, on_change, self._close_subscription)
        self._run(self._connection.watch, what, subscription)
        before = self._keep(subscription)
        if before is not None:
            self._run(self._connection.unwatch, what, before)
        return subscription

    async def asubscribe(self, what: str, on_change: OnChange | None = None) -> Subscription:
        """Watch as `subscribe` does, from a coroutine."""
        subscription = Subscription(self.name, what, on_change, self._close_subscription)
        await self._arun(self._connection.watch, what, subscription)
        before = self._keep(subscription)
        if before is not None:
            await self._arun(self._connection.unwatch, what, before)
        return subscription

    def _keep(self, subscription: Subscription) -> Subscription | None:
        """Have a subscription, and return the one that it replaces."""
        before = self._subscriptions.get(subscription.what)
        self._subscriptions[subscription.what] = subscription
        if before is not None:
            before.end(_REPLACED)
        return before

    def unsubscribe(self, what: str) -> None:
        """Watch something no more; does nothing where it is not watched.

        Raises:
            CallFailed: the server did not answer; nobody is told any more all the same.
        """
        subscription = self._subscriptions.pop(what, None)
        if subscription is None:
            return
        subscription.end(_UNSUBSCRIBED)
        if self._connection.failure is None:
            self._run(self._connection.unwatch, what, subscription)

    async def aunsubscribe(self, what: str) -> None:
        """Watch something no more, as `unsubscribe` does, from a coroutine."""
        subscription = self._subscriptions.pop(what, None)
        if subscription is None:
            return
        subscription.end(_UNSUBSCRIBED)
        if self._connection.failure is None:
            await self._arun(self._connection.unwatch, what, subscription)

    def set_log_level(self, level: LogLevel) -> None:
        """Say from which level on the server is to send log messages, which `log` shows.

        Args:
            level: the least important one; "off" for none.

        Raises:
            NoLogging: the server does not declare that it sends any.
            CallFailed: there is no answer.
            ValueError: there is no such level.
        """
        self._run(self._connection.set_log_level, _checked(level))

    async def aset_log_level(self, level: LogLevel) -> None:
        """Say which log messages to send, as `set_log_level` does, from a coroutine."""
        await self._arun(self._connection.set_log_level, _checked(level))

    @property
    def is_caching(self) -> bool:
        """Whether answers are kept for as long as the server says that they are fresh; see `use_cache`."""
        return self._connection.is_caching

    def use_cache(self, on: bool = True, /) -> None:
        """Keep lists and resources for as long as the server says that they are fresh, or ask it each time.

        Args:
            on: where an answer is a kept one, the cell says so. From the beginning it is off: what a notebook shows is
                what the server said just now. Servers of the legacy era say nothing, so nothing is kept.
        """
        self._connection.is_caching = on

    def tell_roots(self) -> bool:
        """Tell the server that the roots are others now (`approval.roots`).

        Returns:
            Whether it can know of roots: it was connected when there were some.

        Raises:
            CallFailed: the connection is gone.
        """
        return self._run(self._connection.tell_roots)

    def _close_subscription(self, subscription: Subscription) -> None:
        if self._subscriptions.get(subscription.what) is subscription:
            self.unsubscribe(subscription.what)


def _checked(level: LogLevel) -> LogLevel:
    if level not in LOG_LEVELS:
        raise ValueError(f"{level!r} is no level; there are {', '.join(LOG_LEVELS)}")
    return level

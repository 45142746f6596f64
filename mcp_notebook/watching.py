"""What is watched at one server: resources, and lists.

Knows how each era is asked (`resources/subscribe` and notifications; `subscriptions/listen`), and that what is watched
stays so: a stream that breaks is opened again, ever more slowly, and a new session is asked anew. What was told in
between is lost, so it is said then that something may have changed. Refuses to know who is told. Belongs on the loop
thread.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING, Any, Protocol

from mcp import MCPError
from mcp.client.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    SubscriptionLost,
    ToolsListChanged,
)
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    EmptyResult,
    PromptListChangedNotification,
    ResourceListChangedNotification,
    ResourceUpdatedNotification,
    SubscribeRequest,
    SubscribeRequestParams,
    ToolListChangedNotification,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook.display import one_line
from mcp_notebook.errors import NotWatched
from mcp_notebook.subscriptions import WATCHED_LISTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp import Client
    from mcp_types import ServerCapabilities

__all__ = ["Watcher", "Watching"]

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0

_REFUSALS = frozenset({INVALID_REQUEST, INVALID_PARAMS, METHOD_NOT_FOUND})
"""What a server that was reached says if it does not listen any more."""

_LISTS: dict[type, str] = {
    ToolListChangedNotification: "tools",
    ResourceListChangedNotification: "resources",
    PromptListChangedNotification: "prompts",
    ToolsListChanged: "tools",
    ResourcesListChanged: "resources",
    PromptsListChanged: "prompts",
}


class Watcher(Protocol):
    """Who is told of one thing that is watched."""

    def take(self) -> None:
        """Take it that it has changed, or may have; must be quick."""
        ...

    def end(self, reason: str) -> None:
        """Take it that it is not watched any more; the reason is a clause."""
        ...


class Watching:
    """Watches at one server, over one session after the other.

    Args:
        server: the connection's name, for errors.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._watchers: dict[str, list[Watcher]] = {}
        self._client: Client | None = None
        self._keeper: asyncio.Task[None] | None = None

    def begin(self, client: Client) -> None:
        """Watch over this session what was watched over the one before."""
        self._client = client
        if self._watchers:
            # No context of the cell that happens to wait: it outlives that.
            self._keeper = asyncio.create_task(self._watch_again(client), context=Context())

    def pause(self) -> None:
        """Stop asking: the session is over. What is watched is remembered."""
        self._client = None
        if self._keeper is not None:
            self._keeper.cancel()

    def end(self, reason: str) -> None:
        """Say to all that nothing is watched any more: there will be no other session by itself."""
        for what in list(self._watchers):
            self._end_all(what, reason)

    async def add(self, client: Client, what: str, watcher: Watcher) -> None:
        """Watch something, for one more watcher; returns when the server has agreed.

        Args:
            client: the SDK's, connected.
            what: a URI, or one of `WATCHED_LISTS`.
            watcher: is told.

        Raises:
            NotWatched: the server does not do that.
            MCPError: it refused.
        """
        _check_watchable(self._server, what, client.server_capabilities)
        if what not in self._watchers:
            if _is_modern(client):
                await self._listen_to(client, [*self._watchers, what])
            elif what not in WATCHED_LISTS:
                await _subscribe(client, what)
        self._watchers.setdefault(what, []).append(watcher)

    async def remove(self, client: Client, what: str, watcher: Watcher) -> None:
        """Tell a watcher no more; does nothing where it is not told.

        Raises:
            MCPError: the server refused; the watcher is told no more all the same.
        """
        watchers = self._watchers.get(what, [])
        if watcher not in watchers:
            return
        watchers.remove(watcher)
        if watchers:
            return
        del self._watchers[what]
        if _is_modern(client):
            await self._listen_to(client, list(self._watchers))
        elif what not in WATCHED_LISTS:
            await _unsubscribe(client, what)

    def hear(self, message: object) -> None:
        """Take what a server says unasked; those of the modern era say it on a stream, too, and are heard there."""
        if self._client is not None and not _is_modern(self._client):
            self._tell(message)

    def _tell(self, event: Any) -> None:
        if isinstance(event, ResourceUpdated | ResourceUpdatedNotification):
            uri = event.uri if isinstance(event, ResourceUpdated) else event.params.uri
            # "a sub-resource of the one that the client actually subscribed to" is as good (server/resources)
            self._tell_of(what for what in self._watchers if what not in WATCHED_LISTS and uri.startswith(what))
        elif type(event) in _LISTS:
            self._tell_of(what for what in self._watchers if what == _LISTS[type(event)])

    def _tell_of(self, changed: Iterable[str]) -> None:
        for watcher in [watcher for what in changed for watcher in self._watchers[what]]:
            watcher.take()

    def _end_all(self, what: str, reason: str) -> None:
        for watcher in list(self._watchers[what]):
            watcher.end(reason)

    def _give_up(self, refused: Iterable[str], reason: str) -> None:
        for what in [what for what in refused if what in self._watchers]:
            self._end_all(what, reason)
            del self._watchers[what]

    async def _watch_again(self, client: Client) -> None:
        if _is_modern(client):
            await self._keep_listening(client, list(self._watchers), None)
            return
        for what in list(self._watchers):
            try:
                _check_watchable(self._server, what, client.server_capabilities)
                if what not in WATCHED_LISTS:
                    await _subscribe(client, what)
            except (MCPError, NotWatched) as error:
                self._give_up([what], one_line(str(error), 200))
        self._tell_of(self._watchers)

    async def _listen_to(self, client: Client, wanted: list[str]) -> None:
        """Open a stream for all that is wanted, and then close the one before: nothing is missed in between."""
        before, agreed = self._keeper, asyncio.get_running_loop().create_future()
        if wanted:
            keeper = asyncio.create_task(self._keep_listening(client, wanted, agreed), context=Context())
            try:
                await agreed
            except BaseException:
                keeper.cancel()
                raise
            self._keeper = keeper
        if before is not None:
            before.cancel()

    async def _keep_listening(self, client: Client, wanted: list[str], agreed: asyncio.Future[None] | None) -> None:
        """Listen until cancelled.

        Args:
            client: the SDK's, connected.
            wanted: what to listen to.
            agreed: is told when the server listens, or why it does not; None where nobody waits for the first time.
        """
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async with client.listen(**_filters(wanted)) as stream:
                    honored = set(stream.honored.resource_subscriptions or ())
                    refused = [what for what in wanted if what not in WATCHED_LISTS and what not in honored]
                    if agreed is not None and not agreed.done():
                        if refused:
                            agreed.set_exception(NotWatched(self._server, refused[-1], "the server does not do so"))
                            return
                        agreed.set_result(None)
                    else:
                        self._give_up(refused, "the server does not do so any more")
                        self._tell_of(what for what in wanted if what in self._watchers)
                    pause = _FIRST_PAUSE_SECONDS
                    async for event in stream:
                        self._tell(event)
            except Exception as error:  # noqa: BLE001  whatever the SDK raises: there is no stream
                if agreed is not None and not agreed.done():
                    agreed.set_exception(_closed() if isinstance(error, SubscriptionLost) else error)
                    return
                if isinstance(error, MCPError) and error.code in _REFUSALS:  # other codes: nobody was reached
                    self._give_up(wanted, one_line(str(error), 200))
                    return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def _check_watchable(server: str, what: str, can: ServerCapabilities) -> None:
    """Check that a server declares that it tells of something.

    Raises:
        NotWatched: it does not.
    """
    if what in WATCHED_LISTS:
        listed = getattr(can, what)
        if listed is None or not listed.list_changed:
            raise NotWatched(server, f"the list of {what}", "the server does not say when that changes")
    elif can.resources is None or not can.resources.subscribe:
        raise NotWatched(server, what, "the server does not say when a resource changes")


def _is_modern(client: Client) -> bool:
    return client.protocol_version in MODERN_PROTOCOL_VERSIONS


def _filters(wanted: list[str]) -> dict[str, Any]:
    lists = {f"{kind}_list_changed": True for kind in WATCHED_LISTS if kind in wanted}
    return {**lists, "resource_subscriptions": [what for what in wanted if what not in WATCHED_LISTS]}


def _closed() -> MCPError:
    return MCPError(CONNECTION_CLOSED, "the stream was closed at once")


async def _subscribe(client: Client, uri: str) -> None:
    # Not `client.subscribe_resource`: its warning that the modern era has no such is for who chooses the era.
    await client.session.send_request(SubscribeRequest(params=SubscribeRequestParams(uri=uri)), EmptyResult)


async def _unsubscribe(client: Client, uri: str) -> None:
    await client.session.send_request(UnsubscribeRequest(params=UnsubscribeRequestParams(uri=uri)), EmptyResult)

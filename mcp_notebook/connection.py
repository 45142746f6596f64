"""What is asked of a server over one connection: lists, values for Tab, resources, prompts, calls.

Knows the methods of the SDK's client. Refuses to know how the connection lives and dies (`line`), and to be imported
before it is needed: the SDK costs half a second. Everything here belongs on the loop thread.
"""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
from mcp import MCPError
from mcp_types import (
    INVALID_PARAMS,
    LOG_LEVEL_META_KEY,
    METHOD_NOT_FOUND,
    EmptyResult,
    PromptReference,
    ResourceTemplateReference,
    RootsListChangedNotification,
    SetLevelRequest,
    SetLevelRequestParams,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook.authorization.signing_out import sign_out
from mcp_notebook.config import HTTPServer
from mcp_notebook.errors import NoLogging, RequestFailed, UnknownResource
from mcp_notebook.memory import served
from mcp_notebook.pages import METHODS, read_pages
from mcp_notebook.reconnecting import Reconnecting
from mcp_notebook.resources import Resources, Templates
from mcp_notebook.tasks import watched_by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp import Client
    from mcp.client.caching import CacheMode
    from mcp.shared.dispatcher import ProgressFnT
    from mcp_types import CallToolResult, GetPromptResult, LoggingLevel, ReadResourceResult, RequestParamsMeta

    from mcp_notebook.approval.callers import Callers
    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.delivery import OnTask
    from mcp_notebook.levels import LogLevel
    from mcp_notebook.offers import Kind, Question
    from mcp_notebook.watching import Watcher
    from mcp_notebook.wire import WireLog

__all__ = ["Connection"]

T = TypeVar("T")

# What servers answer if they do not know a URI: the code of the modern era, and that of the legacy one.
_UNKNOWN_RESOURCE = frozenset({INVALID_PARAMS, -32002})
_OFFERS_STALE_SECONDS = 10.0


async def _send_roots_changed(client: Client) -> None:
    if client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        await client.session.send_notification(RootsListChangedNotification())


class Connection(Reconnecting):
    """One connection, and what can be asked over it; see `Reconnecting`.

    Attributes:
        is_caching: answers that the server says are still fresh are not asked for again.
    """

    def __init__(self, server: str, definition: ServerDefinition, log: WireLog, callers: Callers) -> None:
        super().__init__(server, definition, log, callers)
        self._offers: dict[str, tuple[float, list[Any]]] = {}
        self._log_level: LogLevel | None = None
        self.is_caching = False

    async def sign_out(self) -> bool:
        """Close the connection and forget who is signed in; says whether anybody was."""
        await self.end()
        return isinstance(self._definition, HTTPServer) and await sign_out(self._definition.url)

    async def list_all(self, kind: Kind) -> list[Any]:
        """Ask for all pages of a list; a server that declares none, or does not know the method, has none.

        Raises:
            CallFailed: see `request`.
        """
        await self.hear()
        anew = kind in self.changed
        self.changed.discard(kind)  # before asking: it may change at once
        return await self._list(kind, anew=anew)

    async def _list(self, kind: Kind, *, anew: bool = False) -> list[Any]:
        mode: CacheMode = "refresh" if anew and self.is_caching else self._cache_mode
        try:
            return await self._request_or_remember(lambda client: read_pages(client, kind, mode), METHODS[kind])
        except RequestFailed as error:
            if error.code == METHOD_NOT_FOUND:  # a server with resources need not have templates
                return []
            raise

    @property
    def _cache_mode(self) -> CacheMode:
        return "use" if self.is_caching else "bypass"

    async def _request_or_remember(
        self, send: Callable[[Client], Awaitable[T]], what: str, seconds: float | None = None
    ) -> T:
        """Request as `request` does; where the answer was a kept one, the cell says so."""
        kept: list[str] = []
        served.set(kept)
        answer = await self.request(send, what, seconds)
        if kept:
            self.say(f"{what} of {self._server} came from the cache, as it is still fresh")
        return answer

    async def find_offers(self, kind: Kind, seconds: float) -> list[Any]:
        """Find what the server lists, for Tab: a list that is a few seconds old will do, and so will an older one.

        Args:
            kind: of list.
            seconds: how long the server may take to give a new one.

        Raises:
            CallFailed: see `request`.
        """
        listed_at, offers = self._offers.get(kind, (-math.inf, []))
        if anyio.current_time() - listed_at > _OFFERS_STALE_SECONDS:
            with anyio.move_on_after(seconds):
                offers = await self._list(kind)  # not list_all: it would say that a session's list is fresh
                self._offers[kind] = anyio.current_time(), offers
        return offers

    async def complete(self, question: Question) -> list[str]:
        """Ask the server for values of an argument of a prompt or a template.

        Raises:
            CallFailed: see `request`.
        """
        reference = (
            PromptReference(type="ref/prompt", name=question.name)
            if question.kind == "prompt"
            else ResourceTemplateReference(type="ref/resource", uri=question.name)
        )
        argument = {"name": question.argument, "value": question.value}
        context = dict(question.context) or None
        answer = await self.request(lambda client: client.complete(reference, argument, context), "completion/complete")
        return answer.completion.values

    async def read_resource(self, uri: str, seconds: float | None) -> ReadResourceResult:
        """Read a resource.

        Args:
            uri: of the resource.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            UnknownResource: the server says so, or something like it, and does not list it either.
            CallFailed: see `request`.
        """
        meta = None if self.is_caching else self._meta  # with it the server would always be asked
        try:
            return await self._request_or_remember(
                lambda client: client.read_resource(uri, meta=meta, cache_mode=self._cache_mode), uri, seconds
            )
        except RequestFailed as error:
            if error.code not in _UNKNOWN_RESOURCE:
                raise
            resources, templates = Resources(await self._list("resources")), Templates(await self._list("templates"))
            if resources.find(uri) or templates.find_match(uri):
                raise
            raise UnknownResource(uri, (*resources.names, *templates.names), self._server) from None

    async def watch(self, what: str, watcher: Watcher) -> None:
        """Have one more watcher told whenever something changes.

        Args:
            what: a URI, or the name of a list.
            watcher: is told, also over the sessions that come after this one.

        Raises:
            NotWatched: the server does not do that.
            CallFailed: see `request`.
        """
        await self.request(lambda client: self.watching.add(client, what, watcher), what)

    async def unwatch(self, what: str, watcher: Watcher) -> None:
        """Have a watcher told no more.

        Raises:
            CallFailed: see `request`; it is told no more all the same.
        """
        await self.request(lambda client: self.watching.remove(client, what, watcher), what)

    async def set_log_level(self, level: LogLevel) -> None:
        """Say from which level on the server is to send log messages; in the modern era each request says so.

        Raises:
            NoLogging: it sends none.
            CallFailed: see `request`.
        """
        if self.handshake is None or self.handshake.capabilities.logging is None:
            raise NoLogging(self._server)
        self._log_level = level
        await self.request(self._tell_log_level, "logging/setLevel")

    async def _tell_log_level(self, client: Client) -> None:
        if self._log_level is None or client.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return
        # Not `client.set_logging_level`: its warning that the modern era has no such is for who chooses the era.
        level: LoggingLevel = "emergency" if self._log_level == "off" else self._log_level
        await client.session.send_request(SetLevelRequest(params=SetLevelRequestParams(level=level)), EmptyResult)

    @property
    def _meta(self) -> RequestParamsMeta | None:
        """What goes along with each request that does something."""
        modern = self.client is not None and self.client.protocol_version in MODERN_PROTOCOL_VERSIONS
        if not modern or self._log_level in {None, "off"}:
            return None
        return cast("RequestParamsMeta", {LOG_LEVEL_META_KEY: self._log_level})

    async def begin_again(self) -> None:
        """Tell a new session what the one before had been told."""
        if self.client is not None:
            with suppress(MCPError):
                await self._tell_log_level(self.client)

    async def tell_roots(self) -> bool:
        """Say that the roots are others now; a server of the modern era asks when it needs them.

        Returns:
            Whether the server can know: it was connected when there were roots.

        Raises:
            CallFailed: see `request`.
        """
        if self.declares_roots:
            await self.request(_send_roots_changed, "notifications/roots/list_changed")
        return self.declares_roots

    async def get_prompt(self, name: str, arguments: dict[str, str], seconds: float | None) -> GetPromptResult:
        """Get a prompt.

        Args:
            name: of the prompt.
            arguments: texts by name.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            CallFailed: see `request`.
        """
        return await self.request(lambda client: client.get_prompt(name, arguments, meta=self._meta), name, seconds)

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, Any],
        seconds: float | None,
        on_progress: ProgressFnT | None,
        on_task: OnTask | None = None,
    ) -> CallToolResult:
        """Call a tool; an answer with `isError` is an answer.

        Args:
            name: of the tool.
            arguments: JSON values.
            seconds: how long to wait for the result; None waits for ever.
            on_progress: awaited on this thread for each progress notification; None asks the server for none.
            on_task: called on this thread each time that the server says how a task stands which it made of the call;
                None if nobody wants to know.

        Raises:
            TaskCancelled: the server made a task of it and cancelled that.
            CallFailed: see `request`.
        """
        with watched_by(on_task):
            return await self.request(
                lambda client: client.call_tool(name, arguments, progress_callback=on_progress, meta=self._meta),
                name,
                seconds,
                repeatable=False,
            )

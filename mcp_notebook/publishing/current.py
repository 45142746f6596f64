"""The server behind a published name: hosts stay connected while the cell that makes it runs again.

Knows that the SDK asks a server for its handlers at every message, so that another one may answer the next. Refuses to
know sockets and files. Belongs on the loop thread of its publication.

Each server that comes to stand behind the name is a generation with its own lifespan, which ends when the last call
that began in it has. Legacy sessions and modern listening streams outlive generations: they are told that the lists
have changed, and go on.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.lowlevel import NotificationOptions
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import (
    SUBSCRIPTION_ID_META_KEY,
    PromptsListChanged,
    ResourcesListChanged,
    ToolsListChanged,
    event_matches,
    event_to_notification,
)
from mcp_types import SubscriptionsAcknowledgedNotification, SubscriptionsListenRequestParams
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook.publishing.console import console

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.lowlevel import Server
    from mcp.server.models import InitializationOptions
    from mcp.server.session import ServerSession
    from mcp_types import RequestId, ServerNotification

    from mcp_notebook.publishing.console import Console

__all__ = ["CurrentServer", "Generation"]

_LIST_EVENTS = (ToolsListChanged(), PromptsListChanged(), ResourcesListChanged())

_MOST_SESSIONS = 10_000
"""As the SDK; the longest known is told no more."""


class Generation:
    """One server object, from when it stands behind the name until its last call has ended.

    Args:
        server: the SDK's lowlevel server.
        console: takes what its functions print.
    """

    def __init__(self, server: Server[Any], console: Console) -> None:
        self.server = server
        self.console = console
        self.state: Any = None
        self.replaced = anyio.Event()
        self.calls = 0
        self._over = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Enter the server's lifespan, which is the person's code, in a task of its own.

        Raises:
            Exception: what it raises.
        """
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._living = asyncio.create_task(self._live(ready))
        await ready

    async def _live(self, ready: asyncio.Future[None]) -> None:
        try:
            async with self.server.lifespan(self.server) as self.state:
                ready.set_result(None)
                await self._over.wait()
        except Exception as error:  # noqa: BLE001  the person's code: at its beginning they are told, at its end too
            if ready.done():
                self.console.write(f"{type(error).__name__}: {error}\n")
            else:
                ready.set_exception(error)

    async def end(self) -> None:
        """Leave the lifespan, whatever is still under way."""
        self._over.set()
        if self._living is not None:
            await self._living

    def retire(self) -> None:
        """Let streams go on with the next generation, and end with the last call."""
        self.replaced.set()
        self._end_if_done()

    def count(self, one: int) -> None:
        """Count a call that begins (1) or has ended (-1)."""
        self.calls += one
        self._end_if_done()

    def _end_if_done(self) -> None:
        if self.replaced.is_set() and not self.calls:
            self._over.set()


class CurrentServer:
    """To the SDK, a lowlevel server: all that is not said here is the current generation's.

    Args:
        generation: the first, begun.
        on_call: called when a call begins, and when it has ended.
    """

    def __init__(self, generation: Generation, on_call: Callable[[], object]) -> None:
        self._generation = generation
        self._on_call = on_call
        self._sessions: dict[str, ServerSession] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generation.server, name)

    @property
    def generation(self) -> Generation:
        """The one that answers now."""
        return self._generation

    @property
    def middleware(self) -> Sequence[Any]:
        """The current server's, within ours."""
        return [self._serve, *self._generation.server.middleware]

    @asynccontextmanager
    async def lifespan(self, _: object) -> AsyncGenerator[None]:
        """Do nothing: each generation has its own."""
        yield

    def create_initialization_options(self) -> InitializationOptions:
        """Say to legacy hosts that lists may change, since the next cell may change them."""
        changes = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
        return self._generation.server.create_initialization_options(changes)

    def take(self, generation: Generation) -> None:
        """Let another server answer from now on, and tell everybody who is connected."""
        old, self._generation = self._generation, generation
        old.retire()
        for session_id, session in list(self._sessions.items()):
            task = asyncio.create_task(
                self._tell(session_id, session)
            )  # one may not read, and the others wait for none
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    def forget_session(self, session_id: str) -> None:
        """Forget a legacy session that its host has ended."""
        self._sessions.pop(session_id, None)

    async def _tell(self, session_id: str, session: ServerSession) -> None:
        try:
            for event in _LIST_EVENTS:
                await session.send_notification(event_to_notification(event, {}))
        except (anyio.ClosedResourceError, anyio.BrokenResourceError, MCPError):
            self.forget_session(session_id)

    async def _serve(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Answer a message in the current generation: its state, its console."""
        generation = self._generation
        self._remember_session(ctx)
        if ctx.method == "subscriptions/listen":
            return await self._listen(ctx, call_next)
        token = console.set(generation.console)
        generation.count(1)
        self.calls += 1
        self._on_call()
        try:
            return await call_next(replace(ctx, lifespan_context=generation.state))
        finally:
            self.calls -= 1
            generation.count(-1)
            self._on_call()
            console.reset(token)

    def _remember_session(self, ctx: ServerRequestContext[Any, Any]) -> None:
        if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS or ctx.request is None:
            return
        session_id = ctx.request.headers.get(MCP_SESSION_ID_HEADER)
        if session_id is not None and session_id not in self._sessions:
            self._sessions[session_id] = ctx.session
            if len(self._sessions) > _MOST_SESSIONS:
                self.forget_session(next(iter(self._sessions)))

    async def _listen(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Serve a modern stream through all generations.

        Each has its own handler, and only the first is heard to say that it has begun.
        """
        session: Any = ctx.session
        while True:
            generation = self._generation
            within = replace(ctx, session=session, lifespan_context=generation.state)
            with suppress(_Replaced):
                return await _run_until(generation.replaced, call_next, within)
            session = _Acknowledged(ctx.session)
            await _tell_stream(ctx)


class _Replaced(Exception):
    """Another generation answers now."""


async def _run_until(replaced: anyio.Event, call_next: CallNext, ctx: ServerRequestContext[Any, Any]) -> HandlerResult:
    """Return what `call_next` does.

    Raises:
        _Replaced: that came first.
    """
    serving = asyncio.ensure_future(call_next(ctx))
    waiting = asyncio.ensure_future(replaced.wait())
    try:
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            return serving.result()
    finally:
        for task in (serving, waiting):
            task.cancel()
        await asyncio.wait({serving, waiting})
    raise _Replaced


async def _tell_stream(ctx: ServerRequestContext[Any, Any]) -> None:
    """Tell a listening stream that those lists have changed about which it wants to know."""
    wanted = SubscriptionsListenRequestParams.model_validate(ctx.params, by_name=False).notifications
    for event in _LIST_EVENTS:
        if event_matches(wanted, frozenset(), event):
            notification = event_to_notification(event, {SUBSCRIPTION_ID_META_KEY: ctx.request_id})
            await ctx.session.send_notification(notification, ctx.request_id)


class _Acknowledged:
    """The session of a stream that has its acknowledgement: there is only one, at its beginning."""

    def __init__(self, session: ServerSession) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    async def send_notification(
        self, notification: ServerNotification, related_request_id: RequestId | None = None
    ) -> None:
        """See `ServerSession`."""
        if not isinstance(notification, SubscriptionsAcknowledgedNotification):
            await self._session.send_notification(notification, related_request_id)

"""The stream on which a server of the modern era tells that its lists changed (`subscriptions/listen`).

Knows when it is open, and that what was told while it was not is lost. Refuses to know the lists, and to try again by
itself: whoever asks for a list opens it first. Older servers tell without being asked. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from typing import TYPE_CHECKING

import anyio
from mcp import MCPError
from mcp.client.subscriptions import SubscriptionLost
from mcp_types import CONNECTION_CLOSED, SubscriptionFilter
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from mcp import Client
    from mcp.client.subscriptions import Subscription

__all__ = ["Listening"]

_ACKNOWLEDGED_SECONDS = 2.0
"""How long a list waits for the stream that tells of its changes."""

_STOP_SECONDS = 1.0

# A stream that is gone so soon, so often, is not opened again: it would cost each call two requests more.
_SHORT_SECONDS = 10.0
_MOST_SHORT = 3


class Listening:
    """Listens to one server, if it declares that it tells of changes.

    Args:
        client: the SDK's, connected.
        on_missed: called when changes may have been missed.
    """

    def __init__(self, client: Client, on_missed: Callable[[], None]) -> None:
        self._client = client
        self._on_missed = on_missed
        self._wanted = _wanted(client)
        self._task: asyncio.Task[None] | None = None
        self._acknowledged = anyio.Event()
        self._short_in_a_row = 0

    async def ensure(self) -> None:
        """Open the stream where it is not open; returns when the server listens, has refused, or lets us wait."""
        if self._wanted == SubscriptionFilter() or self._short_in_a_row >= _MOST_SHORT:
            return
        if self._task is None or self._task.done():
            self._acknowledged = anyio.Event()
            # No context of the cell that happens to ask first: the stream outlives it.
            self._task = asyncio.create_task(self._listen(), context=Context())
        with anyio.move_on_after(_ACKNOWLEDGED_SECONDS):
            await self._acknowledged.wait()

    async def _listen(self) -> None:
        began_at = anyio.current_time()
        try:
            async with self._open() as stream:
                if anyio.current_time() - began_at > _ACKNOWLEDGED_SECONDS:
                    self._on_missed()
                self._acknowledged.set()
                async for _ in stream:  # the client's message handler gets what is told
                    pass
        except SubscriptionLost:
            pass
        except MCPError as error:
            if error.code != CONNECTION_CLOSED:
                self._wanted = SubscriptionFilter()  # it declares what it does not do
                return
        finally:
            self._acknowledged.set()
        short = anyio.current_time() - began_at < _SHORT_SECONDS
        self._short_in_a_row = self._short_in_a_row + 1 if short else 0
        self._on_missed()

    def _open(self) -> AbstractAsyncContextManager[Subscription]:
        return self._client.listen(
            tools_list_changed=bool(self._wanted.tools_list_changed),
            prompts_list_changed=bool(self._wanted.prompts_list_changed),
            resources_list_changed=bool(self._wanted.resources_list_changed),
        )

    async def stop(self) -> None:
        """Close the stream and wait until that is done, or until a server that does not read has had its time."""
        if self._task is not None:
            self._task.cancel()
            with anyio.CancelScope(shield=True):
                await asyncio.wait({self._task}, timeout=_STOP_SECONDS)


def _wanted(client: Client) -> SubscriptionFilter:
    """Choose what to be told: what the server says that it tells, where it must be asked to."""
    if client.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return SubscriptionFilter()
    can = client.server_capabilities
    return SubscriptionFilter(
        tools_list_changed=(can.tools and can.tools.list_changed) or None,
        prompts_list_changed=(can.prompts and can.prompts.list_changed) or None,
        resources_list_changed=(can.resources and can.resources.list_changed) or None,
    )

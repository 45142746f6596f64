"""One host that follows one topic, and how often it is told.

Knows waiting: changes that come fast are told a few times a second, and the last is never lost. Refuses to know the
protocol: whoever follows gives a function that tells.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from anyio import BrokenResourceError, ClosedResourceError

from mcp_notebook_server.access.changes import Changes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from mcp_notebook_server.subscriptions.topics import Topic
    from mcp_notebook_server.tools.tool import Context

__all__ = ["Follower", "Hearing"]

Hearing = Literal["now", "last", "not now", "never"]
"""Whether a host is told of a change; after the last there is nothing more to tell."""

_SETTLE_SECONDS = 0.4
"""Between two notifications of one address."""


@dataclass(eq=False)
class Follower:
    """One subscription. Belongs to the Jupyter server's event loop.

    Attributes:
        topic: what is followed.
        uri: its address, as the host wrote it.
        context: of the host.
        tell: sends one notification about that address.
        decide: says whether the host may hear of the topic at this moment.
        done: is called once when it ends, however it does.
    """

    topic: Topic
    uri: str
    context: Context
    tell: Callable[[str], Awaitable[None]]
    decide: Callable[[Follower], Awaitable[Hearing]]
    done: Callable[[Follower], None]
    changes: Changes = field(default_factory=lambda: Changes(_SETTLE_SECONDS))

    async def start(self) -> None:
        """Begin to listen: what changes from now on is told."""
        heard = self.changes.watch()
        await anext(heard)  # how things are now is no news
        self._task = asyncio.create_task(self._follow(heard))
        self._task.add_done_callback(lambda _: self.done(self))

    def stop(self) -> None:
        """Tell nothing any more."""
        self._task.cancel()

    async def _follow(self, heard: AsyncGenerator[bool]) -> None:
        async with aclosing(heard):
            async for _ in heard:
                hearing = await self.decide(self)
                if hearing in ("now", "last"):
                    with suppress(ClosedResourceError, BrokenResourceError):  # its session is just ending
                        await self.tell(self.uri)
                if hearing in ("last", "never"):
                    return

"""What every way to a server is, and how it says why it is dead.

Refuses to know any of them, and the protocol inside.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    import anyio
    from mcp.client._transport import TransportStreams

__all__ = ["End", "Link", "reason_of"]


@dataclass(frozen=True)
class End:
    """Why a link is dead.

    Attributes:
        reason: a clause.
        stderr: the last lines a stdio server wrote.
    """

    reason: str
    stderr: tuple[str, ...] = ()


class Link(Protocol):
    """One way to a server, used once."""

    lost: anyio.Event
    """Set when the other side is gone."""

    def open(self) -> AbstractAsyncContextManager[TransportStreams]:
        """Start the process, or the HTTP client; leaving it ends them."""
        ...

    async def describe_end(self, error: BaseException | None) -> End:
        """Say why the link is dead.

        Args:
            error: what using it raised; None if its streams just ended.
        """
        ...


def reason_of(error: BaseException) -> str:
    """Say why a network operation failed, as the operating system does: "connection refused"."""
    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, OSError) and deepest.errno:
            # asyncio words some of these itself, with the address; name resolution has numbers of its own.
            return (os.strerror(deepest.errno) if deepest.errno > 0 else str(deepest.strerror)).lower()
        deepest = deepest.__cause__ or deepest.__context__
    return str(error) or type(error).__name__

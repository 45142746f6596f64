"""What every way to a server is, and how it says why it is dead.

Refuses to know any of them, and the protocol inside.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from mcp_notebook.errors.connecting import NO_TLS

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

    is_open: bool
    """Whether the handshake is done; set from outside."""

    @property
    def last_words(self) -> str:
        """What a stdio server wrote to stderr last; "" if nothing."""
        ...

    def open(self) -> AbstractAsyncContextManager[TransportStreams]:
        """Start the process, or the HTTP client; leaving it ends them."""
        ...

    async def describe_end(self, error: BaseException | None) -> End:
        """Say why the link is dead.

        Args:
            error: what using it raised; None if its streams just ended.
        """
        ...


# What OpenSSL, in its versions, calls an answer in plain HTTP.
_PLAIN_HTTP = frozenset({"HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE", "WRONG_VERSION_NUMBER"})


def reason_of(error: BaseException) -> str:
    """Say why a network operation failed, as the operating system does: "connection refused"."""
    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {deepest.verify_message}"
        if isinstance(deepest, ssl.SSLError):  # its number is no number of the operating system's
            return NO_TLS if deepest.reason in _PLAIN_HTTP else str(deepest.reason or deepest).lower().replace("_", " ")
        if isinstance(deepest, OSError) and deepest.errno:
            # asyncio words some of these itself, with the address; name resolution has numbers of its own.
            return (os.strerror(deepest.errno) if deepest.errno > 0 else str(deepest.strerror)).lower()
        deepest = deepest.__cause__ or deepest.__context__
    return str(error) or type(error).__name__

"""Connections to one kernel's socket, which are used again.

Knows sockets. Refuses to know what is said over them: whoever takes one gives it back when all that was said has been
read, or closes it.
"""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING
from weakref import WeakSet

from tornado.iostream import IOStream, StreamClosedError

if TYPE_CHECKING:
    from mcp_notebook_server.published.descriptions import Description

__all__ = ["Connections"]

_CONNECT_SECONDS = 5.0
_IDLE_SECONDS = 60.0
"""A kernel keeps its end open for longer."""

_MOST_IDLE = 64


class Connections:
    """As many as are needed at once, and some that wait. Belongs to the event loop.

    Args:
        description: says where the socket is.
    """

    def __init__(self, description: Description) -> None:
        self._description = description
        self._open: WeakSet[IOStream] = WeakSet()
        self._idle: list[tuple[float, IOStream]] = []

    async def take(self) -> IOStream:
        """Return a connection on which nothing is under way.

        Raises:
            ConnectionRefusedError: nobody listens there.
        """
        horizon = time.monotonic() - _IDLE_SECONDS
        while self._idle:
            since, stream = self._idle.pop()
            if since > horizon and _is_silent(stream):
                return stream
            stream.close()
        return await self._connect()

    def give_back(self, stream: IOStream) -> None:
        """Keep a connection for the next who takes one; nothing is under way on it any more."""
        if len(self._idle) < _MOST_IDLE:
            self._idle.append((time.monotonic(), stream))
        else:
            stream.close()

    def close(self) -> None:
        """Close all, also those that are taken."""
        for stream in list(self._open):
            stream.close()

    async def _connect(self) -> IOStream:
        path, port = self._description.socket, self._description.port
        stream = IOStream(socket.socket(socket.AF_INET if path is None else socket.AF_UNIX))
        self._open.add(stream)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await stream.connect(("127.0.0.1", port) if path is None else path)  # pyright: ignore[reportArgumentType]  tornado's type leaves Unix sockets out
        except (StreamClosedError, TimeoutError) as error:
            stream.close()
            raise ConnectionRefusedError from error
        return stream


def _is_silent(stream: IOStream) -> bool:
    """Return whether the other end is there still, and has said nothing.

    The event loop closes what has ended, yet a request may come before it does: it would be taken for lost.
    """
    if stream.socket is None:  # closed
        return False
    try:
        stream.socket.recv(1, socket.MSG_PEEK)
    except BlockingIOError:  # nothing to read, not even an end
        return True
    except OSError:
        pass
    return False

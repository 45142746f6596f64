"""Connections to one agent: a few, opened when needed, each with one request on its way at most.

Knows lines of JSON. Refuses to know kernels. A request that is given up takes its connection with it, so that no answer
is ever taken for another's, and a slow request never stands before a quick one.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import select
import socket
import time
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.agent.directory import Address

__all__ = ["Connections", "Disconnected"]

_MOST = 3
_LONGEST_LINE = (1 << 20) + (1 << 16)
_RECEIVED = 1 << 17

_MOMENT_SECONDS = 0.0002
_AT_ONCE_SECONDS = 0.0005
_MOST_SELECTED = 1024
"""`select` knows no descriptors from this one on, and nothing else waits for less than a millisecond."""


class Disconnected(Exception):
    """The agent's side of a connection is gone, or was never there."""


class _Connection:
    """One open connection.

    Args:
        channel: a connected socket that does not block.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._answers_at_once = True

    async def exchange(self, line: bytes) -> dict[str, Any]:
        """Send a line and return the answer."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._channel, line)
        sent = time.perf_counter()
        received = self._receive_at_once() if self._answers_at_once else b""
        while not received.endswith(b"\n"):
            part = await loop.sock_recv(self._channel, _RECEIVED)
            if not part or len(received) > _LONGEST_LINE:
                raise Disconnected
            received += part
        self._answers_at_once = time.perf_counter() - sent < _AT_ONCE_SECONDS
        return _parse(received)

    def _receive_at_once(self) -> bytes:
        """Return what has come within a moment.

        Most reads take a twentieth of a millisecond, and to be woken by the event loop for one three times as long. An
        agent that was slower the last time, such as one beside a computing cell, is not waited for here.
        """
        if self._channel.fileno() >= _MOST_SELECTED or not select.select([self._channel], [], [], _MOMENT_SECONDS)[0]:
            return b""
        received = self._channel.recv(_RECEIVED)
        if not received:
            raise Disconnected
        return received

    def end(self) -> None:
        """Let the request that is on its way fail."""
        with contextlib.suppress(OSError):
            self._channel.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._channel.close()


def _parse(line: bytes) -> dict[str, Any]:
    """Return an answer: with the SDK's parser in two thirds of the time that Python's takes for a page of variables."""
    try:
        return from_json(line)
    except ValueError:  # half a character in text of the person's, which only Python's takes
        return json.loads(line)


class Connections:
    """All connections to one agent. Used on the Jupyter server's event loop.

    Args:
        address: the agent's.
    """

    def __init__(self, address: Address) -> None:
        self.address = address
        self._idle: list[_Connection] = []
        self._open: set[_Connection] = set()
        self._free = asyncio.Semaphore(_MOST)
        self._ids = itertools.count(1)

    async def ask(self, op: str, arguments: Mapping[str, Any], timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  sent on, not waited for
        """Send a request and return the agent's answer, whether `ok` or not.

        Args:
            op: the operation.
            arguments: its arguments.
            timeout: seconds after which the agent gives up.

        Raises:
            Disconnected: the agent is gone.
        """
        request = {"id": next(self._ids), "op": op, "arguments": arguments, "timeout": timeout}
        line = json.dumps(request).encode() + b"\n"
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                answer = await connection.exchange(line)
            except (OSError, ValueError) as error:
                self._drop(connection)
                raise Disconnected from error
            except BaseException:
                self._drop(connection)
                raise
            if connection in self._open:
                self._idle.append(connection)
            else:  # all were closed meanwhile
                connection.close()
            return answer

    async def _connect(self) -> _Connection:
        unix = self.address.socket is not None
        channel = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        try:
            channel.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(channel, self.address.socket or ("127.0.0.1", self.address.port or 0))
            await loop.sock_sendall(channel, json.dumps({"secret": self.address.secret}).encode() + b"\n")
        except OSError as error:
            channel.close()
            raise Disconnected from error
        except BaseException:
            channel.close()
            raise
        connection = _Connection(channel)
        self._open.add(connection)
        return connection

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all; requests on their way fail with Disconnected."""
        for connection in self._idle:
            self._drop(connection)
        for connection in self._open:
            connection.end()
        self._open.clear()
        self._idle.clear()

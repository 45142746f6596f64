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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mcp_notebook_server.agent.directory import Address

__all__ = ["Connections", "Disconnected", "Exchange"]

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
        self._unsent = self._received = b""
        self._asked_at = 0.0

    def begin(self, line: bytes) -> dict[str, Any] | None:
        """Send a line and return the answer if it comes within a moment; else `finish` gets it."""
        self._received = b""
        try:
            self._unsent = line[self._channel.send(line) :]
        except BlockingIOError:
            self._unsent = line
        self._asked_at = time.perf_counter()
        if self._answers_at_once and not self._unsent:
            self._received = self._receive_at_once()
        return self._end() if self._received.endswith(b"\n") else None

    async def finish(self) -> dict[str, Any]:
        """Return the answer to the line with which `begin` was called."""
        loop = asyncio.get_running_loop()
        if self._unsent:
            await loop.sock_sendall(self._channel, self._unsent)
        while not self._received.endswith(b"\n"):
            part = await loop.sock_recv(self._channel, _RECEIVED)
            if not part or len(self._received) > _LONGEST_LINE:
                raise Disconnected
            self._received += part
        return self._end()

    def _end(self) -> dict[str, Any]:
        self._answers_at_once = time.perf_counter() - self._asked_at < _AT_ONCE_SECONDS
        received, self._received = self._received, b""
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


def _write_line(request: dict[str, Any]) -> bytes:
    """Return a request as a line: with the SDK's writer, as `_parse` has its reader."""
    try:
        return to_json(request) + b"\n"
    except ValueError:  # half a character, as below
        return json.dumps(request).encode() + b"\n"


def _parse(line: bytes) -> dict[str, Any]:
    """Return an answer: with the SDK's parser in two thirds of the time that Python's takes for a page of variables."""
    try:
        return from_json(line)
    except ValueError:  # half a character in text of the person's, which only Python's takes
        return json.loads(line)


@dataclass(frozen=True)
class Exchange:
    """A request that was sent.

    Attributes:
        answer: the agent's, whether `ok` or not; None if it has not come yet.
        wait: waits for it, once, and returns it; raises Disconnected if the agent is gone.
    """

    answer: dict[str, Any] | None
    wait: Callable[[], Awaitable[dict[str, Any]]]


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

    def begin(self, op: str, arguments: Mapping[str, Any], timeout: float) -> Exchange | None:
        """Send a request at once, without a timer or a turn of the event loop, which most reads need not.

        Args:
            op: the operation.
            arguments: its arguments.
            timeout: seconds after which the agent gives up.

        Returns:
            The exchange, with its answer if that came within a moment. None if no connection is open and idle.
        """
        if not self._idle or self._free.locked():
            return None
        connection = self._idle.pop()
        try:
            answer = connection.begin(self._write(op, arguments, timeout))
        except (OSError, ValueError, Disconnected):
            self._drop(connection)
            return None
        if answer is not None:
            self._idle.append(connection)
        return Exchange(answer, lambda: self._finish(connection))

    async def ask(self, op: str, arguments: Mapping[str, Any], timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  sent on, not waited for
        """Send a request and return the agent's answer, whether `ok` or not; arguments as those of `begin`.

        Raises:
            Disconnected: the agent is gone.
        """
        line = self._write(op, arguments, timeout)
        async with self._free:
            connection = self._idle.pop() if self._idle else await self._connect()
            return await self._use(connection, line)

    async def _finish(self, connection: _Connection) -> dict[str, Any]:
        async with self._free:
            return await self._use(connection, None)

    async def _use(self, connection: _Connection, line: bytes | None) -> dict[str, Any]:
        """Return the answer to a line, or to the one that was sent before."""
        try:
            answer = connection.begin(line) if line is not None else None
            if answer is None:
                answer = await connection.finish()
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

    def _write(self, op: str, arguments: Mapping[str, Any], timeout: float) -> bytes:
        return _write_line({"id": next(self._ids), "op": op, "arguments": arguments, "timeout": timeout})

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

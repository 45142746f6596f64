"""Connections to one agent: a few, opened when needed, each with one request on its way at most.

Knows lines of JSON. Refuses to know kernels. A request that is given up takes its connection with it, so that no answer
is ever taken for another's, and a slow request never stands before a quick one.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.agent.directory import Address

__all__ = ["Connections", "Disconnected"]

_MOST = 3
_LONGEST_LINE = (1 << 20) + (1 << 16)


class Disconnected(Exception):
    """The agent's side of a connection is gone, or was never there."""


class _Connection:
    """One open connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def exchange(self, line: bytes) -> dict[str, Any]:
        """Send a line and return the answer."""
        self._writer.write(line)
        answer = await self._reader.readline()
        if not answer.endswith(b"\n"):
            raise Disconnected
        return json.loads(answer)

    def close(self) -> None:
        self._writer.close()


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
            self._idle.append(connection)
            return answer

    async def _connect(self) -> _Connection:
        try:
            if self.address.socket is not None:
                reader, writer = await asyncio.open_unix_connection(self.address.socket, limit=_LONGEST_LINE)
            else:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.address.port, limit=_LONGEST_LINE)
        except OSError as error:
            raise Disconnected from error
        writer.write(json.dumps({"secret": self.address.secret}).encode() + b"\n")
        connection = _Connection(reader, writer)
        self._open.add(connection)
        return connection

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.close()

    def close(self) -> None:
        """Close all; requests on their way fail with Disconnected."""
        for connection in self._open:
            connection.close()
        self._open.clear()
        self._idle.clear()

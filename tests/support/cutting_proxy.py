"""A proxy on loopback whose connections can be cut, all at once or some, in the middle of whatever passes.

Knows bytes and sockets only. Its own port stays the same when what it leads to comes back on another.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CuttingProxy"]

_CHUNK = 65536


class CuttingProxy:
    """The proxy, on a thread and an event loop of its own, from `open` to `close`.

    Attributes:
        target: the port that new connections are led to; None refuses them.
        port: where it listens.
    """

    def __init__(self) -> None:
        self.target: int | None = None
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cutting-proxy")

    def open(self) -> None:
        """Begin to listen."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._lead, "127.0.0.1", 0), self._loop
        ).result()
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Cut everything, and end."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self, chosen: Callable[[], bool] = lambda: True) -> None:
        """Reset those connections for which `chosen` says so."""
        self._loop.call_soon_threadsafe(self._cut, chosen)

    def _cut(self, chosen: Callable[[], bool]) -> None:
        for writer in list(self._open):
            if chosen():
                writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        self._cut(lambda: True)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    async def _lead(self, from_host: asyncio.StreamReader, to_host: asyncio.StreamWriter) -> None:
        self._open.add(to_host)
        try:
            if self.target is not None:
                from_server, to_server = await asyncio.open_connection("127.0.0.1", self.target)
                await asyncio.gather(_pass(from_host, to_server), _pass(from_server, to_host))
        except OSError:
            pass  # nobody is there
        finally:
            self._open.discard(to_host)
            to_host.transport.abort()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on; where one direction ends, both do, as HTTP's connections do."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.transport.abort() if reader.exception() else writer.close()

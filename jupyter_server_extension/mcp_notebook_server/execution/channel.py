"""A socket of a kernel: written to, and read in the turn of the event loop in which something has come.

Knows ZeroMQ's sockets and the event loop. Refuses to know what the messages say.

pyzmq's own asynchronous sockets make a future, and a turn of some task, of each message: for a run of `1+1`, which has
six, that took as long as all else that is done for it here. What pyzmq's ordinary sockets offer costs, too: to be told
by an exception that nothing has come takes three times as long as to ask, and `recv_multipart` asks after each frame
what the frame knows (15 us, now 5, and 18, now 7, of the 25 us for each message; measured).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any, cast

import zmq
from tornado.ioloop import IOLoop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

__all__ = ["Channel", "read_channel"]

_WORK_SECONDS = 0.005
"""After so much work on messages everything else of the Jupyter server has its turn."""

_HAS_COME = int(zmq.POLLIN)
"""A plain number: pyzmq's own makes an object of each comparison."""

_log = logging.getLogger(__name__)


class Channel:
    """One socket; made by `read_channel`. Belongs to the Jupyter server's event loop.

    Args:
        socket: any socket of pyzmq's that nobody else reads.
        take: given the frames of each message, in order. Where it returns something to wait for, the next message waits
            for that, too.
    """

    def __init__(self, socket: Any, take: Callable[[Sequence[zmq.Frame]], Awaitable[None] | None]) -> None:
        self._socket = cast("zmq.Socket[bytes]", cast("Any", zmq.Socket).shadow(socket.underlying))
        self._take = take
        self._io_loop = IOLoop.current()
        self._waiting: asyncio.Future[None] | None = None
        self._later: asyncio.Handle | None = None
        self._listen()

    def read(self) -> None:
        """Take all that has come, if it is not much; the rest a turn later."""
        if self._waiting is not None or self._later is not None:
            return
        began = time.monotonic()
        while time.monotonic() - began < _WORK_SECONDS:
            if not cast("int", self._socket.get(zmq.EVENTS)) & _HAS_COME:
                return
            if (work := self._hand_on(self._receive())) is not None:
                self._listen_not()
                self._waiting = asyncio.ensure_future(self._wait_for(work))
                return
        self._later = asyncio.get_running_loop().call_soon(self._go_on)

    def send(self, frames: Sequence[bytes]) -> None:
        """Send a message. That may swallow ZeroMQ's sign that something has come: `read` afterwards."""
        self._socket.send_multipart(frames)

    def _receive(self) -> Sequence[zmq.Frame]:
        frames = [self._socket.recv(zmq.NOBLOCK, copy=False)]
        while frames[-1].more:
            frames.append(self._socket.recv(zmq.NOBLOCK, copy=False))
        return frames

    def _notice(self, *_: object) -> None:
        self.read()

    def close(self) -> None:
        """Read no more."""
        self._listen_not()
        if self._waiting is not None:
            self._waiting.cancel()
        if self._later is not None:
            self._later.cancel()

    def _go_on(self) -> None:
        self._later = None
        self.read()

    def _hand_on(self, frames: Sequence[zmq.Frame]) -> Awaitable[None] | None:
        try:
            return self._take(frames)
        except Exception:  # noqa: BLE001 - whatever a kernel says, what it says next is heard
            _log.exception("what a kernel said was not understood")

    async def _wait_for(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception:  # noqa: BLE001 - as above
            _log.exception("what a kernel said was not understood")
        self._waiting = None
        self._listen()
        self.read()

    def _listen(self) -> None:
        self._io_loop.add_handler(self._socket, self._notice, IOLoop.READ)

    def _listen_not(self) -> None:
        self._io_loop.remove_handler(self._socket)


@contextlib.contextmanager
def read_channel(socket: Any, take: Callable[[Sequence[zmq.Frame]], Awaitable[None] | None]) -> Generator[Channel]:
    """Read a socket for as long as the context lasts; arguments as for `Channel`."""
    channel = Channel(socket, take)
    try:
        yield channel
    finally:
        channel.close()

"""A way to a server that can be cut, refused, led elsewhere, or fall silent, as networks and sleeping laptops do.

Knows bytes and sockets only. Its own port stays the same when what it leads to comes back on another.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Pair = tuple[socket.socket, socket.socket]

__all__ = ["CuttableWay"]

_RESET = struct.pack("ii", 1, 0)
"""Makes closing a socket reset the connection."""


class CuttableWay:
    """Forwards what comes at a port of its own; used as a context.

    Args:
        url: of the server, on this computer.

    Attributes:
        url: of the server, by this way.
    """

    def __init__(self, url: str) -> None:
        port, slash, path = url.rpartition(":")[2].partition("/")
        self._to = int(port)
        self._pairs: list[Pair] = []
        self._lock = threading.Lock()
        self._is_silent = False
        self._listener = self._listen(0)
        self._port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}{slash}{path}"

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                near, _ = listener.accept()
                try:
                    pair = (near, socket.create_connection(("127.0.0.1", self._to)))
                except OSError:  # nobody is there
                    near.close()
                    continue
                with self._lock:
                    self._pairs.append(pair)
                threading.Thread(target=self._carry, args=(pair,), daemon=True).start()

    def _carry(self, pair: Pair) -> None:
        """Forward both ways until both have ended."""
        near, far = pair
        back = threading.Thread(target=self._forward, args=(far, near), daemon=True)
        back.start()
        self._forward(near, far)
        back.join()
        if not self._is_silent:
            for one in self._take(lambda each: each is pair):
                one.close()

    def _forward(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a reset ends it as well
            while data := one.recv(65536):
                if not self._is_silent:
                    other.sendall(data)
        if not self._is_silent:
            with contextlib.suppress(OSError):
                other.shutdown(socket.SHUT_WR)

    def fall_silent(self) -> None:
        """Forward nothing until `cut`; connections stay open."""
        self._is_silent = True

    def cut(self, chosen: Callable[[], bool] = lambda: True) -> None:
        """Reset those connections for which `chosen` says so; new ones work."""
        self._is_silent = False
        for one in self._take(lambda _: chosen()):
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _take(self, chosen: Callable[[Pair], bool]) -> list[socket.socket]:
        """Have the sockets of some connections no more, and return them."""
        with self._lock:
            pairs = [pair for pair in self._pairs if chosen(pair)]
            self._pairs = [pair for pair in self._pairs if pair not in pairs]
        return [one for pair in pairs for one in pair]

    def refuse(self) -> None:
        """Reset all connections, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def accept_again(self, url: str | None = None) -> None:
        """Take connections again; to the same server, or to one at another port."""
        if url is not None:
            self._to = int(url.rpartition(":")[2].partition("/")[0])
        self._listener = self._listen(self._port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

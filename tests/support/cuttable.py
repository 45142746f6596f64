"""A way to a server that can be cut, refused, or fall silent, as networks and sleeping laptops do."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import Self

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
        self._to = ("127.0.0.1", int(port))
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
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
                far = socket.create_connection(self._to)
                pair = (near, far)
                self._pairs.append(pair)
                for one, other in (pair, pair[::-1]):
                    threading.Thread(target=self._forward, args=(one, other), daemon=True).start()

    def _forward(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self._is_silent:
                    other.sendall(data)
            if not self._is_silent:
                other.shutdown(socket.SHUT_WR)

    def fall_silent(self) -> None:
        """Forward nothing until `cut`; connections stay open."""
        self._is_silent = True

    def cut(self) -> None:
        """Reset all connections; new ones work."""
        self._is_silent = False
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for one in pair:
                with contextlib.suppress(OSError):
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                    one.shutdown(socket.SHUT_RDWR)
                one.close()

    def refuse(self) -> None:
        """Reset all connections, and refuse new ones."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def accept_again(self) -> None:
        """Take connections again."""
        self._listener = self._listen(self._port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

"""A plain socket that sends a server the bytes that it is given, and reads what is answered.

Knows when a server has all that it may wait for. Refuses to know what the answer should be.
"""

from __future__ import annotations

import contextlib
import re
import socket
from http.client import HTTPException, HTTPResponse
from typing import Self

_SECONDS = 20.0


class RawConnection:
    """One connection after the other to a server, as a context manager.

    Args:
        address: host and port.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def send(self, request: bytes) -> tuple[int, bytes] | None:
        """Send a request and return the status and what was answered, headers and all; None if it was hung up.

        Of a stream that goes on the headers are returned.

        Raises:
            TimeoutError: the server neither answered nor hung up, though all was said.
        """
        self._socket = self._socket or socket.create_connection(self._address, _SECONDS)
        try:
            self._socket.sendall(request)
            if not _is_whole(request):
                with contextlib.suppress(OSError):  # the server has hung up
                    self._socket.shutdown(socket.SHUT_WR)
            response = HTTPResponse(self._socket, method=request.split(b" ", 1)[0].decode("latin-1"))
            response.begin()
            goes_on = response.status == 200 and (request.startswith(b"GET") or b"subscriptions/listen" in request)
            body = b"" if goes_on else response.read()
        except (ConnectionError, HTTPException):
            self._close()
            return None
        if goes_on or response.will_close or _says_odd_length(request):
            self._close()
        return response.status, str(response.headers).encode("utf-8", "surrogateescape") + body

    def _close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None


def _is_whole(request: bytes) -> bool:
    """Return whether a server has all that it may wait for; more than that is another request."""
    head, _, body = request.partition(b"\r\n\r\n")
    if b"ransfer-Encoding" in head:
        size, _, rest = body.partition(b"\r\n")
        return size == b"%x" % (len(rest) - len(b"\r\n0\r\n\r\n"))
    lengths = re.findall(rb"Content-Length\s*: *(\d+)", head)
    return all(int(length) <= len(body) for length in lengths)


def _says_odd_length(request: bytes) -> bool:
    """Return whether something may be left over that is taken for the next request."""
    head, _, body = request.partition(b"\r\n\r\n")
    return not head.endswith(b"Content-Length: %d" % len(body))

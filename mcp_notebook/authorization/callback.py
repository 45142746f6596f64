"""How the person's browser comes back from signing in: to a port of this computer, or as an address that is pasted.

Kernels are often not where the browser is. Then the browser's last page does not load, and its address, pasted, has
all that is needed. Knows what such an address holds, and that any page can send a browser to the port: only what has
the `state` of this sign-in counts. Refuses to know what a code is good for.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from typing import Self

__all__ = ["CALLBACK_PATH", "BadCallback", "Callback", "Listener", "read_callback"]

CALLBACK_PATH = "/callback"

_READ_SECONDS = 10.0
_MAX_REQUEST_BYTES = 16 * 1024
_SIGNED_IN = "You are signed in. You can close this page and go back to the notebook."
_NOT_SIGNED_IN = "You are not signed in; the notebook says why. You can close this page."
_NOT_OURS = "This is the end of no sign-in that a notebook here is waiting for."


class BadCallback(ValueError):
    """An address that does not end this sign-in, or ends it without success; `str()` says why."""


@dataclass(frozen=True)
class Callback:
    """What the browser brought back.

    Attributes:
        code: to be exchanged for tokens.
        state: of the sign-in.
        issuer: who gave the code (RFC 9207); None if that was not said.
    """

    code: str
    state: str
    issuer: str | None


def read_callback(address: str, state: str) -> Callback:
    """Read the address that a browser was sent to.

    Args:
        address: in full, or only the query.
        state: of the sign-in that is waited for.

    Raises:
        BadCallback: it is of none, or of another, or says that signing in failed.
    """
    address = address.strip()
    query = urlsplit(address).query if "?" in address else address
    values = {name: found[0] for name, found in parse_qs(query).items()}
    if not secrets.compare_digest(values.get("state", "").encode(), state.encode()):
        raise BadCallback("the address is not the end of this sign-in")
    if "error" in values:
        raise BadCallback(one_line(values.get("error_description") or values["error"], 300))
    if not values.get("code"):
        raise BadCallback("the address holds no code")
    return Callback(values["code"], values["state"], values.get("iss"))


class Listener:
    """A port of this computer that a browser can be sent to, while a sign-in lasts. On the loop thread.

    Args:
        port: which; 0 for any that is free. If it is taken, nobody listens, and the address must be pasted.
    """

    def __init__(self, port: int = 0) -> None:
        self._socket: socket.socket | None = socket.socket()
        if os.name == "posix":  # else the port of the last sign-in stays closed for a minute; elsewhere it means theft
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind(("127.0.0.1", port))
            port = self._socket.getsockname()[1]
        except OSError:
            self._socket.close()
            self._socket = None
        self.redirect_uri = f"http://127.0.0.1:{port}{CALLBACK_PATH}"
        self._server: asyncio.Server | None = None
        self._state = ""
        self.came_back: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()

    async def wait_for(self, state: str) -> None:
        """Listen from now on for the end of the sign-in of this state: `came_back` gets it, or a `BadCallback`."""
        self._state = state
        if self._socket is not None and self._server is None:
            self._server = await asyncio.start_server(self._answer, sock=self._socket, limit=_MAX_REQUEST_BYTES)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_READ_SECONDS):
                request = await reader.readuntil(b"\r\n\r\n")
                status, sentence = self._take(request)
                body = sentence.encode()
                head = (
                    f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
                )
                head += "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()

    def _take(self, request: bytes) -> tuple[str, str]:
        """Take what a browser asks for; gives the answer's status and its sentence."""
        method, _, rest = request.partition(b" ")
        target = rest.partition(b" ")[0].decode("ascii", "replace")
        if method != b"GET" or urlsplit(target).path != CALLBACK_PATH or self.came_back.done():
            return "404 Not Found", _NOT_OURS
        query = urlsplit(target).query
        try:
            self.came_back.set_result(read_callback(f"?{query}", self._state))
        except BadCallback as error:
            if parse_qs(query).get("state") != [self._state]:
                return "400 Bad Request", _NOT_OURS
            self.came_back.set_exception(error)
            return "200 OK", _NOT_SIGNED_IN
        return "200 OK", _SIGNED_IN

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        elif self._socket is not None:
            self._socket.close()
        if not self.came_back.cancel() and not self.came_back.cancelled():
            self.came_back.exception()  # seen, or asyncio complains

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

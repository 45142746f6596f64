"""Carries one request to a kernel's socket, and its answer back, chunk by chunk as it comes.

Knows ASGI on this side and HTTP on the other. Refuses to know MCP. Nothing is gathered: a chunk is read from the kernel
when the one before has left for the host, so that a slow host slows the function that streams to it. A host that goes
takes its connection to the kernel with it, and what that means is the SDK's decision there.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from mcp_notebook_server.published.errors import AnswerBroken, LoopHeld, PublisherGone

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from mcp_notebook_server.published.descriptions import Description

__all__ = ["Relay"]

_SECRET_HEADER = "X-MCP-Notebook-Secret"  # noqa: S105  its name, and no secret
_HOST_HEADER = "X-MCP-Notebook-Host"

_NOT_FORWARDED = frozenset(
    {
        *(b"host", b"authorization", b"cookie", b"content-length", b"accept-encoding"),
        *(b"connection", b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"proxy-authorization"),
        *(_SECRET_HEADER.lower().encode(), _HOST_HEADER.lower().encode()),
    }
)
"""What concerns only the connection or the credentials of the host; the last two are ours to say."""

_NOT_RETURNED = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"set-cookie"})

_CONNECT_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_IDLE_SECONDS = 60
_MOST_IDLE = 64


class Relay:
    """The connections to one published server.

    Args:
        description: where it is.
        find: gives the newest description, which says when the server is stuck.
    """

    def __init__(self, description: Description, find: Callable[[str], Description | None]) -> None:
        self.description = description
        self._find = find
        host = "localhost" if description.socket else f"127.0.0.1:{description.port}"
        limits = httpx.Limits(
            max_connections=None, max_keepalive_connections=_MOST_IDLE, keepalive_expiry=_IDLE_SECONDS
        )
        self._url = httpx.URL(f"http://{host}/")
        self._transport = httpx.AsyncHTTPTransport(uds=description.socket, limits=limits)

    async def carry(self, scope: Scope, receive: Receive, send: Send, host: str) -> None:
        """Answer a request.

        Args:
            scope: of ASGI.
            receive: of ASGI.
            send: of ASGI.
            host: stands for whoever calls; sessions are bound to it.

        Raises:
            PublisherGone: nobody listens there.
            AnswerBroken: the connection ended before the answer began.
            LoopHeld: a function there lets nobody else run.
        """
        body = (await receive()).get("body", b"")
        host = hashlib.sha256(f"{self.description.secret} {host}".encode()).hexdigest()  # it need not be known there
        headers = [(name, value) for name, value in scope["headers"] if name not in _NOT_FORWARDED]
        headers += [(_SECRET_HEADER.encode(), self.description.secret.encode()), (_HOST_HEADER.encode(), host.encode())]
        timeout = {"connect": _CONNECT_SECONDS}
        request = httpx.Request(
            scope["method"], self._url, headers=headers, content=body, extensions={"timeout": timeout}
        )
        carrying = asyncio.ensure_future(self._carry(request, send))
        leaving = asyncio.ensure_future(_wait_until_gone(receive))
        try:
            await asyncio.wait({carrying, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not carrying.done():
                carrying.cancel()
                await asyncio.wait({carrying})
        with suppress(asyncio.CancelledError):
            carrying.result()

    async def _carry(self, request: httpx.Request, send: Send) -> None:
        response = await self._ask(request)
        try:
            headers = [
                (name.lower(), value) for name, value in response.headers.raw if name.lower() not in _NOT_RETURNED
            ]
            await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
            async for chunk in response.aiter_raw():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except httpx.TransportError:  # the kernel has ended; whoever called us ends what was begun
            return
        finally:
            await response.aclose()

    async def _ask(self, request: httpx.Request) -> httpx.Response:
        name, asked_at = self.description.name, time.time()
        asking = asyncio.ensure_future(self._transport.handle_async_request(request))
        try:
            while not (await asyncio.wait({asking}, timeout=_LOOK_SECONDS))[0]:
                newest = self._find(name)
                if newest is not None and newest.blocked_by is not None and newest.blocked_since < asked_at:
                    raise LoopHeld(name, newest.blocked_by)
            return asking.result()
        except httpx.ConnectError:
            raise PublisherGone(name) from None
        except httpx.TransportError:
            raise AnswerBroken(name) from None
        finally:
            if not asking.done():
                asking.cancel()
                await asyncio.wait({asking})

    async def close(self) -> None:
        """End all connections."""
        await self._transport.aclose()


async def _wait_until_gone(receive: Receive) -> None:
    """Wait until the host has gone; after its body, nothing else comes from it."""
    if (await receive())["type"] != "http.disconnect":
        await asyncio.Event().wait()

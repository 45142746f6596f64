"""One ASGI request inside one tornado request.

Knows both interfaces: what ASGI calls scope, receive and send, and what tornado calls request, write and flush. Refuses
to know MCP, tokens or Jupyter: whoever calls has decided that the request may be served.

Taught by measurements (facts, protocol.md): the headers of a stream must leave before its first event, or a silent GET
never answers; `flush` is awaited, which is the backpressure; a send after the peer has gone is dropped, as uvicorn does
(ASGI 2.3), since raising there only makes noise; tornado's own output transforms would gather a stream to compress it.
"""

# tornado types what write() takes as a bare dict:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from mcp_notebook_server.forks import give_up_connection_in_children

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Scope
    from tornado.httputil import HTTPServerRequest

__all__ = ["ASGIHandler", "ask"]

_WITHOUT_BODY = frozenset({202, 204, 304})


class ASGIHandler(RequestHandler):
    """A tornado handler that can hand its request to an ASGI application.

    Belongs to the thread of the event loop, like every tornado handler.
    """

    def initialize(self) -> None:
        """Make the event that says that nobody listens any more."""
        self._gone = asyncio.Event()

    def compute_etag(self) -> None:
        """Give no ETag: an answer of MCP is never asked for twice."""

    def on_connection_close(self) -> None:
        """Tell the application, through `receive`, that the peer has gone."""
        super().on_connection_close()
        self._gone.set()

    def drop(self) -> None:
        """Tell the application that the peer has gone, though it has not; nothing it sends from now on is written."""
        self._gone.set()

    def close_connection(self) -> None:
        """Cut the connection in the middle of the answer; the application is told that the peer has gone."""
        self.drop()
        cast("Any", self.request.connection).stream.close()

    async def run_asgi(self, app: ASGIApp, body: bytes, extra: Mapping[str, Any]) -> None:
        """Answer the current request by `app`.

        Args:
            app: an ASGI 3 application.
            body: the request's whole body.
            extra: what to add to the scope (such as `user`).

        Raises:
            HTTPError: 500 if the application ends without an answer.
        """
        # No public way exists to leave tornado's compression out for one handler; it matters only under
        # `compress_response`, and there it would hold events back.
        self._transforms = []
        exchange = _Exchange(self, self._gone, body)
        give_up_connection_in_children(cast("Any", self.request.connection).stream)
        await app({**get_scope(self.request), **extra}, exchange.receive, exchange.send)
        if self._gone.is_set() or self._finished:
            return
        if not self._headers_written:
            raise HTTPError(500, "the application ended without an answer")
        await self.finish()


class _Exchange:
    """The two callables of one ASGI request."""

    def __init__(self, handler: RequestHandler, gone: asyncio.Event, body: bytes) -> None:
        self._handler = handler
        self._gone = gone
        self._body: bytes | None = body
        self._streams = False

    async def receive(self) -> Message:
        """Give the body once, then wait for the peer to go."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Write what the application sends; drop it when the peer has gone."""
        if self._gone.is_set():
            return
        try:
            if message["type"] == "http.response.start":
                await self._start(message)
            elif message["type"] == "http.response.body":
                await self._write(message)
        except StreamClosedError:
            self._gone.set()

    async def _start(self, message: Message) -> None:
        handler = self._handler
        handler.set_status(message["status"])
        handler.clear_header("Content-Type")
        names: set[str] = set()
        for raw_name, raw_value in message.get("headers", ()):
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            if name == "connection":  # tornado decides about its own connection
                continue
            (handler.add_header if name in names else handler.set_header)(name, value)
            names.add(name)
        self._streams = "content-length" not in names and message["status"] not in _WITHOUT_BODY
        if self._streams:
            await handler.flush()

    async def _write(self, message: Message) -> None:
        if chunk := message.get("body"):
            self._handler.write(chunk)
        if not message.get("more_body"):
            await self._handler.finish()
            self._gone.set()  # as uvicorn: after the end, `receive` says that the peer is gone
        elif self._streams:
            await self._handler.flush()


async def ask(app: ASGIApp, method: str, headers: Mapping[bytes, bytes], extra: Mapping[str, Any]) -> None:
    """Make a request of our own to an application, without a body; its answer is not looked at.

    Args:
        app: an ASGI 3 application.
        method: of HTTP.
        headers: by their names in lower case.
        extra: what to add to the scope (such as `user`).
    """

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        """Take the answer."""

    await app(
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": "/",
            "raw_path": b"/",
            "root_path": "",
            "query_string": b"",
            "headers": list(headers.items()),
            "client": None,
            "server": None,
            "state": {},
            **extra,
        },
        receive,
        send,
    )


def get_scope(request: HTTPServerRequest) -> Scope:
    """Translate tornado's request into an ASGI connection scope."""
    address: tuple[str, int] | str = cast("Any", request.connection).context.address
    host, _, port = request.host.rpartition(":")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": request.version.removeprefix("HTTP/"),
        "method": request.method,
        "scheme": request.protocol,
        "path": unquote(request.path),
        "raw_path": request.path.encode("latin-1"),
        "root_path": "",
        "query_string": request.query.encode("latin-1"),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers.get_all()
        ],
        "client": (address[0], address[1]) if isinstance(address, tuple) else None,
        "server": (host, int(port)) if host and port.isdecimal() else (request.host, None),
        "state": {},
    }

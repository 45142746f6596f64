"""The HTTP door: what stands between Jupyter's port and the MCP server.

Knows Host, Origin, tokens and sizes, and answers every refusal with JSON and one sentence. Refuses to know MCP's
methods: what is let in goes to the SDK as it is.

Jupyter's identity provider is never asked and no cookie is ever set: with Jupyter's token it would answer with a login
cookie that alone opens everything (measured; facts, notebook.md).
"""

# tornado types what finish() takes as a bare dict:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol, cast

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST
from tornado.web import HTTPError, stream_request_body

from mcp_notebook_server.access.door import Knock, Refusal
from mcp_notebook_server.access.host import Host
from mcp_notebook_server.asgi import ASGIHandler
from mcp_notebook_server.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from tornado.http1connection import HTTP1Connection

    from mcp_notebook_server.access.door import Door
    from mcp_notebook_server.event_store import SessionKeys

__all__ = ["Endpoint", "MCPHandler", "NothingHereHandler", "max_body_size"]

max_body_size = 4 * 1024 * 1024
"""Largest request body in bytes, as in the SDK."""


class Endpoint(Protocol):
    """What the handlers need of the extension."""

    door: Door
    session_keys: SessionKeys

    @property
    def asgi(self) -> ASGIApp:
        """The application that serves what was let in."""
        ...


class _PlainHandler(JupyterHandler):
    """Answers without asking who it is: no identity provider, no cookie, no page of HTML."""

    def check_xsrf_cookie(self) -> None:
        """Do nothing: no cookie opens this door, so no page can make a browser forge a request."""

    async def prepare(self) -> None:  # type: ignore[override]  # Jupyter's would authenticate, and set its cookie
        """Say that nobody is logged in, so that Jupyter's log asks no further."""
        self.current_user = self._jupyter_current_user = None

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer an error as JSON."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        message = error.log_message if isinstance(error, HTTPError) else None
        self.answer_error(status_code, message or self._reason)

    def answer_error(self, status: int, message: str) -> None:
        """Finish the request with `status` and a JSON-RPC error that carries `message`."""
        code = INTERNAL_ERROR if status >= 500 else INVALID_REQUEST  # noqa: PLR2004 - HTTP's own boundary
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": message}}))


class NothingHereHandler(_PlainHandler):
    """Says 404 in JSON, where hosts look for an OAuth server that does not exist.

    Jupyter would answer with a page of HTML and a cookie, which confuses real hosts (facts, notebook.md section 6c).
    """

    @allow_unauthenticated
    def _answer(self, *_: str) -> None:
        self.answer_error(404, "There is nothing here. This server takes host tokens, not OAuth.")

    get = head = post = put = patch = delete = options = _answer


@stream_request_body
class MCPHandler(ASGIHandler, _PlainHandler):
    """The endpoint: lets a request in or refuses it, before its body is read.

    The named groups of its route say what the address stands for, as the fields of `Binding`.
    """

    def initialize(self, endpoint: Endpoint) -> None:  # type: ignore[override]  # tornado passes the route's arguments
        """Take what the route gives."""
        super().initialize()
        self._endpoint = endpoint
        self._body = bytearray()

    async def prepare(self) -> None:
        """Refuse before the body is read, or remember under which token the request came in."""
        await super().prepare()
        cast("HTTP1Connection", self.request.connection).set_max_body_size(max_body_size)
        try:
            self._token = self._endpoint.door.admit(self._knock())
            self._check_size()
        except Refusal as refusal:
            self.answer_error(refusal.status, refusal.message)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Gather the body, which tornado keeps below `max_body_size`."""
        self._body += chunk

    @allow_unauthenticated
    async def _serve(self, **address: str) -> None:
        keys = self._endpoint.session_keys
        session_id = self.request.headers.get("Mcp-Session-Id")
        key = keys.enter(session_id)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def learn_session(message: Message) -> None:
                if session_id is None and message["type"] == "http.response.start":
                    opened = dict(message.get("headers", ())).get(b"mcp-session-id")
                    if opened is not None:
                        keys.learn(opened.decode("latin-1"), key)
                await send(message)

            await self._endpoint.asgi(scope, receive, learn_session)

        await self.run_asgi(app, bytes(self._body), {"user": Host(self._token, Binding(**address))})
        if session_id is not None and self.request.method == "DELETE":
            keys.forget(session_id)

    get = head = post = put = patch = delete = options = _serve

    def _knock(self) -> Knock:
        request = self.request
        address: tuple[str, int] | str = cast("Any", request.connection).context.address
        return Knock(
            host=request.host,
            host_is_ours=self.check_host(),
            origin=request.headers.get("Origin"),
            authorization=request.headers.get("Authorization"),
            has_query_token="token" in request.query_arguments,
            peer=address[0] if isinstance(address, tuple) else None,
        )

    def _check_size(self) -> None:
        length = self.request.headers.get("Content-Length", "0")
        if length.isdigit() and int(length) > max_body_size:
            self.set_header("Connection", "close")
            raise Refusal(413, f"A request may have at most {max_body_size} bytes; this one has {length}.")

"""The HTTP door: what stands between Jupyter's port and the MCP server.

Knows Host, Origin, tokens, limits and sizes, and answers every refusal with JSON and one sentence. Refuses to know
MCP's methods, save one, by its header: a modern stream that listens counts as a session does. What is let in goes to
the SDK as it is.

Jupyter's identity provider is never asked and no cookie is ever set: with Jupyter's token it would answer with a login
cookie that alone opens everything (measured; facts, notebook.md).
"""

# tornado types what finish() takes as a bare dict:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, cast

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from mcp.shared.inbound import MCP_METHOD_HEADER, MCP_PROTOCOL_VERSION_HEADER
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from tornado.web import HTTPError, stream_request_body

from mcp_notebook_server.access.authorizer import find_allowed_scopes
from mcp_notebook_server.access.door import Knock, Refusal
from mcp_notebook_server.access.host import Host
from mcp_notebook_server.access.visits import Visit
from mcp_notebook_server.asgi import ASGIHandler, ask
from mcp_notebook_server.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from tornado.http1connection import HTTP1Connection

    from mcp_notebook_server.access.door import Door
    from mcp_notebook_server.access.limits import Limits
    from mcp_notebook_server.access.refusals import Refusals
    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.access.tokens import Scope as TokenScope
    from mcp_notebook_server.access.visits import Visits
    from mcp_notebook_server.event_store import SessionKeys
    from mcp_notebook_server.published import Published
    from mcp_notebook_server.turns import Turns

__all__ = [
    "Endpoint",
    "MCPHandler",
    "NothingHereHandler",
    "Phase",
    "PublishedHandler",
    "PublishingEndpoint",
    "max_body_size",
]

_SESSION_ID = "Mcp-Session-Id"
_OK = 200
_NOT_FOUND = 404
_INTERNAL_ERROR = 500
_FIRST_VERSION = HANDSHAKE_PROTOCOL_VERSIONS[0]

_FAILED = "This failed inside the Jupyter server; its log says why."
_AWAY = "This Jupyter server is {}, and has not begun what was asked. Ask again in a few seconds."
_SECONDS_AWAY = 5
"""What a Jupyter server takes to end and to start."""

max_body_size = 4 * 1024 * 1024
"""Largest request body in bytes, as in the SDK."""


Phase: TypeAlias = Literal["starting", "running", "stopping"]
"""Of a Jupyter server's life."""


class Endpoint(Protocol):
    """What the handlers need of the extension."""

    door: Door
    visits: Visits
    token_limits: Limits
    session_keys: SessionKeys
    refusals: Refusals
    turns: Turns
    phase: Phase
    """Nothing is begun but while it runs."""

    @property
    def asgi(self) -> ASGIApp:
        """The application that serves what was let in."""
        ...


class PublishingEndpoint(Endpoint, Protocol):
    """What the handlers need of an extension at which notebooks publish servers."""

    published: Published


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
        self.answer_error(status_code, message or (_FAILED if status_code == _INTERNAL_ERROR else self._reason))

    def answer_error(self, status: int, message: str, retry_after: int | None = None) -> None:
        """Finish the request with `status` and a JSON-RPC error that carries `message`."""
        code = INTERNAL_ERROR if status >= 500 else INVALID_REQUEST  # noqa: PLR2004 - HTTP's own boundary
        self.set_status(status)
        if retry_after is not None:
            self.set_header("Retry-After", str(retry_after))
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
        self._stay = ExitStack()

    async def prepare(self) -> None:
        """Refuse before the body is read, or remember under which token the request came in."""
        await super().prepare()
        cast("HTTP1Connection", self.request.connection).set_max_body_size(max_body_size)
        await self._endpoint.turns.take()
        try:
            self._token = self._endpoint.door.admit(self._knock())
            self._endpoint.door.check_reach(self._token, self.path_kwargs.get("published", ""))
            self._check_size()
            self._allowed = await self._find_allowed_scopes(self._token)
            await self._count()
        except Refusal as refusal:
            self._endpoint.refusals.note(refusal)
            # tornado closes a connection whose request was not read to its end; a host that is not told would send its
            # next request into it (httpx, for one, then fails with "connection reset").
            self.set_header("Connection", "close")
            self.answer_error(refusal.status, refusal.message, refusal.retry_after)
        else:
            self._endpoint.door.tokens.last_use.note(self._token)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """Gather the body, which tornado keeps below `max_body_size`."""
        self._body += chunk

    def on_finish(self) -> None:
        """Count the request no longer."""
        super().on_finish()
        self._stay.close()

    def on_connection_close(self) -> None:
        """Count a request no longer whose host has gone."""
        super().on_connection_close()
        self._stay.close()

    @allow_unauthenticated
    async def _serve(self, **address: str) -> None:
        endpoint = self._endpoint
        host = Host(self._token, Binding(**address), self._allowed)
        await endpoint.token_limits.spend(self._token, len(self._body))
        if endpoint.phase != "running":
            self._send_away()
            return
        asgi, key = self._get_app(), endpoint.session_keys.enter(self._session_id)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            async def watch(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self._follow_session(message, host, key)
                    if self._is_stopping() and message["status"] == _INTERNAL_ERROR:
                        self.close_connection()
                await endpoint.token_limits.spend(self._token, len(message.get("body", b"")))
                await send(message)

            await asgi(scope, receive, watch)

        try:
            await self.run_asgi(app, bytes(self._body), {"user": host})
        except Exception:
            if not self._is_stopping():
                raise
            self.log.debug("a request ended with the Jupyter server", exc_info=True)
            self.close_connection()

    get = head = post = put = patch = delete = options = _serve

    def _get_app(self) -> ASGIApp:
        """Return what serves a request that was let in."""
        return self._endpoint.asgi

    @property
    def _session_id(self) -> str | None:
        return self.request.headers.get(_SESSION_ID)

    def _follow_session(self, start: Message, host: Host, key: object) -> None:
        """Learn from the beginning of an answer that a session has begun, or is over."""
        keys, visits, session_id = self._endpoint.session_keys, self._endpoint.visits, self._session_id
        if session_id is None:
            opened = dict(start.get("headers", ())).get(_SESSION_ID.lower().encode())
            if opened is not None and start["status"] == _OK:
                keys.learn(opened.decode("latin-1"), key)
                visits.open_session(opened.decode("latin-1"), self._visit, self._make_end(opened, host))
        elif start["status"] == _NOT_FOUND:
            self._endpoint.refusals.note(Refusal(_NOT_FOUND, "session", "", token=self._token.name))
        elif self.request.method == "DELETE" and start["status"] == _OK:
            keys.forget(session_id)
            visits.close_session(session_id)

    def _make_end(self, session_id: bytes, host: Host) -> Callable[[], Awaitable[None]]:
        """Return what ends a session as its host would: only so does the SDK end what it is doing in there."""
        asgi, keys = self._get_app(), self._endpoint.session_keys

        async def end() -> None:
            await ask(asgi, "DELETE", {_SESSION_ID.lower().encode(): session_id}, {"user": host})
            keys.forget(session_id.decode("latin-1"))

        return end

    async def _find_allowed_scopes(self, token: HostToken) -> frozenset[TokenScope]:
        allowed = await find_allowed_scopes(self.authorizer, self, token)
        if "read" not in allowed:
            raise Refusal(
                403,
                "authorizer",
                f"This Jupyter server's authorizer does not let the host token {token.name!r} read here. Whoever runs "
                "the Jupyter server decides about that.",
                token=token.name,
            )
        return allowed

    async def _count(self) -> None:
        """Hold the request against its token's limits, and count it as open from now on."""
        headers = self.request.headers
        modern = headers.get(MCP_PROTOCOL_VERSION_HEADER, _FIRST_VERSION) not in HANDSHAKE_PROTOCOL_VERSIONS
        listens = modern and headers.get(MCP_METHOD_HEADER) == "subscriptions/listen"
        calls = self.request.method == "POST" and not listens
        opens_session = listens or (calls and not modern and self._session_id is None)
        await self._endpoint.token_limits.admit(self._token, calls=calls, opens_session=opens_session)
        counts_as = "session" if listens else "both" if opens_session else "call" if calls else "nothing"
        self._visit = Visit(self._token, counts_as, self._end)
        self._stay.enter_context(self._endpoint.visits.visit(self._visit, self._session_id))

    def _send_away(self) -> None:
        """Answer that nothing was begun; whatever was begun is never answered so, but cut: it may have been done."""
        self.set_header("Connection", "close")
        self.answer_error(503, _AWAY.format(self._endpoint.phase), _SECONDS_AWAY)

    def _is_stopping(self) -> bool:
        return self._endpoint.phase == "stopping"

    def _end(self, why: str) -> None:
        """End this request at once: with the sentence, if no answer has begun, else in the middle of it."""
        if not self._headers_written:
            self.answer_error(403, why)
            self.drop()
        else:
            self.close_connection()

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
        if length.isdecimal() and int(length) > max_body_size:
            raise Refusal(413, "size", f"A request may have at most {max_body_size} bytes; this one has {length}.")


class PublishedHandler(MCPHandler):
    """The same door before a server that a notebook publishes; the group `published` of its route is the name."""

    _endpoint: PublishingEndpoint

    def _get_app(self) -> ASGIApp:
        return self._endpoint.published.get_app(self.path_kwargs["published"])

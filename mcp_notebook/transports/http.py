"""Servers at a URL, spoken to over Streamable HTTP, or over the older HTTP+SSE.

Knows headers, refusals, and that nobody is there. Refuses to know the protocol inside.
"""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.request import getproxies

import anyio
import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from mcp_notebook.authorization.flow import Authorization, Unauthorized
from mcp_notebook.errors import HostError, SignInFailed
from mcp_notebook.transports.alive import alive_options
from mcp_notebook.transports.link import End, reason_of
from mcp_notebook.transports.tap import carried, tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from mcp.client._transport import TransportStreams

    from mcp_notebook.authorization.sign_in import SignIn
    from mcp_notebook.config import HTTPServer
    from mcp_notebook.wire import WireLog

__all__ = ["Exchanges", "HTTPLink", "Refusal", "exchanges"]

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Largest server-sent event that is read: the SDK's own limit of 1 MiB refuses results with a plot or two."""


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer of 400 or above, or none at all.

    Attributes:
        status: the HTTP status; where there was no answer, that of a gateway.
        sentence: what its body said, or the status in words; where there was no answer, why.
        why: what kept us from signing in; None if it is not about that.
        unanswered: "not sent" where nobody was there, "broken off" where there was somebody first.
    """

    status: int
    sentence: str
    why: HostError | None = None
    unanswered: Literal["not sent", "broken off"] | None = None


@dataclass
class Exchanges:
    """What came of the HTTP requests of one request.

    Attributes:
        refused: those that were refused, oldest first.
        reached: whether the server has taken any.
        give_up: called when its answer broke off and nobody was there to ask for the rest; the SDK would try again.
    """

    refused: list[Refusal] = field(default_factory=list[Refusal])
    reached: bool = False
    give_up: Callable[[], object] = lambda: None


exchanges: ContextVar[Exchanges | None] = ContextVar("exchanges", default=None)
"""Set it before a request, in the same task: what comes of it is added, for the error.

The SDK reports each refusal as "Server returned an error response", without what the server said."""

# `MCPServer()` in a cell sets Python's logging to INFO, and then each request would be a line under some cell, session
# ids among them. The wire log has all that. Whoever sets a level for these loggers gets the lines.
for _name in ("httpx2", "mcp.client.streamable_http"):
    if not logging.getLogger(_name).level:
        logging.getLogger(_name).setLevel(logging.WARNING)


class HTTPLink:
    """A URL, spoken to over Streamable HTTP, or over HTTP+SSE."""

    last_words = ""
    is_open = False

    def __init__(self, server: str, definition: HTTPServer, log: WireLog, new_sign_in: Callable[[], SignIn]) -> None:
        self._server = server
        self._new_sign_in = new_sign_in
        self._definition = definition
        self._log = log
        self.lost = anyio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[TransportStreams]:
        """See `Link`."""
        url, headers = self._definition.url, self._definition.headers
        self._log.hide(headers.values(), headers=headers)  # whatever a person sends along, most of it is a key
        if self._definition.sse:
            async with sse_client(url, httpx_client_factory=self._new_client) as streams:
                yield tap(streams, self._log, self.lost.set)
            return
        async with (
            self._new_client() as client,
            streamable_http_client(url, http_client=client, max_sse_event_size=MAX_EVENT_BYTES) as streams,
        ):
            yield tap(streams, self._log)

    def _new_client(self, *_: object, **_sdk_defaults: object) -> _HTTPClient:
        # A tool may be silent for long, and the person can interrupt: no limit on reading.
        timeout = httpx2.Timeout(30, read=None)
        headers = dict(self._definition.headers)
        # A transport of ours would keep the SDK's library from looking for the proxies of the environment.
        transport = None if getproxies() else httpx2.AsyncHTTPTransport(socket_options=alive_options())
        client = _HTTPClient(self._server, self._log, self, headers=headers, timeout=timeout, transport=transport)
        if "authorization" not in client.headers or self._definition.oauth is not None:
            client.auth = Authorization(self._definition, self._new_sign_in(), self._log.hide)
        return client

    async def describe_end(self, error: BaseException | None) -> End:
        """See `Link`."""
        return End("the connection was closed" if error is None else reason_of(error))


_NOBODY_THERE = (httpx2.ConnectError, httpx2.ConnectTimeout)


class _HTTPClient(httpx2.AsyncClient):
    """An HTTP client that tells the wire log, and remembers what was refused.

    Where no answer comes, the SDK is given one that says so, once the link is open: an exception would end all that is
    under way.
    """

    def __init__(self, server: str, log: WireLog, link: HTTPLink, **options: Any) -> None:
        super().__init__(**options)
        self._server = server
        self._log = log
        self._link = link

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        cause = carried.get()
        record = cause if cause is not None and request.method == "POST" else self._log.add_http(cause and cause.number)
        record.request = (request.method, request.url, request.headers)
        refusal: Refusal | None = None
        try:
            response = await super().send(request, **options)
        except Unauthorized as error:
            response = error.response
            refusal = Refusal(response.status_code, await _sentence(response), error.why)
        except httpx2.TransportError as error:
            refusal = self._refusal(error, request)
            if refusal.unanswered is not None and not self._link.is_open:
                raise
            response = httpx2.Response(refusal.status, request=request)
        if refusal is None or refusal.unanswered is None:
            record.response = (response.status_code, response.headers)
        known = exchanges.get()
        if known is not None:
            if refusal is None and response.status_code >= HTTPStatus.BAD_REQUEST:
                refusal = Refusal(response.status_code, await _sentence(response))
            if refusal is not None:
                known.refused.append(refusal)
            known.reached |= refusal is None or refusal.unanswered == "broken off"
            if refusal is not None and refusal.unanswered == "not sent" and "last-event-id" in request.headers:
                known.give_up()
        return response

    def _refusal(self, error: httpx2.TransportError, request: httpx2.Request) -> Refusal:
        """Word that there is no answer; `error` may be about another address, where a person would sign in."""
        reason = reason_of(error)
        if error.request.url != request.url:
            why = SignInFailed(self._server, f"{error.request.url.host} does not answer ({reason})")
            return Refusal(HTTPStatus.UNAUTHORIZED, reason, why)
        if isinstance(error, _NOBODY_THERE):
            return Refusal(HTTPStatus.SERVICE_UNAVAILABLE, reason, unanswered="not sent")
        return Refusal(HTTPStatus.BAD_GATEWAY, reason, unanswered="broken off")


async def _sentence(response: httpx2.Response) -> str:
    if response.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await response.aread())
        except ValueError:
            body = None
        if isinstance(body, dict):
            return find_sentence(cast("dict[str, Any]", body)) or response.reason_phrase
    return response.reason_phrase or "no reason given"


def find_sentence(body: dict[str, Any]) -> str | None:
    """Find what a JSON error says: whichever of the customary members is there."""
    for name in ("message", "error_description", "detail", "error", "reason"):
        value = body.get(name)
        if isinstance(value, dict):
            value = find_sentence(cast("dict[str, Any]", value))
        if isinstance(value, str) and value:
            return value
    return None

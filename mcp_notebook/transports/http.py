"""Servers at a URL, spoken to over Streamable HTTP, or over the older HTTP+SSE.

Knows headers, refusals, and that nobody is there. Refuses to know the protocol inside.
"""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import anyio
import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from mcp_notebook.authorization.flow import Authorization, Unauthorized
from mcp_notebook.errors import HostError, SignInFailed
from mcp_notebook.transports.link import End, reason_of
from mcp_notebook.transports.tap import carried, tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from mcp.client._transport import TransportStreams

    from mcp_notebook.authorization.sign_in import SignIn
    from mcp_notebook.config import HTTPServer
    from mcp_notebook.wire import WireLog

__all__ = ["HTTPLink", "Refusal", "refusals"]

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Largest server-sent event that is read: the SDK's own limit of 1 MiB refuses results with a plot or two."""


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer of 400 or above.

    Attributes:
        status: the HTTP status.
        sentence: what its body said, or the status in words.
        why: what kept us from signing in; None if it is not about that.
    """

    status: int
    sentence: str
    why: HostError | None = None


refusals: ContextVar[list[Refusal] | None] = ContextVar("refusals", default=None)
"""Set it to a list before a request, in the same task: what the server refused of it is added, for the error.

The SDK reports every such answer as "Server returned an error response", without what the server said."""

# `MCPServer()` in a cell sets Python's logging to INFO, and then each request would be a line under some cell, session
# ids among them. The wire log has all that. Whoever sets a level for these loggers gets the lines.
for _name in ("httpx2", "mcp.client.streamable_http"):
    if not logging.getLogger(_name).level:
        logging.getLogger(_name).setLevel(logging.WARNING)


class HTTPLink:
    """A URL, spoken to over Streamable HTTP, or over HTTP+SSE."""

    last_words = ""

    def __init__(self, server: str, definition: HTTPServer, log: WireLog, new_sign_in: Callable[[], SignIn]) -> None:
        self._server = server
        self._new_sign_in = new_sign_in
        self._definition = definition
        self._log = log
        self.lost = anyio.Event()
        self._reason = "the connection was closed"

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
        client = _HTTPClient(self._server, self._log, self._unreachable, headers=headers, timeout=timeout)
        if "authorization" not in client.headers or self._definition.oauth is not None:
            client.auth = Authorization(self._definition, self._new_sign_in(), self._log.hide)
        return client

    def _unreachable(self, error: httpx2.TransportError) -> None:
        self._reason = reason_of(error)
        self.lost.set()

    async def describe_end(self, error: BaseException | None) -> End:
        """See `Link`."""
        reason = self._reason if error is None else reason_of(error)
        return End(reason)


_NOBODY_THERE = (httpx2.ConnectError, httpx2.ConnectTimeout)


class _HTTPClient(httpx2.AsyncClient):
    """An HTTP client that tells the wire log, says when nobody is there, and remembers why it was refused.

    The SDK retries a broken stream for two seconds before it gives up; a port that nobody listens on needs no retry.
    """

    def __init__(
        self, server: str, log: WireLog, on_unreachable: Callable[[httpx2.TransportError], None], **options: Any
    ) -> None:
        super().__init__(**options)
        self._server = server
        self._log = log
        self._on_unreachable = on_unreachable

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        cause = carried.get()
        record = cause if cause is not None and request.method == "POST" else self._log.add_http(cause and cause.number)
        record.request = (request.method, request.url, request.headers)
        why: HostError | None = None
        try:
            response = await super().send(request, **options)
        except Unauthorized as error:
            response, why = error.response, error.why
        except httpx2.TransportError as error:
            if error.request.url != request.url:
                response = httpx2.Response(HTTPStatus.UNAUTHORIZED, request=request)
                why = SignInFailed(self._server, f"{error.request.url.host} does not answer ({reason_of(error)})")
            else:
                # Nobody waits for what is told, and the server may just be restarting.
                told = record.method == "subscriptions/listen" or (
                    request.method == "GET" and "last-event-id" not in request.headers
                )
                if isinstance(error, _NOBODY_THERE) and not told:
                    self._on_unreachable(error)
                raise
        record.response = (response.status_code, response.headers)
        known = refusals.get()
        if known is not None and response.status_code >= HTTPStatus.BAD_REQUEST:
            known.append(Refusal(response.status_code, await _sentence(response), why))
        return response


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

"""HTTP to a Jupyter server that may not run yet, end, and come back elsewhere: the SDK's transport notices none of it.

Knows what has to be said again to a server that has forgotten a session (specification 2025-11-25, "Session
Management"), and which streams go on. Refuses to send a call twice: the one that was under way when the server ended
may have done its work, and is answered with an error that says so.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from mcp.client.streamable_http import LAST_EVENT_ID, MCP_SESSION_ID
from mcp.shared.inbound import MCP_PROTOCOL_VERSION_HEADER

from mcp_notebook_server.cli.errors import JupyterUnreachable, NoJupyterServer, SeveralJupyterServers
from mcp_notebook_server.cli.event_stream import (
    EventStream,
    answer_error,
    find_event_ids,
    make_event,
    read_message,
    whole_events,
)
from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

__all__ = ["Reconnecting"]

_PAUSE = 0.2
"""Seconds between two looks for a server that is away."""

_AWAY = (503, 424)
"""Jupyter is stopping, or its proxy has none behind it: the request reached nobody. (424 is JupyterHub's.)"""

_ERROR = 400
_NOT_FOUND = 404

_LOST = (
    "The Jupyter server ended or restarted while it worked on this. It may have been done, or not; what comes next is "
    "answered by the Jupyter server that runs then."
)


class Reconnecting(httpx2.AsyncBaseTransport):
    """What an HTTP client sends its requests with; belongs to one event loop and one host.

    Args:
        inner: sends one request.
        find_endpoint: returns the URL of the endpoint as it is now, or raises a `CommandError`.
        read_token: returns the host token.
        patience: seconds for which a request waits for a server.
        tell: takes a sentence for the person.

    Attributes:
        problem: what keeps the server from being reached; None if it was, the last time.
    """

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        find_endpoint: Callable[[], str],
        read_token: Callable[[], str],
        patience: float,
        tell: Callable[[str], object],
    ) -> None:
        self._inner = inner
        self._find_endpoint = find_endpoint
        self._read_token = read_token
        self._patience = patience
        self._tell = tell
        self._session: str | None = None
        self._said: dict[str, httpx2.Request] = {}
        self._renewing = anyio.Lock()
        self._standing_id: bytes | None = None
        self.problem: CommandError | None = None

    def look(self) -> None:
        """See whether there is a server, so that the person is told at once if there is none."""
        try:
            self._find_endpoint()
        except CommandError as error:
            self._note_absence(error)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, now or when there is a server to take it."""
        if request.method != "DELETE":
            return await self._deliver(request, read_message(request))
        try:
            return await self._send(request)
        except (httpx2.TransportError, CommandError):  # whoever is gone has ended the session, too
            return httpx2.Response(204)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def _deliver(self, request: httpx2.Request, message: Mapping[str, Any]) -> httpx2.Response:
        """Send a request until somebody has taken it, or patience ends; streams that stand wait for ever."""
        stands = request.method == "GET" or message.get("method") == "subscriptions/listen"
        deadline = time.monotonic() + self._patience
        while True:
            session = self._session
            try:
                response = await self._send(request)
                if response.status_code == _NOT_FOUND and self._is_of_session(request):
                    if await self._renew(session):
                        await response.aclose()
                        continue
                    return response
                if response.status_code not in _AWAY:
                    self._note_presence()
                    return self._take(request, message, response)
                await response.aclose()
                problem: CommandError = JupyterUnreachable(str(response.url), f"HTTP {response.status_code}")
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                problem = JupyterUnreachable(str(error.request.url), str(error))
            except httpx2.TransportError as error:
                if message.get("method") == "tools/call":
                    return answer_error(_LOST)
                problem = JupyterUnreachable(str(error.request.url), str(error) or type(error).__name__)
            except CommandError as error:
                problem = error
            self._note_absence(problem)
            can_wait = isinstance(problem, (JupyterUnreachable, NoJupyterServer))
            if not stands and (not can_wait or time.monotonic() > deadline):
                return answer_error(str(problem))
            await anyio.sleep(_PAUSE)

    async def _send(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request once, to where the endpoint is now, in the session that the server knows."""
        headers = httpx2.Headers(request.headers)
        headers.pop("host", None)
        headers["Authorization"] = f"Bearer {self._read_token()}"
        if MCP_SESSION_ID in headers and self._session is not None:
            headers[MCP_SESSION_ID] = self._session
        sent = httpx2.Request(
            request.method,
            self._find_endpoint(),
            headers=headers,
            content=request.content or None,
            extensions=request.extensions,
        )
        try:
            response = await self._inner.handle_async_request(sent)
        except httpx2.TransportError as error:
            error.request = sent
            raise
        response.request = sent
        return response

    def _is_of_session(self, request: httpx2.Request) -> bool:
        """Whether the server, having forgotten the session, may take this request in a new one.

        What resumes the answer of a call may not: nobody there knows of the call.
        """
        last = request.headers.get(LAST_EVENT_ID)
        if last is not None:
            if last.encode() != self._standing_id:
                return False
            del request.headers[LAST_EVENT_ID]
        return MCP_SESSION_ID in request.headers

    async def _renew(self, stale: str | None) -> bool:
        """Say again what made the session that the server has forgotten; False if it will have none."""
        async with self._renewing:
            if self._session != stale:
                return True
            said = list(self._said.values())
            for request in said:
                try:
                    response = await self._send(request)
                    await response.aread()
                except httpx2.TransportError as error:  # of what was said before, not of what is to be sent now
                    raise JupyterUnreachable(str(error.request.url), str(error)) from error
                if response.status_code >= _ERROR:
                    return False
                if request is said[0]:
                    self._session = response.headers.get(MCP_SESSION_ID)
            return bool(said)

    def _take(self, request: httpx2.Request, message: Mapping[str, Any], response: httpx2.Response) -> httpx2.Response:
        """Learn from what the server has accepted, and keep an eye on its stream."""
        if response.status_code >= _ERROR:
            return response
        self._remember(request, message, response)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            return response
        stream = EventStream(self._go_on(request, message, response), response)
        return httpx2.Response(response.status_code, headers=response.headers, stream=stream)

    def _remember(self, request: httpx2.Request, message: Mapping[str, Any], response: httpx2.Response) -> None:
        """Keep what a new session would have to be told."""
        params: dict[str, Any] = message.get("params") or {}
        match message.get("method"):
            case "initialize" if MCP_SESSION_ID in response.headers:
                self._session = response.headers[MCP_SESSION_ID]
                self._said = {"initialize": request}
            case "notifications/initialized" | "logging/setLevel" as method if self._said:
                self._said[method] = request
            case "resources/subscribe" if self._said:
                self._said[f"subscribe {params.get('uri')}"] = request
            case "resources/unsubscribe":
                self._said.pop(f"subscribe {params.get('uri')}", None)
            case _:
                pass

    async def _go_on(
        self, request: httpx2.Request, message: Mapping[str, Any], response: httpx2.Response
    ) -> AsyncIterator[bytes]:
        """Yield the whole events of a stream, and when it breaks, of what continues it."""
        last_id: bytes | None = None
        while True:
            try:
                async for events in whole_events(response):
                    ids = find_event_ids(events)
                    last_id = ids[-1] if ids else last_id
                    if request.method == "GET":
                        self._standing_id = last_id
                    yield events
            except httpx2.TransportError:
                await response.aclose()
            else:
                return
            if request.method == "GET":
                return  # the SDK opens the next one
            if message.get("method") == "subscriptions/listen":
                response = await self._deliver_again(request, message)
            elif last_id is not None and (resumed := await self._resume(request, last_id)) is not None:
                response = resumed
            else:
                yield make_event(message, _LOST)
                return

    async def _deliver_again(self, request: httpx2.Request, message: Mapping[str, Any]) -> httpx2.Response:
        """Ask once more for a stream; its end, when it breaks again, is seen by who reads it."""
        response = await self._deliver(request, message)
        stream = response.stream
        return stream.response if isinstance(stream, EventStream) else response

    async def _resume(self, request: httpx2.Request, last_id: bytes) -> httpx2.Response | None:
        """Ask for the rest of an answer whose connection broke; None if the server that had it is gone."""
        if MCP_SESSION_ID not in request.headers:
            return None
        kept = (MCP_SESSION_ID, MCP_PROTOCOL_VERSION_HEADER)
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        headers |= {"Accept": "text/event-stream", LAST_EVENT_ID: last_id.decode()}
        rest = httpx2.Request("GET", request.url, headers=headers, extensions=request.extensions)
        try:
            response = await self._send(rest)
        except (httpx2.TransportError, CommandError):
            return None
        if response.status_code < _ERROR:
            return response
        await response.aclose()
        return None

    def _note_absence(self, problem: CommandError) -> None:
        if type(problem) is not type(self.problem):
            self._tell(f"{problem} (Waiting.)" if not isinstance(problem, SeveralJupyterServers) else str(problem))
        self.problem = problem

    def _note_presence(self) -> None:
        if self.problem is not None:
            self._tell("Jupyter is there.")
        self.problem = None

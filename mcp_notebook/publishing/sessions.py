"""The SDK's transport behind a published name, and who is let in at its socket.

Knows the two headers by which the Jupyter server shows that it is the Jupyter server, and says which host calls.
Refuses to know how it decided that.
"""

from __future__ import annotations

import hmac
from collections import deque
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER, EventCallback, EventMessage, EventStore
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from mcp_types import JSONRPCMessage
    from starlette.types import Receive, Scope, Send

    from mcp_notebook.publishing.current import CurrentServer

__all__ = ["HOST_HEADER", "SECRET_HEADER", "Sessions"]

SECRET_HEADER = b"x-mcp-notebook-secret"
HOST_HEADER = b"x-mcp-notebook-host"

_RETRY_MILLISECONDS = 1_000
_MOST_EVENTS = 256
_MOST_BYTES = 2_000_000
"""Of one session, for a host that comes back after a broken stream; more would be memory of the person's kernel."""


class Sessions(StreamableHTTPSessionManager):
    """Serves what came through the socket.

    Args:
        current: the server that answers.
        secret: what a request must bring.
    """

    def __init__(self, current: CurrentServer, secret: str) -> None:
        # What is no Server to Python is one to the SDK, which only asks it for attributes.
        super().__init__(current, retry_interval=_RETRY_MILLISECONDS)  # pyright: ignore[reportArgumentType]  as said
        self._current = current
        self._secret = secret.encode()

    @property
    def event_store(self) -> EventStore:  # pyright: ignore[reportIncompatibleVariableOverride]  # the SDK asks once for each session
        """A store for one session: one for all would give a host what another's stream has missed."""
        return SessionEvents()

    @event_store.setter
    def event_store(self, _: EventStore | None) -> None:
        """Take nothing."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that brings the secret, as one of the host that it names."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(SECRET_HEADER, b""), self._secret):
            await JSONResponse({"error": "This socket is for the Jupyter server."}, 403)(scope, receive, send)
            return
        host = headers.get(HOST_HEADER, b"").decode("latin-1")
        user = AuthenticatedUser(AccessToken(token="", client_id=host, scopes=[], subject=host))
        others = [(name, value) for name, value in scope["headers"] if name not in (SECRET_HEADER, HOST_HEADER)]
        await self.handle_request({**scope, "headers": others, "user": user}, receive, send)
        session_id = headers.get(MCP_SESSION_ID_HEADER.encode())
        if scope["method"] == "DELETE" and session_id is not None:
            self._current.forget_session(session_id.decode("latin-1"))


class SessionEvents(EventStore):
    """The last events of one session."""

    def __init__(self) -> None:
        self._name = token_hex(6)
        self._count = 0
        self._bytes = 0
        self._events: deque[tuple[int, str, JSONRPCMessage | None, int]] = deque()

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        """See `EventStore`."""
        self._count += 1
        size = 0 if message is None else len(message.model_dump_json())
        self._events.append((self._count, stream_id, message, size))
        self._bytes += size
        while len(self._events) > _MOST_EVENTS or (self._bytes > _MOST_BYTES and len(self._events) > 1):
            self._bytes -= self._events.popleft()[3]
        return f"{self._name}.{self._count}"

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        """See `EventStore`."""
        known = {f"{self._name}.{count}": (count, stream_id) for count, stream_id, _, _ in self._events}
        if last_event_id not in known:
            return None
        last, wanted = known[last_event_id]
        missed: list[tuple[int, Any]] = [
            (count, message)
            for count, stream_id, message, _ in self._events
            if stream_id == wanted and count > last and message is not None
        ]
        for count, message in missed:
            await send_callback(EventMessage(message, f"{self._name}.{count}"))
        return wanted

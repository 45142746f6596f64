"""All that is published, by name: an ASGI application for each.

Knows which connections there are, and what a host is told where there is none. Belongs to the Jupyter server's event
loop.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from mcp_types import INTERNAL_ERROR, INVALID_REQUEST
from starlette.responses import JSONResponse

from mcp_notebook_server.published.errors import NotPublished, PublishedError, PublisherGone
from mcp_notebook_server.published.records import Passing, read_request
from mcp_notebook_server.published.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from mcp_notebook_server.access.host import Host
    from mcp_notebook_server.published.descriptions import Description, Descriptions

__all__ = ["Published"]

_LARGE = 1 << 18
"""Bytes from which a body is read beside the event loop."""

_AFTER_THE_ANSWER = 0.02
"""Seconds, as for calls of our own."""

_log = logging.getLogger(__name__)


class Published:
    """What the notebooks of one Jupyter server publish.

    Args:
        descriptions: what their kernels say.
        sinks: take the record of each call.
    """

    def __init__(self, descriptions: Descriptions, *sinks: Callable[[dict[str, Any]], object]) -> None:
        self._descriptions = descriptions
        self._sinks = sinks
        self._relays: dict[str, Relay] = {}
        self._untold: list[Passing] = []

    def get_app(self, name: str) -> ASGIApp:
        """Return what answers at a name, whether anything is published there or not."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await self._answer(name, scope, receive, send)

        return app

    def list(self) -> Sequence[Description]:
        """Return what is published."""
        return self._descriptions.list()

    def forget_kernel(self, kernel_id: str) -> None:
        """Forget what a kernel published that was shut down; whoever still comes for it is told."""
        self._descriptions.forget_kernel(kernel_id)

    def close(self) -> None:
        """End all connections to kernels."""
        self._flush()
        for relay in self._relays.values():
            relay.close()
        self._relays.clear()

    async def _answer(self, name: str, scope: Scope, receive: Receive, send: Send) -> None:
        request = await receive()
        host: Host = scope["user"]
        passing = Passing(name, host.token.name, await _read(request.get("body", b"")))
        unread = [request]

        async def receive_again() -> Message:
            return unread.pop() if unread else await receive()

        async def watch(message: Message) -> None:
            passing.note(message)
            await send(message)

        error: PublishedError | None = None
        try:
            relay = self._get_relay(name)
            await relay.carry(scope, receive_again, watch, host.access_token.subject or "")
        except PublishedError as raised:
            error = raised
            await _say(raised)(scope, receive, send)
        finally:
            if passing.is_recorded:
                passing.end(error)
                self._note(passing)

    def _get_relay(self, name: str) -> Relay:
        """Return the connections to what is published under a name now.

        Raises:
            NotPublished: nothing is, and nothing was since this Jupyter server runs.
            PublisherGone: something was.
        """
        description = self._descriptions.find(name)
        known = self._relays.get(name)
        if description is None and known is None:
            raise NotPublished(name, [each.name for each in self._descriptions.list()])
        if description is None:
            raise PublisherGone(name)
        if known is None or (known.description.socket, known.description.secret) != (
            description.socket,
            description.secret,
        ):
            if known is not None:
                known.close()
            known = self._relays[name] = Relay(description, self._descriptions.find)
        return known

    def _note(self, passing: Passing) -> None:
        """Put a call on record in a moment: its host has the answer, and may want the next."""
        self._untold.append(passing)
        if len(self._untold) == 1:
            asyncio.get_running_loop().call_later(_AFTER_THE_ANSWER, self._flush)

    def _flush(self) -> None:
        untold, self._untold = self._untold, []
        for passing in untold:
            record = passing.make_record()
            for sink in self._sinks:
                try:
                    sink(record)
                except Exception:  # noqa: BLE001  whatever a sink does, the others are told
                    _log.exception("a call could not be put on record")


async def _read(body: bytes) -> dict[str, Any]:
    return read_request(body) if len(body) < _LARGE else await asyncio.to_thread(read_request, body)


def _say(error: PublishedError) -> JSONResponse:
    code = INTERNAL_ERROR if error.status >= 500 else INVALID_REQUEST  # noqa: PLR2004  HTTP's own boundary
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": str(error)}}
    return JSONResponse(body, status_code=error.status)

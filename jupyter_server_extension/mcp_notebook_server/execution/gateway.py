"""A connection to a kernel behind a gateway: one WebSocket, in which every message is JSON and names its channel.

Knows Jupyter's own client of gateways, whose address and credentials it takes. Refuses to know what is said
(`connection`). What is here does not see the kernel's process: that the kernel is gone is said by the gateway, which
closes the WebSocket or says that it restarts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session
from jupyter_server.gateway.gateway_client import GatewayClient
from jupyter_server.utils import url_path_join
from tornado.escape import url_escape
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from mcp_notebook_server.execution.connection import ChannelName, Connection
from mcp_notebook_server.execution.guard import SESSION_PREFIX, find_guard
from mcp_notebook_server.execution.messages import LARGE, Message
from mcp_notebook_server.front_ends import count_as_ours
from mcp_notebook_server.liveness import is_busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

__all__ = ["GatewayConnection", "connect_there"]

_LARGEST = 64 * 1024 * 1024
"""Bytes of a message; a larger one ends the connection."""

_GONE = ("restarting", "dead")

_log = logging.getLogger(__name__)


class GatewayConnection(Connection):
    """An open connection; made by `connect_there`.

    Args:
        socket: open; ours alone.
        session: likewise.
        busy: whether the kernel was last heard to run something.
        guard: code to be run before any other; None if this kernel needs none.
    """

    def __init__(self, socket: WebSocketClientConnection, session: Session, *, busy: bool, guard: str | None) -> None:
        super().__init__(session, busy=busy, guard=guard)
        self._socket = socket

    def _send(self, channel: ChannelName, message: Mapping[str, Any]) -> None:
        text = json.dumps({**message, "channel": channel}, default=json_default)
        with contextlib.suppress(WebSocketClosedError):  # which `listen` sees, too
            self._socket.write_message(text)

    async def listen(self) -> None:
        """Hear what the kernel says, until the connection ends."""
        while (text := await self._socket.read_message()) is not None:
            if isinstance(text, str) and self._concerns(text):
                said: Any = await asyncio.to_thread(json.loads, text) if len(text) > LARGE else json.loads(text)
                self._take(said)
        self._lose()

    def _concerns(self, text: str) -> bool:
        self._was_heard.set()
        if self._request is not None:
            self._request.note_word()
        return '"status"' in text or (self._request is not None and self._request.id in text)

    def _take(self, said: dict[str, Any]) -> None:
        try:
            parent: dict[str, Any] = said.get("parent_header") or {}
            message = Message(said["msg_type"], parent.get("msg_id", ""), parent.get("msg_type", ""), said["content"])
            channel = said["channel"]
        except (KeyError, AttributeError):
            _log.warning("what a gateway said was not understood")
            return
        if channel == "iopub":
            if message.content.get("execution_state") in _GONE:
                self._lose()
            self._hear(message)
        elif channel == "shell":
            self._hear_reply(message)

    def _lose(self) -> None:
        """End what runs: nobody will say more of it."""
        if self._request is not None and not self._request.done.done():
            self._request.done.set_exception(TimeoutError("the kernel is gone"))


@contextlib.asynccontextmanager
async def connect_there(kernel: Any) -> AsyncGenerator[Connection]:
    """Connect to a kernel behind a gateway, and wait until it is heard.

    Args:
        kernel: Jupyter's manager of it.
    """
    gateway: Any = GatewayClient.instance()
    session = Session(session=SESSION_PREFIX + uuid4().hex)
    path = (gateway.ws_url, gateway.kernels_endpoint, url_escape(kernel.kernel_id), "channels")
    url = f"{url_path_join(*path)}?session_id={session.session}"
    request = HTTPRequest(url, **gateway.load_connection_args())
    socket = await websocket_connect(request, max_message_size=_LARGEST)
    connection = GatewayConnection(socket, session, busy=is_busy(kernel), guard=find_guard(kernel))
    listening = asyncio.ensure_future(connection.listen())
    try:
        await connection.wait_until_heard()
        with count_as_ours(kernel):
            yield connection
    finally:
        listening.cancel()
        socket.close()

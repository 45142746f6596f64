"""A browser tab, as the Jupyter server sees one: a WebSocket to a kernel's channels, as JupyterLab opens it."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING, Any, Self

from jupyter_client.session import Session
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.jupyter import JupyterServer


class Tab:
    """What one tab sent and what it was sent.

    Args:
        server: the Jupyter server.
        kernel_id: the kernel that the tab shows.
    """

    def __init__(self, server: JupyterServer, kernel_id: str) -> None:
        self._server = server
        self._kernel_id = kernel_id
        self._session = Session(session=uuid.uuid4().hex, username="tab")
        self.messages: list[dict[str, Any]] = []

    async def __aenter__(self) -> Self:
        query = f"session_id={self._session.session}"
        url = f"{self._server.url.replace('http', 'ws', 1)}/api/kernels/{self._kernel_id}/channels?{query}"
        request = HTTPRequest(url, headers={"Authorization": f"Bearer {self._server.token}"})
        self._socket = await websocket_connect(request, max_message_size=1 << 26)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()
        # Until the other side has closed, too: a socket left to the garbage collector is a warning, in whichever test.
        while await self._socket.read_message() is not None:
            pass

    async def send(self, kind: str, content: dict[str, Any]) -> str:
        """Send a message on the shell channel and return its id."""
        message = self._session.msg(kind, content)
        await self._socket.write_message(json.dumps({**message, "channel": "shell"}, default=str))
        return message["header"]["msg_id"]

    async def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell to its end and return the messages that belong to it."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        message_id = await self.send("execute_request", {**content, "user_expressions": {}})
        async for message in self._until_idle(message_id):
            self.messages.append(message)
        return [m for m in self.messages if m["parent_header"].get("msg_id") == message_id]

    async def _until_idle(self, message_id: str) -> AsyncIterator[dict[str, Any]]:
        """Everything up to both the idle status and the reply of one request."""
        waiting_for = {"status", "execute_reply"}
        while waiting_for:
            text = await asyncio.wait_for(self._socket.read_message(), 60)
            if text is None:
                raise ConnectionError("The Jupyter server closed the tab's WebSocket.")
            message = json.loads(text)
            yield message
            ours = message["parent_header"].get("msg_id") == message_id
            if ours and message["content"].get("execution_state") != "busy":
                waiting_for.discard(message["msg_type"])

    @property
    def strangers(self) -> list[dict[str, Any]]:
        """Messages that answer none of this tab's requests."""
        ours = self._session.session
        return [m for m in self.messages if m["parent_header"].get("session") != ours]

"""A tab in which a person has a notebook open with jupyter-collaboration, without a browser: its document and its wire.

Knows the websocket of jupyter-collaboration and Y's synchronization. Knows nothing of MCP.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

import httpx
import websocket
from jupyter_ydoc import YNotebook
from pycrdt import YMessageType, create_sync_message, create_update_message, handle_sync_message

from support.waiting import wait_until

if TYPE_CHECKING:
    from support.jupyter import JupyterServer

__all__ = ["SharedTab"]


class SharedTab:
    """One tab, as a context manager.

    Args:
        server: with collaboration.
        path: of the notebook.
    """

    def __init__(self, server: JupyterServer, path: str) -> None:
        wanted = {"format": "json", "type": "notebook"}
        headers = {"Authorization": f"Bearer {server.token}"}
        place = f"{server.url}/api/collaboration/session/{path}"
        session = httpx.put(place, json=wanted, headers=headers, timeout=30).raise_for_status().json()
        room = f"{server.url}/api/collaboration/room/json:notebook:{session['fileId']}?sessionId={session['sessionId']}"
        self._socket = websocket.create_connection(room.replace("http", "ws", 1), header=headers, timeout=30)
        self._lock = threading.RLock()
        self._hears: Any = None
        self._is_applying = False
        self.notebook = YNotebook()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self.notebook.ydoc.observe(self._send)
        self._socket.send_binary(create_sync_message(self.notebook.ydoc))
        self._thread.start()
        wait_until(self.sources, "the tab's document")
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._thread.join(10)

    def sources(self) -> list[str]:
        """The text of each cell."""
        with self._lock:
            return [str(cell["source"]) for cell in self.notebook.ycells]

    def cell(self, place: int) -> dict[str, Any]:
        """A cell as the tab has it."""
        with self._lock:
            return self.notebook.get_cell(place)

    def type(self, place: int, at: int, text: str) -> None:
        """Type into a cell; nothing is saved by that."""
        with self._lock:
            self.notebook.ycells[place]["source"].insert(at, text)

    def _send(self, event: Any) -> None:
        if not self._is_applying:
            self._socket.send_binary(create_update_message(event.update))

    def _listen(self) -> None:
        while True:
            try:
                message = self._socket.recv()
            except (OSError, websocket.WebSocketException):
                return
            if isinstance(message, bytes) and message and message[0] == YMessageType.SYNC:
                self._take(message)
            elif not message:
                return

    def _take(self, message: bytes) -> None:
        with self._lock:
            self._is_applying = True
            try:
                reply = handle_sync_message(message[1:], self.notebook.ydoc)
            finally:
                self._is_applying = False
        if reply is not None:
            self._socket.send_binary(reply)

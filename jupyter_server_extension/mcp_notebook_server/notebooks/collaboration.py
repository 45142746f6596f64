"""Finds the shared document of a notebook, where jupyter-collaboration is there and somebody has it open.

Knows jupyter-collaboration's extension. Refuses to know what is in a document (`live`). A notebook that nobody has open
is not opened for a host: its file is changed, and whoever opens it meanwhile waits until that is done.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.notebooks.errors import NotebookUnreadable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable

    from mcp_notebook_server.notebooks.live import LiveDocument

__all__ = ["Collaboration"]

_EXTENSION = "jupyter_server_ydoc"

_OPENING_SECONDS = 10.0
_LOOK_SECONDS = 0.01


class Collaboration:
    """jupyter-collaboration in this Jupyter server, or its absence; belongs to the event loop.

    Args:
        serverapp: Jupyter's application.
    """

    def __init__(self, serverapp: Any) -> None:
        self._serverapp = serverapp

    async def find(self, path: str, check_writable: Callable[[], Awaitable[None]]) -> LiveDocument | None:
        """Return the shared document of a notebook, filled; None if nobody shares it.

        Args:
            path: of the notebook.
            check_writable: raises an error if the file could not be saved.

        Raises:
            NotebookUnreadable: it is being opened, and takes too long for that.
        """
        if not self.is_shared(path):
            return None
        from mcp_notebook_server.notebooks.live import LiveDocument, is_filled  # noqa: PLC0415 - it needs the extra

        extension: Any = self._find_extension()
        place = {"path": path, "content_type": "notebook", "file_format": "json", "copy": False}
        try:
            async with asyncio.timeout(_OPENING_SECONDS):
                while (notebook := await extension.get_document(**place)) is not None:
                    if is_filled(notebook):
                        return LiveDocument(notebook, partial(self._settle, path), check_writable)
                    await asyncio.sleep(_LOOK_SECONDS)  # somebody is just opening it
        except TimeoutError:
            raise NotebookUnreadable(path) from None
        return None

    async def _settle(self, path: str) -> None:
        """Wait while a shared document is being filled from its file, which another program has changed."""
        extension = self._find_extension()
        room = extension and extension.ywebsocket_server.rooms.get(self._find_room_name(path))
        if room is None:
            return
        filling = room._update_lock  # noqa: SLF001 - nothing else says so
        while filling.locked():  # noqa: ASYNC110 - whoever took it would leave our change unsaved
            await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def keep_closed(self, path: str) -> AsyncGenerator[None]:
        """Let those who begin to share a notebook, which there is, wait for as long as the context lasts."""
        extension = self._find_extension()
        if extension is None:
            yield
            return
        name = self._name_room(self._serverapp.web_app.settings["file_id_manager"].index(path))
        async with extension._room_locks[name]:  # noqa: SLF001 - the one that get_document takes
            yield

    def is_shared(self, path: str) -> bool:
        """Whether somebody shares a notebook, or did a moment ago."""
        extension = self._find_extension()
        return extension is not None and self._find_room_name(path) in extension.ywebsocket_server.rooms

    def list_shared(self) -> list[str]:
        """Return the paths of the notebooks that are shared."""
        extension = self._find_extension()
        if extension is None:
            return []
        rooms = [name.split(":") for name in extension.ywebsocket_server.rooms]
        ids = [room[2] for room in rooms if room[:2] == ["json", "notebook"]]
        paths = [self._serverapp.web_app.settings["file_id_manager"].get_path(each) for each in ids]
        return [path.strip("/") for path in paths if path]

    def _find_extension(self) -> Any | None:
        """Return jupyter-collaboration's extension; None if it is not there, or failed to start."""
        if "file_id_manager" not in self._serverapp.web_app.settings:
            return None
        manager = self._serverapp.extension_manager
        found: Iterable[Any] = manager.extension_apps.get(_EXTENSION, ())
        return next(iter(found), None)

    def _find_room_name(self, path: str) -> str | None:
        """Return the name of a notebook's room; None for a file that nobody ever opened so."""
        file_id = self._serverapp.web_app.settings["file_id_manager"].get_id(path)
        return None if file_id is None else self._name_room(file_id)

    @staticmethod
    def _name_room(file_id: str) -> str:
        """As jupyter-collaboration calls the place where those meet who have a notebook open."""
        return f"json:notebook:{file_id}"

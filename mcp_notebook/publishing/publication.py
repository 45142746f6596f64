"""One published name: its thread with its event loop, its socket, its file.

Knows how these begin and end. Refuses to know what the server does, and which hosts call.

The loop is its own, so that a function that holds it holds nobody else's. `publish`, `replace` and `close` belong on
the thread of the cells.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import uvicorn

from mcp_notebook.loop import Loop
from mcp_notebook.publishing.current import CurrentServer, Generation
from mcp_notebook.publishing.sessions import Sessions
from mcp_notebook.publishing.watch import Block, Watch

if TYPE_CHECKING:
    import socket

    from mcp.server.lowlevel import Server

    from mcp_notebook.publishing.console import Console
    from mcp_notebook.publishing.places import Place

__all__ = ["Publication"]

_KEEP_ALIVE_SECONDS = 3600
"""Longer than the Jupyter server keeps a connection that nothing passes through: only one side should end it."""

_CLOSE_SECONDS = 3.0
"""For the person's code to end: its lifespan, and a function that holds the loop."""


class Publication:
    """A server behind a name.

    Args:
        name: by which hosts reach it.
        place: where its files are.
        server: the SDK's lowlevel server.
        console: takes what its functions print.

    Raises:
        Exception: what the server's lifespan raises.
    """

    def __init__(self, name: str, place: Place, server: Server[Any], console: Console) -> None:
        self.name = name
        self._place = place
        self._pid = os.getpid()
        self._secret = secrets.token_hex(32)
        self._console = console
        self._loop = Loop(f"mcp-notebook-published-{name}")
        try:
            self._watch = self._loop.run(self._make_watch)
            self._current: CurrentServer = self._loop.run(self._begin, server)
            listener, self._socket = place.make_socket(name)
            self._port: int | None = None if self._socket else listener.getsockname()[1]
            self._serving = self._loop.submit(self._serve, listener)
        except BaseException:
            self._loop.stop()
            raise
        self._watch.start()
        self._write(None)

    @property
    def server(self) -> Server[Any]:
        """The one that answers now."""
        return self._current.generation.server

    @property
    def calls(self) -> int:
        """How many calls are under way."""
        return self._current.calls

    async def _make_watch(self) -> Watch:
        return Watch(
            self.name,
            asyncio.get_running_loop(),
            threading.get_ident(),
            is_busy=lambda: self._current.calls > 0,
            show=self._show,
            tell=self._tell,
        )

    async def _begin(self, server: Server[Any]) -> CurrentServer:
        generation = Generation(server, self._console)
        await generation.begin()
        return CurrentServer(generation, self._watch.note_life)

    async def _serve(self, listener: socket.socket) -> None:
        sessions = Sessions(self._current, self._secret)
        config = uvicorn.Config(
            sessions,
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        )
        self._uvicorn = uvicorn.Server(config)
        try:
            async with sessions.run():
                await self._uvicorn.serve(sockets=[listener])
        finally:
            await self._current.generation.end()

    def replace(self, server: Server[Any], console: Console) -> None:
        """Let another server answer from now on, under the same name, to the same hosts.

        Raises:
            Exception: what its lifespan raises; then the old one goes on.
        """
        generation = Generation(server, console)
        self._loop.run(self._take, generation)
        self._console.show(at_once=True)
        self._console = console

    async def _take(self, generation: Generation) -> None:
        await generation.begin()
        self._current.take(generation)

    def close(self) -> None:
        """End it: connections, thread, files."""
        if os.getpid() != self._pid:  # a forked child has neither the thread nor a right to the files
            return
        self._place.remove(self.name, self._socket)
        self._watch.stop()
        self._console.show(at_once=True)
        self._uvicorn.should_exit = self._uvicorn.force_exit = True  # what is under way ends with its loop
        with suppress(TimeoutError):
            self._serving.exception(_CLOSE_SECONDS)
        self._loop.stop()

    def note_printed(self) -> None:
        """Say that there is something to show."""
        self._watch.wake()

    def _show(self) -> float | None:
        return self._console.show()

    def _tell(self, block: Block | None) -> None:
        """Say that a function holds the loop, or no longer does: to hosts that come, and under the cell."""
        self._write(block)
        if block is not None:
            self._console.write(
                f"{self.name}: {block.function}() has held the event loop for some seconds, and all other calls of "
                "this server wait. Write it as `def` instead of `async def`, or `await` what takes long.\n"
            )
            self._console.show(at_once=True)

    def _write(self, block: Block | None) -> None:
        blocked = None if block is None else {"function": block.function, "since": block.since}
        said = {"name": self.name, "socket": None if self._socket is None else str(self._socket), "port": self._port}
        self._place.write(self.name, said | {"secret": self._secret, "pid": self._pid, "blocked": blocked})

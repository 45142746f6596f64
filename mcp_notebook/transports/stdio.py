"""Servers that are a process of ours, spoken to over its standard input and output.

Knows how the process is started, what it writes to stderr, and how it ended. Refuses to know the protocol inside.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sysconfig
import threading
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, TextIO

import anyio
from anyio.to_thread import run_sync
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client

from mcp_notebook.errors import CommandNotFound, how_process_ended
from mcp_notebook.loop import ProcessWatch, process_watch
from mcp_notebook.transports.link import End
from mcp_notebook.transports.tap import tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mcp.client._transport import TransportStreams

    from mcp_notebook.config import StdioServer
    from mcp_notebook.wire import WireLog

__all__ = ["StdioLink"]

EXIT_GRACE_SECONDS = 0.5
"""How long the output of an ended server may still be read, and how long its exit code is waited for."""

_STDERR_LINES_KEPT = 200
_STDERR_LINE_CHARACTERS = 2000


class StdioLink:
    """A process of ours, spoken to over its standard input and output."""

    is_open = False

    def __init__(self, server: str, definition: StdioServer, log: WireLog) -> None:
        self._server = server
        self._definition = definition
        self._log = log
        self.lost = anyio.Event()
        self._stderr = _LastLines()
        log.stderr = self._stderr.lines
        self._ended = anyio.Event()
        self._watch = ProcessWatch(self._process_ended)

    def _process_ended(self) -> None:
        self._ended.set()
        # What it still wrote may sit in the pipe, and a child of it may hold the pipe open for ever.
        asyncio.get_running_loop().call_later(EXIT_GRACE_SECONDS, self.lost.set)

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[TransportStreams]:
        """See `Link`.

        Raises:
            CommandNotFound: there is no such program.
        """
        process_watch.set(self._watch)
        async with AsyncExitStack() as stack:
            # Our own stderr: the SDK's default is the kernel's, which ends in a log that nobody sees and under pytest
            # has no descriptor at all.
            with self._stderr.start() as errlog:
                process = stdio_client(self._parameters(), errlog=errlog)
                streams = await stack.enter_async_context(process)
            yield tap(streams, self._log, self.lost.set)

    @property
    def last_words(self) -> str:
        """See `Link`."""
        return self._stderr.last

    def _parameters(self) -> StdioServerParameters:
        definition = self._definition
        # This kernel's own programs first: `python` is this Python, and what pip put beside it is found.
        search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
        env = {"PATH": search, **definition.env}
        command = shutil.which(definition.command, path=env["PATH"])
        if command is None:
            raise CommandNotFound(self._server, definition.command)
        return StdioServerParameters(
            command=command,
            args=list(definition.args),
            env=env,
            cwd=definition.cwd,
            # "strict" would let one wrong byte on stdout end the reading, and the SDK then waits for the server's end.
            encoding_error_handler="replace",
        )

    async def describe_end(self, error: BaseException | None) -> End:
        """See `Link`."""
        del error  # only ever that the streams are closed
        if self._watch.transport is None:
            return End("it was not started")
        with anyio.move_on_after(EXIT_GRACE_SECONDS):
            await self._ended.wait()
        lines = await run_sync(self._stderr.read, EXIT_GRACE_SECONDS)
        return End(how_process_ended(self._watch.returncode), tuple(lines))


class _LastLines:
    """The last lines that a server wrote to stderr, read by a thread: no asyncio pipe works on every platform."""

    def __init__(self) -> None:
        self.lines: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
        self.last = ""
        self._thread: threading.Thread | None = None

    def start(self) -> TextIO:
        """Give the end that the server writes to; closed here once the server has it."""
        reader, writer = os.pipe()
        self._thread = threading.Thread(target=self._collect, args=(reader,), name="mcp-notebook-stderr", daemon=True)
        self._thread.start()
        return os.fdopen(writer, "w")

    def _collect(self, reader: int) -> None:
        with os.fdopen(reader, encoding="utf-8", errors="replace") as stderr:
            while line := stderr.readline(_STDERR_LINE_CHARACTERS):
                self.lines.append(line.rstrip())
                self.last = line.strip() or self.last

    def read(self, seconds: float) -> list[str]:
        """Give the lines; waits up to `seconds` for the rest while the server is ending."""
        if self._thread is not None:
            self._thread.join(seconds)
        return [line for line in self.lines if line]

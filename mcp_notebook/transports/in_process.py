"""SDK server objects of this notebook: written in one cell, called from the next.

Knows that messages are framed as on any wire, so that the log shows them. Refuses to know the protocol inside.

Where the person's functions run: `async def` on the loop thread, plain `def` on a worker thread of it, neither on the
thread of the cells. What they print, and how they fail, is shown under the cell whose call they answer, because the
SDK's streams take the caller's context variables along, and IPython looks there for the cell. An interrupt ends the
call at once; a plain function runs on to its end, as no thread can be stopped.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import traceback
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import anyio
from mcp.client._memory import InMemoryTransport

from mcp_notebook.transports.link import End
from mcp_notebook.transports.tap import carried, tap

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mcp.client._transport import TransportStreams

    from mcp_notebook.config import InProcessServer
    from mcp_notebook.wire import WireLog

__all__ = ["InProcessLink", "find_cause", "format_failure", "writes_to_notebook"]

CLOSE_SECONDS = 3.0
"""How long closing waits for the server: its clean-up is the person's code, and so is a function that never ends."""


class InProcessLink:
    """A server object, served by a task beside the client's."""

    last_words = ""
    is_open = False

    def __init__(self, definition: InProcessServer, log: WireLog) -> None:
        self._definition = definition
        self._log = log
        self.lost = anyio.Event()
        self._error: Exception | None = None

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[TransportStreams]:
        """See `Link`."""
        opened: asyncio.Future[TransportStreams] = asyncio.get_running_loop().create_future()
        closing = anyio.Event()
        serving = asyncio.create_task(self._serve(opened, closing))
        try:
            yield tap(await opened, self._log, self.lost.set)
        finally:
            closing.set()
            with anyio.CancelScope(shield=True):
                await asyncio.wait({serving}, timeout=CLOSE_SECONDS)

    async def _serve(self, opened: asyncio.Future[TransportStreams], closing: anyio.Event) -> None:
        # A task of its own, as leaving the SDK's transport waits for ever for a function that never ends.
        try:
            async with InMemoryTransport(self._definition.server) as streams:
                opened.set_result(streams)
                await closing.wait()
        except Exception as error:  # noqa: BLE001  whatever the person's code raises ends the connection, and is said
            self._error = error
        finally:
            self.lost.set()

    async def describe_end(self, error: BaseException | None) -> End:
        """See `Link`."""
        del error  # only ever that the streams are closed
        if self._error is None:
            return End("the server ended")
        cause = find_cause(self._error)
        return End(f"the server raised {type(cause).__name__}: {cause}")


def find_cause(error: BaseException) -> BaseException:
    """Find what the person's code raised, inside what the SDK made of it."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    while error.__cause__ is not None:
        error = error.__cause__
    return error


class _TracebackFilter(logging.Filter):
    """Shows where a person's function failed: the client is only told that it did.

    `MCPServer` makes Python's logging show it with every frame of the SDK; that is left out where it would be shown in
    the notebook too, and nowhere else.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error: Any = record.exc_info and record.exc_info[1]
        if error is None or carried.get() is None:  # no answer to a call from this notebook
            return True
        sys.stderr.write(format_failure(find_cause(error)))
        return not all(map(writes_to_notebook, logging.getLogger().handlers))


def writes_to_notebook(handler: logging.Handler) -> bool:
    """Whether what a handler of Python's logging takes is shown in the notebook."""
    return type(handler).__name__ == "RichHandler" or getattr(handler, "stream", None) is sys.stderr


def format_failure(error: BaseException) -> str:
    """Write a traceback that begins in the person's code, and names cells as IPython does."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__", "").split(".")[0] in _PLUMBING:
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames, chain=False))
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    for frame in traceback.extract_tb(frames):
        cell = shell and shell.compile.format_code_name(frame.filename)
        if cell:
            text = text.replace(f'File "{frame.filename}"', " ".join(cell))
    return text


_PLUMBING = frozenset({"mcp", "anyio", "asyncio", "pydantic"})

for _name in ("mcp.server.runner", "mcp.server.mcpserver.server", "mcp.shared.jsonrpc_dispatcher"):
    logging.getLogger(_name).addFilter(_TracebackFilter())

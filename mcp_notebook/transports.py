"""How a server definition becomes two streams of messages, and how it is known that they are dead.

Knows stdio and Streamable HTTP, as the SDK speaks them. Refuses to know the protocol inside. Imports the SDK, so only
`connection` imports it; everything here belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sysconfig
import threading
from collections import deque
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO, cast

import anyio
import httpx2
from anyio.to_thread import run_sync
from mcp import StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from mcp_notebook.config import HTTPServer, ServerDefinition, StdioServer, expand_variables
from mcp_notebook.errors import CommandNotFound, how_process_ended
from mcp_notebook.loop import ProcessWatch, process_watch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from mcp.client._transport import ReadStream, TransportStreams
    from mcp.shared.message import SessionMessage

__all__ = ["End", "Link", "Refusal", "open_link", "reason_of", "refusals"]

MAX_EVENT_BYTES = 64 * 1024 * 1024
"""Largest server-sent event that is read: the SDK's own limit of 1 MiB refuses results with a plot or two."""

EXIT_GRACE_SECONDS = 0.5
"""How long the output of an ended server may still be read, and how long its exit code is waited for."""

_STDERR_LINES_KEPT = 200
_STDERR_LINE_CHARACTERS = 2000


@dataclass(frozen=True)
class End:
    """Why a link is dead.

    Attributes:
        reason: a clause.
        stderr: the last lines a stdio server wrote.
    """

    reason: str
    stderr: tuple[str, ...] = ()


class Link(Protocol):
    """One way to a server, used once."""

    lost: anyio.Event
    """Set when the other side is gone."""

    def open(self) -> AbstractAsyncContextManager[TransportStreams]:
        """Start the process, or the HTTP client; leaving it ends them."""
        ...

    async def describe_end(self, error: BaseException | None) -> End:
        """Say why the link is dead.

        Args:
            error: what using it raised; None if its streams just ended.
        """
        ...


def open_link(server: str, definition: ServerDefinition) -> Link:
    """Choose the transport for a definition; `server` is the connection's name, for errors."""
    return StdioLink(server, definition) if isinstance(definition, StdioServer) else HTTPLink(server, definition)


class StdioLink:
    """A process of ours, spoken to over its standard input and output."""

    def __init__(self, server: str, definition: StdioServer) -> None:
        self._server = server
        self._definition = definition
        self.lost = anyio.Event()
        self._stderr = _LastLines()
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
            VariableUnset: `env` names a variable that is not there.
        """
        process_watch.set(self._watch)
        async with AsyncExitStack() as stack:
            # Our own stderr: the SDK's default is the kernel's, which ends in a log that nobody sees and under pytest
            # has no descriptor at all.
            with self._stderr.start() as errlog:
                process = stdio_client(self._parameters(), errlog=errlog)
                read, write = await stack.enter_async_context(process)
            yield _EndToldStream(read, self.lost.set), write

    def _parameters(self) -> StdioServerParameters:
        definition = self._definition
        env = {
            name: expand_variables(value, f"{self._server}'s variable {name}") for name, value in definition.env.items()
        }
        # This kernel's own programs first: `python` is this Python, and what pip put beside it is found.
        search = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
        env = {"PATH": search, **env}
        command = shutil.which(definition.command, path=env["PATH"])
        if command is None:
            raise CommandNotFound(self._server, definition.command)
        return StdioServerParameters(command=command, args=list(definition.args), env=env)

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
        self._lines: deque[str] = deque(maxlen=_STDERR_LINES_KEPT)
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
                self._lines.append(line.rstrip())

    def read(self, seconds: float) -> list[str]:
        """Give the lines; waits up to `seconds` for the rest while the server is ending."""
        if self._thread is not None:
            self._thread.join(seconds)
        return [line for line in self._lines if line]


class _EndToldStream:
    """A transport's incoming stream, which tells when it has ended."""

    def __init__(self, inner: ReadStream[SessionMessage | Exception], on_end: Callable[[], None]) -> None:
        self._inner = inner
        self._on_end = on_end

    @property
    def last_context(self) -> Any:
        # The SDK looks for this: it carries the sender's context variables to the handlers.
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        try:
            return await self._inner.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            self._on_end()
            raise

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> ReadStream[SessionMessage | Exception]:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(exc_type, exc_val, exc_tb)


@dataclass(frozen=True)
class Refusal:
    """An HTTP answer of 400 or above.

    Attributes:
        status: the HTTP status.
        sentence: what its body said, or the status in words.
    """

    status: int
    sentence: str


refusals: ContextVar[list[Refusal] | None] = ContextVar("refusals", default=None)
"""Set it to a list before a request, in the same task: what the server refused of it is added, for the error.

The SDK reports every such answer as "Server returned an error response", without what the server said."""


class HTTPLink:
    """A URL, spoken to over Streamable HTTP."""

    def __init__(self, server: str, definition: HTTPServer) -> None:
        self._server = server
        self._definition = definition
        self.lost = anyio.Event()
        self._reason = "the connection was closed"

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[TransportStreams]:
        """See `Link`.

        Raises:
            VariableUnset: a header names a variable that is not there.
        """
        headers = {
            name: expand_variables(value, f"{self._server}'s header {name}")
            for name, value in self._definition.headers.items()
        }
        # A tool may be silent for long, and the person can interrupt: no limit on reading.
        timeout = httpx2.Timeout(30, read=None)
        async with _HTTPClient(self._unreachable, headers=headers, timeout=timeout) as client:
            url = self._definition.url
            async with streamable_http_client(url, http_client=client, max_sse_event_size=MAX_EVENT_BYTES) as streams:
                yield streams

    def _unreachable(self, error: httpx2.TransportError) -> None:
        self._reason = reason_of(error)
        self.lost.set()

    async def describe_end(self, error: BaseException | None) -> End:
        """See `Link`."""
        reason = self._reason if error is None else reason_of(error)
        return End(reason)


class _HTTPClient(httpx2.AsyncClient):
    """An HTTP client that says when nobody is there, and remembers why it was refused.

    The SDK retries a broken stream for two seconds before it gives up; a port that nobody listens on needs no retry.
    """

    def __init__(self, on_unreachable: Callable[[httpx2.TransportError], None], **options: Any) -> None:
        super().__init__(**options)
        self._on_unreachable = on_unreachable

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        try:
            response = await super().send(request, **options)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            self._on_unreachable(error)
            raise
        known = refusals.get()
        if known is not None and response.status_code >= HTTPStatus.BAD_REQUEST:
            known.append(Refusal(response.status_code, await _sentence(response)))
        return response


async def _sentence(response: httpx2.Response) -> str:
    if response.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await response.aread())
        except ValueError:
            body = None
        if isinstance(body, dict):
            return find_sentence(cast("dict[str, Any]", body)) or response.reason_phrase
    return response.reason_phrase or "no reason given"


def find_sentence(body: dict[str, Any]) -> str | None:
    """Find what a JSON error says: whichever of the customary members is there."""
    for name in ("message", "error_description", "detail", "error", "reason"):
        value = body.get(name)
        if isinstance(value, dict):
            value = find_sentence(cast("dict[str, Any]", value))
        if isinstance(value, str) and value:
            return value
    return None


def reason_of(error: BaseException) -> str:
    """Say why a network operation failed, as the operating system does: "connection refused"."""
    deepest: BaseException | None = error
    while deepest is not None:
        if isinstance(deepest, OSError) and deepest.errno:
            # asyncio words some of these itself, with the address; name resolution has numbers of its own.
            return (os.strerror(deepest.errno) if deepest.errno > 0 else str(deepest.strerror)).lower()
        deepest = deepest.__cause__ or deepest.__context__
    return str(error) or type(error).__name__

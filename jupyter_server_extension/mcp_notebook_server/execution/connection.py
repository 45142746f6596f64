"""A warm connection to one process of a kernel: sends one request at a time, and hears what the kernel says.

Knows Jupyter's channels and statuses: a client with a session of its own, and which requests of others the kernel is
at. Refuses to know who asked for what, and what becomes of outputs.

It hears everything that the kernel says to anybody. What is not for us is passed over by one look at the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.session import Session

from mcp_notebook_server.execution.bookkeeping import spare_bookkeeping
from mcp_notebook_server.execution.channel import read_channel
from mcp_notebook_server.execution.guard import CELL_SESSION, SESSION_PREFIX, find_guard
from mcp_notebook_server.execution.messages import LARGE, find_parts, size_of, unpack
from mcp_notebook_server.execution.request import Request
from mcp_notebook_server.liveness import is_busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence

    import zmq
    from jupyter_client.asynchronous.client import AsyncKernelClient

    from mcp_notebook_server.execution.channel import Channel
    from mcp_notebook_server.execution.messages import Message

__all__ = ["Connection", "connect"]

_FIRST_HEARING = 0.1
_LONGEST_HEARING = 2.0
"""Seconds for which the kernel's first word is awaited before it is asked once more; a busy one may take long."""

_QUIET_SECONDS = 0.05
"""For which a kernel must be idle until it has come to the end of all cells that its person has sent together."""


class Connection:
    """An open connection; made by `connect`.

    Args:
        client: started; ours alone.
        busy: whether the kernel was last heard to run something.
        guard: code to be run before any other; None if this kernel needs none.
    """

    def __init__(self, client: AsyncKernelClient, *, busy: bool, guard: str | None) -> None:
        self._client = client
        self._guard = guard
        self._session = client.session
        self._others: set[str] = {"before"} if busy else set()
        self._quiet = asyncio.Event()
        self._request: Request | None = None
        self._was_heard = asyncio.Event()
        self._iopub: Channel
        self._shell: Channel
        self._settle()

    @property
    def runs_anothers(self) -> bool:
        """Whether the kernel runs what somebody else has asked for."""
        return bool(self._others)

    async def is_free_within(self, seconds: float) -> bool:
        """Whether the kernel comes to the end of what others asked for in so many seconds."""
        self._iopub.read()
        if self._others:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._quiet.wait()
        return not self._others

    async def wait_until_quiet(self) -> None:
        """Wait until the kernel has done what it was asked by others, and is idle for a moment."""
        while True:
            await self._quiet.wait()
            await asyncio.sleep(_QUIET_SECONDS)
            if self._quiet.is_set():
                return

    async def run(
        self,
        code: str,
        begin: Callable[[str], None],
        take: Callable[[str, Mapping[str, Any]], None],
        *,
        is_cell: bool = False,
    ) -> Mapping[str, Any]:
        """Run code to its end and return the content of the reply.

        Args:
            code: in the kernel's language.
            begin: told the request's id when the kernel begins with it.
            take: told the type and content of what the kernel says of it on iopub.
            is_cell: whether it is a cell of a notebook, which counts and is in history as a person's own.
        """
        while True:
            reply = await self._ask(code, begin, take, is_cell=is_cell)
            if reply.get("status") != "aborted":  # that is when a cell before it has failed; it is sent again
                self._guard = None
                return reply

    async def _ask(
        self, code: str, begin: Callable[[str], None], take: Callable[[str, Mapping[str, Any]], None], *, is_cell: bool
    ) -> Mapping[str, Any]:
        content: dict[str, Any] = {"code": code, "silent": False, "store_history": is_cell, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        message: dict[str, Any] = self._session.msg("execute_request", content)
        if is_cell:
            message["header"]["session"] = CELL_SESSION  # so that `guard` lets its result be `_`
        self._request = request = Request(message["header"]["msg_id"], begin, take)
        try:
            if self._guard is not None:
                self._client.execute(self._guard, silent=True, allow_stdin=False, stop_on_error=False)
            self._client.shell_channel.send(message)
            self._shell.read()  # sending may swallow ZeroMQ's sign that something has come
            return await request.done
        finally:
            request.close()
            self._request = None

    @contextlib.contextmanager
    def listening(self) -> Generator[None]:
        """Hear what the kernel says, for as long as the context lasts."""
        with (
            read_channel(self._client.iopub_channel.socket, self._take_news) as self._iopub,
            read_channel(self._client.shell_channel.socket, self._take_reply) as self._shell,
        ):
            yield

    def _take_news(self, frames: Sequence[zmq.Frame]) -> Awaitable[None] | None:
        self._was_heard.set()
        if self._request is not None:
            self._request.note_word()
        parts = find_parts(frames)
        return self._take(parts, self._hear) if parts and self._concerns(parts) else None

    def _take_reply(self, frames: Sequence[zmq.Frame]) -> Awaitable[None] | None:
        parts = find_parts(frames)
        return self._take(parts, self._hear_reply) if parts else None

    def _take(self, parts: Sequence[zmq.Frame], hear: Callable[[Message], None]) -> Awaitable[None] | None:
        if size_of(parts) >= LARGE:
            return self._take_large(parts, hear)
        if (message := unpack(self._session, parts)) is not None:
            hear(message)
        return None

    async def _take_large(self, parts: Sequence[zmq.Frame], hear: Callable[[Message], None]) -> None:
        if (message := await asyncio.to_thread(unpack, self._session, parts)) is not None:
            hear(message)

    def _concerns(self, parts: Sequence[zmq.Frame]) -> bool:
        """Whether a message must be looked at: what is said of our request, and what keeps it busy."""
        ours = self._request is not None and self._request.id_bytes in parts[2].bytes
        return ours or b'"status"' in parts[1].bytes

    def _hear(self, message: Message) -> None:
        if self._request is not None and message.parent == self._request.id:
            self._request.hear(message.kind, message.content)
        else:
            state = message.content.get("execution_state") if message.kind == "status" else None
            self._follow_others(message.parent, message.parent_kind, state)

    def _hear_reply(self, message: Message) -> None:
        if self._request is not None and message.parent == self._request.id:
            self._request.hear_reply(message.content)

    def _follow_others(self, parent: str, parent_kind: str, state: str | None) -> None:
        if parent_kind != "execute_request" or parent.startswith(SESSION_PREFIX):
            return
        if state == "busy":
            self._others.add(parent)
        elif state == "idle":
            self._others.discard(parent)
            self._others.discard("before")
        self._settle()

    def _settle(self) -> None:
        if self._others:
            self._quiet.clear()
        else:
            self._quiet.set()

    async def wait_until_heard(self) -> None:
        """Wait until the kernel is heard: a subscription takes a moment, and what is said before is lost.

        It is asked who it is on the control channel, which no cell keeps waiting.
        """
        seconds = _FIRST_HEARING
        while True:
            self._client.control_channel.send(self._session.msg("kernel_info_request"))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._was_heard.wait()
                    return
            seconds = min(2 * seconds, _LONGEST_HEARING)


@contextlib.asynccontextmanager
async def connect(kernel: Any) -> AsyncGenerator[Connection]:
    """Connect to a kernel, and wait until it is heard.

    Args:
        kernel: Jupyter's manager of it.
    """
    session = Session(
        session=SESSION_PREFIX + uuid4().hex,
        key=kernel.session.key,
        signature_scheme=kernel.session.signature_scheme,
    )
    client: AsyncKernelClient = kernel.client(session=session)
    client.start_channels(stdin=False, hb=False)
    spare_bookkeeping(kernel)
    try:
        connection = Connection(client, busy=is_busy(kernel), guard=find_guard(kernel))
        with connection.listening():
            await connection.wait_until_heard()
            yield connection
    finally:
        client.stop_channels()

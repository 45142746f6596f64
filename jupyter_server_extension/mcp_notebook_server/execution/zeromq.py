"""A connection to a kernel on this machine: Jupyter's channels, which are ZeroMQ sockets.

Knows a client with a session of its own. Refuses to know what is said (`connection`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.session import Session

from mcp_notebook_server.execution.bookkeeping import spare_bookkeeping
from mcp_notebook_server.execution.channel import read_channel
from mcp_notebook_server.execution.connection import ChannelName, Connection
from mcp_notebook_server.execution.guard import SESSION_PREFIX, find_guard
from mcp_notebook_server.execution.messages import LARGE, find_parts, size_of, unpack
from mcp_notebook_server.liveness import is_busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence

    import zmq
    from jupyter_client.asynchronous.client import AsyncKernelClient

    from mcp_notebook_server.execution.channel import Channel
    from mcp_notebook_server.execution.messages import Message

__all__ = ["ZeroMQConnection", "connect_here"]


class ZeroMQConnection(Connection):
    """An open connection; made by `connect_here`.

    Args:
        client: started; ours alone.
        busy: whether the kernel was last heard to run something.
        guard: code to be run before any other; None if this kernel needs none.
    """

    def __init__(self, client: AsyncKernelClient, *, busy: bool, guard: str | None) -> None:
        super().__init__(client.session, busy=busy, guard=guard)
        self._client = client
        self._iopub: Channel
        self._shell: Channel

    @contextlib.contextmanager
    def listening(self) -> Generator[None]:
        """Hear what the kernel says, for as long as the context lasts."""
        with (
            read_channel(self._client.iopub_channel.socket, self._take_news) as self._iopub,
            read_channel(self._client.shell_channel.socket, self._take_reply) as self._shell,
        ):
            yield

    def _send(self, channel: ChannelName, message: Mapping[str, Any]) -> None:
        if channel == "control":
            self._client.control_channel.send(message)
        else:
            self._shell.send(self._session.serialize(message))

    def _catch_up(self, channel: ChannelName) -> None:
        (self._iopub if channel == "iopub" else self._shell).read()

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


@contextlib.asynccontextmanager
async def connect_here(kernel: Any) -> AsyncGenerator[Connection]:
    """Connect to a kernel of this machine, and wait until it is heard.

    Args:
        kernel: Jupyter's manager of it.
    """
    session = Session(
        session=SESSION_PREFIX + uuid4().hex,
        key=kernel.session.key,
        signature_scheme=kernel.session.signature_scheme,
        packer="pydantic_core.to_json",  # a request is written in 9 us; with Python's own JSON in 80 (measured)
        unpacker="pydantic_core.from_json",
    )
    client: AsyncKernelClient = kernel.client(session=session)
    client.start_channels(stdin=False, hb=False)
    spare_bookkeeping(kernel)
    try:
        connection = ZeroMQConnection(client, busy=is_busy(kernel), guard=find_guard(kernel))
        with connection.listening():
            await connection.wait_until_heard()
            yield connection
    finally:
        client.stop_channels()

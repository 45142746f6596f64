"""A warm connection to one process of a kernel: sends one request at a time, and hears what the kernel says.

Knows Jupyter's channels and statuses: a client with a session of its own, and which requests of others the kernel is
at. Refuses to know who asked for what, and what becomes of outputs.

It hears everything that the kernel says to anybody. What is not for us is passed over by one look at the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from jupyter_client.session import Session

from mcp_notebook_server.execution.guard import SESSION_PREFIX, find_guard
from mcp_notebook_server.execution.messages import LARGE, find_parts, size_of, unpack
from mcp_notebook_server.liveness import is_busy

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    import zmq
    from jupyter_client.asynchronous.client import AsyncKernelClient

    from mcp_notebook_server.execution.messages import Message

__all__ = ["Connection", "connect"]

_FIRST_HEARING = 0.1
_LONGEST_HEARING = 2.0
"""Seconds for which the kernel's first word is awaited before it is asked once more; a busy one may take long."""

_WORK_SECONDS = 0.005
"""After so much work on messages everything else of the Jupyter server has its turn."""

_TURNS = 3
"""Of the event loop, after which what has arrived was heard."""

_QUIET_SECONDS = 0.05
"""For which a kernel must be idle until it has come to the end of all cells that its person has sent together."""

_LAST_WORD_SECONDS = 2.0
"""Of silence after a reply, after which the status that should have followed is taken for lost (ZeroMQ may drop it)."""


_log = logging.getLogger(__name__)


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
        self._asked = ""
        self._asked_bytes = b"\0"
        self._take: Callable[[str, Mapping[str, Any]], None] | None = None
        self._ended = asyncio.Event()
        self._heard = 0.0
        self._settle()

    @property
    def runs_anothers(self) -> bool:
        """Whether the kernel runs what somebody else has asked for."""
        return bool(self._others)

    async def is_free_within(self, seconds: float) -> bool:
        """Whether the kernel comes to the end of what others asked for in so many seconds."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
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
        self, code: str, begin: Callable[[str], None], take: Callable[[str, Mapping[str, Any]], None]
    ) -> Mapping[str, Any]:
        """Run code to its end and return the content of the reply.

        Args:
            code: in the kernel's language.
            begin: told the request's id when the kernel begins with it.
            take: told the type and content of what the kernel says of it on iopub.
        """

        def hear(kind: str, content: Mapping[str, Any]) -> None:
            if kind == "status" and content["execution_state"] == "busy":
                begin(self._asked)
            else:
                take(kind, content)

        while True:
            reply = await self._request(code, hear)
            if reply.get("status") != "aborted":  # that is when a cell before it has failed; it is sent again
                self._guard = None
                return reply

    async def _request(self, code: str, hear: Callable[[str, Mapping[str, Any]], None]) -> Mapping[str, Any]:
        self._take = hear
        self._ended.clear()
        content: dict[str, Any] = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        request: dict[str, Any] = self._session.msg("execute_request", content)
        self._asked = request["header"]["msg_id"]
        self._asked_bytes = self._asked.encode()
        try:
            if self._guard is not None:
                self._client.execute(self._guard, silent=True, allow_stdin=False, stop_on_error=False)
            self._client.shell_channel.send(request)
            reply = await self._wait_for_reply()
            await self._wait_for_end()
        finally:
            self._take, self._asked, self._asked_bytes = None, "", b"\0"
        return reply

    async def _reply(self) -> Mapping[str, Any]:
        while True:
            reply = await self._client.get_shell_msg()
            if reply["parent_header"].get("msg_id") == self._asked:
                return reply["content"]

    async def _wait_for_reply(self) -> Mapping[str, Any]:
        """Return the content of the reply; where ipykernel is interrupted just before, it never sends one."""
        replying, ending = asyncio.ensure_future(self._reply()), asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait({replying, ending}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({replying}, timeout=_LAST_WORD_SECONDS)
            return replying.result() if replying.done() else {"status": "ok"}
        finally:
            replying.cancel()
            ending.cancel()

    async def _wait_for_end(self) -> None:
        """Wait until all that the kernel says of the request has been heard."""
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LAST_WORD_SECONDS):
                    await self._ended.wait()
            if time.monotonic() - self._heard > _LAST_WORD_SECONDS:
                return

    async def listen(self) -> None:
        """Hear what the kernel says, until cancelled."""
        socket: Any = self._client.iopub_channel.socket
        began = time.monotonic()
        while True:
            frames = await socket.recv_multipart(copy=False)
            self._heard = now = time.monotonic()
            parts = find_parts(frames)
            if parts and self._concerns(parts):
                message = await self._unpack(parts)
                try:
                    if message is not None:
                        self._hear(message)
                except Exception:  # noqa: BLE001 - whatever a kernel says, what it says next is heard
                    _log.exception("what a kernel said was not understood")
            del frames, parts
            if now - began > _WORK_SECONDS:
                await asyncio.sleep(0)
                began = time.monotonic()

    def _concerns(self, parts: Sequence[zmq.Frame]) -> bool:
        """Whether a message must be looked at: what is said of our request, and what keeps it busy."""
        return self._asked_bytes in parts[2].bytes or b'"status"' in parts[1].bytes

    async def _unpack(self, parts: Sequence[zmq.Frame]) -> Message | None:
        if size_of(parts) < LARGE:
            return unpack(self._session, parts)
        return await asyncio.to_thread(unpack, self._session, parts)

    def _hear(self, message: Message) -> None:
        ours = bool(self._asked) and message.parent == self._asked
        state = message.content.get("execution_state") if message.kind == "status" else None
        if not ours:
            self._follow_others(message.parent, message.parent_kind, state)
        elif state == "idle":
            self._ended.set()
        elif self._take is not None:
            self._take(message.kind, message.content)

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
            if await self._client.iopub_channel.socket.poll(int(seconds * 1000)):
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
    try:
        connection = Connection(client, busy=is_busy(kernel), guard=find_guard(kernel))
        await connection.wait_until_heard()
        listening = asyncio.ensure_future(connection.listen())
        try:
            yield connection
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
    finally:
        client.stop_channels()

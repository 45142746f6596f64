"""A warm connection to one process of a kernel: sends one request at a time, and hears what the kernel says.

Knows Jupyter's statuses: which requests of others the kernel is at, and what is said of ours. Refuses to know how
messages travel (`zeromq`, `gateway`), who asked for what, and what becomes of outputs.

It hears everything that the kernel says to anybody. What is not for us is passed over by one look at the bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook_server.execution.ending import USER_EXPRESSIONS
from mcp_notebook_server.execution.guard import CELL_SESSION, SESSION_PREFIX
from mcp_notebook_server.execution.request import Request, was_aborted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_client.session import Session

    from mcp_notebook_server.execution.messages import Message
    from mcp_notebook_server.execution.request import Listener

__all__ = ["ChannelName", "Connection"]

ChannelName = Literal["shell", "control", "iopub"]

_FIRST_HEARING = 0.1
_LONGEST_HEARING = 2.0
"""Seconds for which the kernel's first word is awaited before it is asked once more; a busy one may take long."""

_QUIET_SECONDS = 0.05
"""For which a kernel must be idle until it has come to the end of all cells that its person has sent together."""


class Connection:
    """An open connection; what carries the messages is a subclass.

    Args:
        session: ours alone.
        busy: whether the kernel was last heard to run something.
        guard: code to be run before any other; None if this kernel needs none.
    """

    def __init__(self, session: Session, *, busy: bool, guard: str | None) -> None:
        self._guard = guard
        self._is_guarded = False
        self._session: Any = session  # its messages are typed as bare dicts
        self._others: set[str] = {"before"} if busy else set()
        self._quiet = asyncio.Event()
        self._request: Request | None = None
        self._was_heard = asyncio.Event()
        self._settle()

    def _send(self, channel: ChannelName, message: Mapping[str, Any]) -> None:
        """Send a message."""
        raise NotImplementedError

    def _catch_up(self, channel: ChannelName) -> None:
        """Hear what has come on a channel, where nothing else says that something has."""

    @property
    def runs_anothers(self) -> bool:
        """Whether the kernel runs what somebody else has asked for."""
        return bool(self._others)

    async def is_free_within(self, seconds: float) -> bool:
        """Whether the kernel comes to the end of what others asked for in so many seconds."""
        self._catch_up("iopub")
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

    async def run(self, code: str, listener: Listener, *, is_cell: bool = False) -> None:
        """Run code until the kernel has done with it.

        Args:
            code: in the kernel's language.
            listener: is told of it. Who waits for the end wakes after this has returned.
            is_cell: whether it is a cell of a notebook, which counts and is in history as a person's own.
        """
        while was_aborted(await self._ask(code, listener, is_cell=is_cell)):
            pass  # it is sent again
        self._is_guarded = True

    async def evaluate(self, code: str, expression: str) -> Mapping[str, Any]:
        """Run code that nobody hears of; return what an expression is then, as Jupyter says it, or why it is not."""
        content: dict[str, Any] = {"code": code, "silent": True, "store_history": False, "allow_stdin": False}
        content |= {"user_expressions": {"value": expression}, "stop_on_error": False}
        while True:
            message: dict[str, Any] = self._session.msg("execute_request", content)
            reply = await self._exchange(message, _Nobody())
            if not was_aborted(reply):
                return reply.get("user_expressions", {}).get("value", reply)

    async def _ask(self, code: str, listener: Listener, *, is_cell: bool) -> Mapping[str, Any]:
        content: dict[str, Any] = {"code": code, "silent": False, "store_history": is_cell, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": False}
        if self._guard is not None and not self._is_guarded:
            silent: dict[str, Any] = {**content, "code": self._guard, "silent": True, "store_history": False}
            self._send("shell", self._session.msg("execute_request", silent))
        if self._guard is not None and not is_cell:
            content["user_expressions"] = USER_EXPRESSIONS
        message: dict[str, Any] = self._session.msg("execute_request", content)
        if is_cell:
            message["header"]["session"] = CELL_SESSION  # so that `guard` lets its result be `_`
        return await self._exchange(message, listener)

    async def _exchange(self, message: Mapping[str, Any], listener: Listener) -> Mapping[str, Any]:
        self._request = request = Request(message["header"]["msg_id"], listener)
        try:
            self._send("shell", message)
            self._catch_up("shell")
            return await request.done
        finally:
            request.close()
            self._request = None

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
            self._send("control", self._session.msg("kernel_info_request"))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._was_heard.wait()
                    return
            seconds = min(2 * seconds, _LONGEST_HEARING)


class _Nobody:
    """Listens to what only its reply is wanted of."""

    def begin(self, request: str) -> None:
        """Take no note."""

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take no note."""

    def note_code_end(self) -> None:
        """Take no note."""

    def finish(self, reply: Mapping[str, Any]) -> None:
        """Take no note."""

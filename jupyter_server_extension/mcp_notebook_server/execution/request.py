"""One request that a kernel is asked, until both of its last words on it are heard: the reply, and that it is idle.

Knows that one of the two may be lost, and that the end of the code may be told before (`ending`). Refuses to know how
messages come.

Whoever waits for the end is told of it in the turn of the event loop in which the last word is heard: one turn more
took a hundredth of a run of `1+1` (measured).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from mcp_notebook_server.execution.ending import says_end

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Listener", "Request", "was_aborted"]

_LAST_WORD_SECONDS = 2.0
"""Of silence after one of the two, after which the other is taken for lost: ZeroMQ may drop the status, and where
ipykernel is interrupted just before, it never sends a reply."""


class Listener(Protocol):
    """Is told what the kernel says of a request."""

    def begin(self, request: str) -> None:
        """Take note of the request's id: the kernel has begun with it."""

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take the type and content of something that it shows."""

    def note_code_end(self) -> None:
        """Take note that its code has ended well, and that all it showed was told; not every kernel says so."""

    def finish(self, reply: Mapping[str, Any]) -> None:
        """Take the content of the reply, when nothing more is to come."""


class Request:
    """Belongs to the Jupyter server's event loop.

    Args:
        identity: Jupyter's id of it.
        listener: is told of it, of its end right after `done`; nothing of one that the kernel did not begin with.

    Attributes:
        id: as given.
        id_bytes: the same, as it stands in messages.
        done: the content of the reply, when nothing more is to come.
    """

    def __init__(self, identity: str, listener: Listener) -> None:
        self.id = identity
        self.id_bytes = identity.encode()
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
        self._reply: Mapping[str, Any] | None = None
        self._is_idle = False
        self._heard = self._loop.time()
        self._patience: asyncio.Handle | None = None

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of it on iopub."""
        state = content["execution_state"] if kind == "status" else None
        if state == "busy" and says_end(content):
            self._listener.note_code_end()
        elif state == "busy":
            self._listener.begin(self.id)
        elif state == "idle":
            self._is_idle = True
            self._look()
        else:
            self._listener.take(kind, content)

    def hear_reply(self, content: Mapping[str, Any]) -> None:
        """Take the reply."""
        self._reply = content
        self._look()

    def note_word(self) -> None:
        """Take note that the kernel has said something, of whatever: what it said before that is not on its way."""
        self._heard = self._loop.time()

    def close(self) -> None:
        """Wait no longer."""
        if self._patience is not None:
            self._patience.cancel()
        self.done.cancel()

    def _look(self) -> None:
        if self._reply is not None and self._is_idle:
            self._end()
        elif self._patience is None:
            self._patience = self._loop.call_later(_LAST_WORD_SECONDS, self._lose_patience)

    def _lose_patience(self) -> None:
        silent_for = self._loop.time() - self._heard
        if self._is_idle or silent_for >= _LAST_WORD_SECONDS:
            self._end()
        else:
            self._patience = self._loop.call_later(_LAST_WORD_SECONDS - silent_for, self._lose_patience)

    def _end(self) -> None:
        if not self.done.done():
            reply = self._reply if self._reply is not None else {"status": "ok"}
            self.done.set_result(reply)
            if not was_aborted(reply):
                self._listener.finish(reply)


def was_aborted(reply: Mapping[str, Any]) -> bool:
    """Whether the kernel did not begin with it, because a cell before it has failed."""
    return reply.get("status") == "aborted"

"""One request that a kernel is asked, until both of its last words on it are heard: the reply, and that it is idle.

Knows that one of the two may be lost. Refuses to know how messages come.

Whoever waits for the end is told of it in the turn of the event loop in which the last word is heard: one turn more
took a hundredth of a run of `1+1` (measured).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Request"]

_LAST_WORD_SECONDS = 2.0
"""Of silence after one of the two, after which the other is taken for lost: ZeroMQ may drop the status, and where
ipykernel is interrupted just before, it never sends a reply."""


class Request:
    """Belongs to the Jupyter server's event loop.

    Args:
        identity: Jupyter's id of it.
        begin: told the id when the kernel begins with it.
        take: told the type and content of what the kernel says of it on iopub.
        finish: told the content of the reply at the end, right after `done`.

    Attributes:
        id: as given.
        id_bytes: the same, as it stands in messages.
        done: the content of the reply, when nothing more is to come.
    """

    def __init__(
        self,
        identity: str,
        begin: Callable[[str], None],
        take: Callable[[str, Mapping[str, Any]], None],
        finish: Callable[[Mapping[str, Any]], None],
    ) -> None:
        self.id = identity
        self.id_bytes = identity.encode()
        self._begin = begin
        self._take = take
        self._finish = finish
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Mapping[str, Any]] = self._loop.create_future()
        self._reply: Mapping[str, Any] | None = None
        self._is_idle = False
        self._heard = self._loop.time()
        self._patience: asyncio.Handle | None = None

    def hear(self, kind: str, content: Mapping[str, Any]) -> None:
        """Take what the kernel says of it on iopub."""
        state = content["execution_state"] if kind == "status" else None
        if state == "busy":
            self._begin(self.id)
        elif state == "idle":
            self._is_idle = True
            self._look()
        else:
            self._take(kind, content)

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
            self._finish(reply)

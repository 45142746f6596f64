"""One connection that comes back: to a server that was restarted, has forgotten the session, or was away for a moment.

Knows what can be asked once more: what was certainly not done (nobody was there, the session was forgotten), and what
does no harm twice (lists, resources, prompts). A call that was sent is not repeated: that it may have been done or not
is an error. Each time the cell that waits says so, in a line. Refuses to know what is asked. Belongs on the loop
thread.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from contextvars import Context
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import anyio
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook.errors import AnswerLost, Disconnected, HostError, NotSent, ServerRefused
from mcp_notebook.line import Line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp import Client

    from mcp_notebook.approval.callers import Callers
    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.handshake import Handshake
    from mcp_notebook.wire import WireLog

__all__ = ["Reconnecting"]

AWAY_SECONDS = 5.0
"""How long a server may be away before a request gives up; a restart takes about as long."""

_SECONDS_BETWEEN = 0.2

T = TypeVar("T")


class Reconnecting(Line):
    """A connection whose requests outlive it; see `Line`."""

    def __init__(self, server: str, definition: ServerDefinition, log: WireLog, callers: Callers) -> None:
        super().__init__(server, definition, log, callers)
        self._returning: asyncio.Task[None] | None = None
        self._owner: asyncio.Task[None] | None = None
        self._has_forgotten = False

    @property
    def may_return(self) -> bool:
        """Whether the connection is gone, and the next request tries to get it back."""
        return isinstance(self.failure, Disconnected) and not self.is_over

    async def request(
        self,
        send: Callable[[Client], Awaitable[T]],
        what: str,
        seconds: float | None = None,
        *,
        repeatable: bool = True,
    ) -> T:
        """Do something with the SDK's client, once more where that can be done; see the module.

        Cancelling this cancels the request on the wire.

        Args:
            send: what to do.
            what: what it is, for errors.
            seconds: how long to wait for each try; None waits for ever.
            repeatable: it may be done twice.

        Raises:
            CallFailed: the connection is gone, the server refused or answered wrongly, or the time is over.
        """
        give_up_at, is_renewed, is_repeated = anyio.current_time() + AWAY_SECONDS, False, not repeatable
        away: NotSent | None = None
        while True:
            await self._be_connected()
            client = self.client
            try:
                answer = await self.request_once(send, what, seconds)
            except NotSent as error:
                if anyio.current_time() > give_up_at:
                    self.lose(error)
                    raise
                away = error
                await anyio.sleep(_SECONDS_BETWEEN)
            except ServerRefused as error:
                if is_renewed or client is None or not _has_forgotten(client, error):
                    raise
                is_renewed = True
                self._forget(client)
            except AnswerLost as error:
                if is_repeated:
                    raise
                is_repeated = True
                reason = f" ({error.reason})" if error.reason else ""
                self.say(f"the connection to {self._server} broke off{reason}, so {what} was asked for again")
            else:
                if away is not None and client is self.client and not is_renewed:
                    self.say(f"{self._server} was away ({away.reason}), so it was asked again")
                return answer

    async def hear(self) -> None:
        """Hear from now on of changed lists, where the server tells of them.

        Raises:
            Disconnected: the connection is gone, and did not come back.
        """
        await self._be_connected()
        await super().hear()

    def _forget(self, client: Client) -> None:
        """Leave a session that the server has forgotten, where that is not done already."""
        if self.client is client:
            self._has_forgotten = True
            self.leave()

    async def _be_connected(self) -> None:
        """Wait until there is a session; begins one where there is none any more.

        Raises:
            Disconnected: none came about.
        """
        if self.client is not None or self.is_over:
            return
        if self._returning is None or self._returning.done():
            # No context of the cell that happens to ask first: the connection outlives it.
            self._returning = asyncio.create_task(self._return(), context=Context())
        await asyncio.shield(self._returning)  # several may wait, and one may be interrupted

    async def _return(self) -> None:
        await self.wait_for_end()
        before, has_forgotten = self.failure, self._has_forgotten
        self._has_forgotten = False
        if self.is_over or not isinstance(before, Disconnected):
            return
        opened: Future[Handshake] = Future()
        self.renew()
        self._owner = asyncio.create_task(self.own(opened))
        try:
            await asyncio.wrap_future(opened)
        except HostError as error:
            await self.wait_for_end()
            self.failure = _not_again(self._server, before, error)
            raise self.failure from None
        self.miss_changes()
        await self.begin_again()
        if has_forgotten:
            self.say(f"{self._server} had forgotten the session, so a new one was begun")
        else:
            self.say(f"{self._server} was disconnected ({before.reason}), so it was connected to again")

    async def begin_again(self) -> None:
        """Tell a new session what the one before had been told."""

    async def end(self) -> None:
        """Close the connection and wait until that is done."""
        self.is_over = True
        if self._owner is not None and self.client is None:
            self._owner.cancel()  # it is coming back, which may take long
        await super().end()

    def say(self, sentence: str) -> None:
        """Say something under the cell that waits, if one does."""
        caller = self.callers.find()
        if caller is not None:
            caller.post(lambda: print(f"MCP: {sentence}."))  # noqa: T201  the cell's output says so


def _has_forgotten(client: Client, error: ServerRefused) -> bool:
    """Whether a server of the legacy era says that the session is over (2025-11-25, basic/transports)."""
    return error.status == HTTPStatus.NOT_FOUND and client.protocol_version not in MODERN_PROTOCOL_VERSIONS


def _not_again(server: str, before: Disconnected, error: HostError) -> Disconnected:
    """Word that a connection is gone and did not come back."""
    why = str(getattr(error, "reason", error))
    stderr = getattr(error, "stderr", before.stderr)
    reason = why if why == before.reason else f"{before.reason}, and it cannot be connected to again ({why})"
    return Disconnected(server, reason, stderr)

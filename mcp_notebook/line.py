"""One connection to one server, on the loop thread: a single task opens, uses and closes it.

Knows the SDK's client, how long a server may take, and what it tells unasked. Refuses to know the calling thread, and
what can be asked of a server (`connection`). Everything here belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeVar

import anyio
from mcp import Client, MCPError
from mcp_types import (
    Implementation,
    PromptListChangedNotification,
    ResourceListChangedNotification,
    ToolListChangedNotification,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_notebook.approval.answering import Answering
from mcp_notebook.authorization.sign_in import SignIn
from mcp_notebook.causes import find_leaf, why_not_answered, why_not_opened
from mcp_notebook.display import one_line
from mcp_notebook.errors import (
    AnswerLost,
    CallTimedOut,
    ConnectTimedOut,
    Disconnected,
    HandshakeFailed,
    HostError,
    NotSent,
)
from mcp_notebook.handshake import forget_era, read_handshake, remember_era, spoke_legacy
from mcp_notebook.listening import Listening
from mcp_notebook.memory import new_cache
from mcp_notebook.news import tell_news
from mcp_notebook.pages import METHODS
from mcp_notebook.patience import Patience
from mcp_notebook.schemas import import_validators
from mcp_notebook.tasks import Tasks
from mcp_notebook.transports import Exchanges, exchanges, open_link
from mcp_notebook.watching import Watching

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from mcp.client.session import IncomingMessage

    from mcp_notebook.approval.callers import Callers
    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.handshake import Handshake
    from mcp_notebook.offers import Kind
    from mcp_notebook.transports import Refusal
    from mcp_notebook.wire import WireLog

__all__ = ["CONNECT_SECONDS", "Line"]

CONNECT_SECONDS = 60.0
"""How long a server may take to start and answer; npx and uvx download at the first start."""

# How long a broken request waits to hear whether the whole connection is gone, and why.
_END_KNOWN_SECONDS = 1.0

_CLIENT_INFO = Implementation(name="mcp-notebook", version=version("mcp-notebook"))

_CHANGED: dict[type, tuple[Kind, ...]] = {
    ToolListChangedNotification: ("tools",),
    ResourceListChangedNotification: ("resources", "templates"),
    PromptListChangedNotification: ("prompts",),
}

T = TypeVar("T")

# Without any handler Python prints the SDK's warnings, tracebacks among them, and a kernel shows that under some cell.
# Who configures logging still gets them.
logging.getLogger("mcp").addHandler(logging.NullHandler())


class Line:
    """One connection, from before it is opened until after it is gone.

    Args:
        server: the connection's name, for errors.
        definition: what to connect to.
        log: gets every message.
        callers: the cells that wait for it, where what it asks is shown.

    Attributes:
        log: see above.
        changed: the lists of which the server said so since they were last asked for.
        callers: see above.
        watching: what is watched over it.
        client: the SDK's; None while there is no session.
        handshake: the last one; None while there was none.
        is_over: somebody has closed it, so that it does not come back.
        parting: what is said from when it is closed.
        declares_roots: whether the server knows that it can ask for roots.
    """

    def __init__(self, server: str, definition: ServerDefinition, log: WireLog, callers: Callers) -> None:
        self._server = server
        self._definition = definition
        self.log = log
        self.callers = callers
        self._patience = Patience()
        self._link = open_link(server, definition, log, self._new_sign_in)
        self.client: Client | None = None
        self._ended = anyio.Event()
        self._failure: HostError | None = None
        self.changed: set[Kind] = set()
        self._listening: Listening | None = None
        self.watching = Watching(server)
        self.handshake: Handshake | None = None
        self.is_over = False
        self.parting = Disconnected(server, "it was closed in this notebook")
        self.declares_roots = False

    @property
    def failure(self) -> HostError | None:
        """Why it is gone; None while it is not."""
        return self._failure

    @failure.setter
    def failure(self, failure: HostError | None) -> None:
        self._failure = failure
        tell_news()

    async def own(self, opened: Future[Handshake]) -> None:
        """Open, hold and close the connection: the one task that owns it.

        Args:
            opened: gets the handshake when the connection can be used; or the reason why not, a `HostError`.
        """
        passed = Exchanges()
        exchanges.set(passed)
        error: Exception | None = None
        timed_out = True
        _start_importing_validators()
        try:
            with self._patience.limit(CONNECT_SECONDS) as patience:
                async with self._new_client() as client:
                    self._check_era(client.protocol_version)
                    remember_era(self._definition, client.protocol_version)
                    self._patience.release(patience)
                    self._link.is_open = True
                    self.client = client
                    self.handshake = read_handshake(client)
                    opened.set_result(self.handshake)
                    self._listening = Listening(client, self.miss_changes)
                    self.watching.begin(client)
                    try:
                        await self._link.lost.wait()
                    finally:
                        self.watching.pause()
                        await self._listening.stop()
                        self._listening = None
            timed_out = patience.cancelled_caught
        except Exception as raised:  # noqa: BLE001  whatever the SDK raises is sorted below
            error, timed_out = raised, False
        finally:
            self.client = None
            with anyio.CancelScope(shield=True):
                await self._tell_end(opened, find_leaf(error), passed.refused, timed_out=timed_out)

    @property
    def last_words(self) -> str:
        """What the server wrote to stderr last; "" if nothing, or if it is no process of ours."""
        return self._link.last_words

    async def _tell_end(
        self, opened: Future[Handshake], error: BaseException | None, refused: list[Refusal], *, timed_out: bool
    ) -> None:
        end = await self._link.describe_end(error)
        self.failure = self.failure or Disconnected(self._server, end.reason, end.stderr)
        self.watching.end(one_line(str(getattr(self.failure, "reason", self.failure)), 200))
        if not opened.done():
            forget_era(self._definition)  # perhaps that is why
        if not opened.done() and timed_out:
            opened.set_exception(ConnectTimedOut(self._server, CONNECT_SECONDS, end.stderr))
        elif not opened.done():
            opened.set_exception(why_not_opened(self._server, self._definition, error, refused, end))
        self._ended.set()

    def _new_client(self) -> Client:
        legacy = self._definition.era == "legacy" or spoke_legacy(self._definition)
        callbacks = Answering(self._server, self._definition.shown, self.callers).callbacks
        self.declares_roots = "list_roots_callback" in callbacks
        return Client(
            self._link.open(),
            mode="legacy" if legacy else "auto",
            client_info=_CLIENT_INFO,
            message_handler=self._on_message,
            **callbacks,
            extensions=[Tasks(self._server)],
            cache=new_cache(self._server),  # each request says whether it is used
        )

    def _new_sign_in(self) -> SignIn:
        return SignIn(self._server, self._definition.shown, self.callers, self._patience.pause)

    async def hear(self) -> None:
        """Hear from now on of changed lists, where the server tells of them."""
        if self._listening is not None:
            await self._listening.ensure()

    async def _on_message(self, message: IncomingMessage) -> None:
        self.changed.update(_CHANGED.get(type(message), ()))
        self.watching.hear(message)

    def miss_changes(self) -> None:
        """Take it that all lists may have changed."""
        self.changed.update(METHODS)

    def _check_era(self, protocol_version: str) -> None:
        # Not the SDK's way of pinning a version: it asks nothing, so nothing would be known of the server.
        if self._definition.era == "modern" and protocol_version not in MODERN_PROTOCOL_VERSIONS:
            reason = f"it speaks {protocol_version}, which is of the legacy era; connect with --era auto"
            raise HandshakeFailed(self._server, reason)

    def leave(self) -> None:
        """Close the session; there may be another."""
        self.client = None
        self._link.lost.set()

    def lose(self, failure: Disconnected) -> None:
        """Close the session, which is of no use any more."""
        self.failure = self.failure or failure
        self.leave()

    def renew(self) -> None:
        """Get ready to be owned once more, when the session before has ended."""
        self.failure = None
        self._ended = anyio.Event()
        self._link = open_link(self._server, self._definition, self.log, self._new_sign_in)

    async def wait_for_end(self) -> None:
        """Wait until nothing of the session is left."""
        await self._ended.wait()

    async def end(self) -> None:
        """Close the connection and wait until that is done."""
        self.is_over = True
        self.failure = self.failure or self.parting
        self._link.lost.set()
        await self._ended.wait()

    async def request_once(self, send: Callable[[Client], Awaitable[T]], what: str, seconds: float | None) -> T:
        """Do something with the SDK's client. Cancelling this cancels the request on the wire.

        Args:
            send: what to do.
            what: what it is, for errors.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            CallFailed: the connection is gone, the server refused or answered wrongly, or the time is over.
        """
        if self.client is None or self._link.lost.is_set():
            gone = await self._why_gone(what)
            if isinstance(gone, Disconnected) and not self.is_over:
                raise NotSent(self._server, gone.reason, gone.stderr)
            raise gone
        passed = Exchanges()
        exchanges.set(passed)
        try:
            with anyio.CancelScope() as waiting:
                passed.give_up = waiting.cancel
                with self._patience.limit(seconds):
                    return await send(self.client)
                raise CallTimedOut(self._server, what, seconds or 0)
            raise AnswerLost(self._server, what, passed.refused[-1].sentence)
        except (MCPError, ValidationError, RuntimeError) as error:
            known = why_not_answered(self._server, self._definition, error, what, passed)
            raise known or await self._why_broken(what) from error

    async def _why_gone(self, what: str) -> HostError:
        with anyio.move_on_after(_END_KNOWN_SECONDS):
            await self._ended.wait()
        return self.failure or AnswerLost(self._server, what)

    async def _why_broken(self, what: str) -> HostError:
        """Say why a request that was sent has no answer: what closed the connection, or that it broke."""
        gone = await self._why_gone(what)
        if self.is_over or not isinstance(gone, Disconnected):
            return gone
        return AnswerLost(self._server, what, gone.reason, gone.stderr)


def _start_importing_validators() -> None:
    """Import what checks arguments and answers while a server starts: it takes a second where all formats are known."""
    if "jsonschema" not in sys.modules:  # on a thread of the loop's own, which waits for it when it stops
        asyncio.get_running_loop().run_in_executor(None, import_validators)

"""Connecting: what happens from a definition to a session.

Knows that several connections can be opened at once, that a person can interrupt that, and when it takes long. Refuses
to know the protocol (`connection`), and names of sessions (`host`).
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING

from mcp_notebook.approval.callers import Callers
from mcp_notebook.errors import HostError
from mcp_notebook.loop import get_loop, wait_here
from mcp_notebook.session import Session
from mcp_notebook.variables import resolve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.connection import Connection
    from mcp_notebook.handshake import Handshake
    from mcp_notebook.loop import Inbox
    from mcp_notebook.wire import WireLog

__all__ = ["SLOW_SECONDS", "OnSlow", "aopen_session", "open_session", "open_sessions"]

OnSlow = Callable[[str, float, str], object]
"""Called while connecting takes long, every second: with the connection's name, the seconds that it has taken, and the
last line that a stdio server wrote to stderr ("" if there is none)."""

SLOW_SECONDS = 5.0
"""After how many seconds connecting takes long: npx and uvx may be downloading."""

_SECONDS_BETWEEN = 1.0


def open_session(
    name: str, definition: ServerDefinition, new_log: Callable[[str], WireLog], on_slow: OnSlow | None = None
) -> Session:
    """Connect, and wait for it; an interrupt ends what was started.

    Args:
        name: what this notebook calls the connection.
        definition: what to connect to.
        new_log: gives the connection's wire log, once nothing is wrong with the definition; from then on the log gets
            every message, also where connecting fails.
        on_slow: called while it takes long; None if nobody is to be told.

    Raises:
        ConnectFailed: it did not come about.
        DefinitionError: the definition names a variable that is not there.
    """
    opening = _Opening(name, definition)
    opening.start(new_log(name), on_slow)
    return opening.wait()


def open_sessions(
    definitions: Mapping[str, ServerDefinition], new_log: Callable[[str], WireLog], on_slow: OnSlow | None = None
) -> dict[str, Session | HostError]:
    """Connect to several servers at once, each as `open_session` does; an interrupt ends all that was started.

    Args:
        definitions: by name.
        new_log: see `open_session`.
        on_slow: see `open_session`.

    Returns:
        What came of each: a session, or why there is none.
    """
    begun: dict[str, _Opening | HostError] = {}
    try:
        for name, definition in definitions.items():
            begun[name] = _begin_opening(name, definition, new_log, on_slow)
        return {name: _wait_for(opening) for name, opening in begun.items()}
    except BaseException:
        for opening in begun.values():
            if isinstance(opening, _Opening):
                opening.cancel()
        raise


def _begin_opening(
    name: str, definition: ServerDefinition, new_log: Callable[[str], WireLog], on_slow: OnSlow | None
) -> _Opening | HostError:
    try:
        opening = _Opening(name, definition)
    except HostError as error:
        return error
    opening.start(new_log(name), on_slow)
    return opening


def _wait_for(opening: _Opening | HostError) -> Session | HostError:
    if isinstance(opening, HostError):
        return opening
    try:
        return opening.wait()
    except HostError as error:
        return error


async def aopen_session(
    name: str, definition: ServerDefinition, new_log: Callable[[str], Awaitable[WireLog]]
) -> Session:
    """Connect as `open_session` does, from a coroutine."""
    opening = _Opening(name, definition)
    opening.start(await new_log(name))
    return await opening.await_done()


class _Opening:
    """A connection that is being opened: `_opened` tells how that ends, `_owner` is the task that owns it.

    Raises:
        DefinitionError: the definition names a variable that is not there; nothing has been done then.
    """

    def __init__(self, name: str, definition: ServerDefinition) -> None:
        self._name = name
        self._definition = definition
        self._resolved, self._secrets = resolve(name, definition)  # on this thread: a person may be asked
        self._loop = get_loop()
        self._callers = Callers()
        self._connection: Connection | None = None
        self._inbox: Inbox = queue.SimpleQueue()
        self._opened: Future[Handshake] = Future()
        self._opened.set_running_or_notify_cancel()  # only the owner can be cancelled

    def start(self, log: WireLog, on_slow: OnSlow | None = None) -> None:
        """Begin; `on_slow` is called by `wait`."""
        log.hide(self._secrets)
        self._owner = self._loop.submit(self._own, log, on_slow)
        self._owner.add_done_callback(self._owner_done)

    async def _own(self, log: WireLog, on_slow: OnSlow | None) -> None:
        # Here and not above: importing the SDK takes half a second, and on this thread an interrupt cannot break it.
        from mcp_notebook.connection import Connection  # noqa: PLC0415

        self._loop.check_here()
        self._connection = Connection(self._name, self._resolved, log, self._callers)
        if on_slow is not None:
            telling = asyncio.create_task(self._tell_slowness(self._connection, on_slow))
            self._opened.add_done_callback(lambda _: telling.cancel())
        await self._connection.own(self._opened)

    async def _tell_slowness(self, connection: Connection, on_slow: OnSlow) -> None:
        seconds = SLOW_SECONDS
        await asyncio.sleep(SLOW_SECONDS)
        while True:
            self._inbox.put(partial(on_slow, self._name, seconds, connection.last_words))
            await asyncio.sleep(_SECONDS_BETWEEN)
            seconds += _SECONDS_BETWEEN

    def _owner_done(self, owner: Future[None]) -> None:
        if not self._opened.done():  # it ended before it began, so nobody else tells
            self._opened.set_exception(CancelledError() if owner.cancelled() else owner.exception())

    def wait(self) -> Session:
        """Wait until it is done; an interrupt ends it."""
        with self._callers.add(self._inbox.put, None, blocks=True):
            return self._new_session(wait_here(self._opened, self._inbox, cancel=self._owner.cancel))

    async def await_done(self) -> Session:
        """Wait as `wait` does, in a coroutine; cancelling that ends it."""
        post = partial(asyncio.get_running_loop().call_soon_threadsafe, context=copy_context())  # the cell's outputs
        try:
            with self._callers.add(post, None, blocks=False):
                return self._new_session(await asyncio.wrap_future(self._opened))
        except asyncio.CancelledError:
            self._owner.cancel()
            raise

    def cancel(self) -> None:
        """End it."""
        self._owner.cancel()

    def _new_session(self, handshake: Handshake) -> Session:
        if self._connection is None:
            raise AssertionError("a handshake without a connection")
        return Session(self._name, self._definition, self._loop, self._connection, handshake)

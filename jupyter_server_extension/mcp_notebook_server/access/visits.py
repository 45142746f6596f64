"""Who is here under which host token: open requests, legacy sessions, code that runs; and their end with the token.

Knows tokens, and for each request and session a function that ends it. Refuses to know HTTP and MCP: whoever lets a
request in gives that function.

The file of tokens is looked at once per request, at the door, and here for as long as anything is open: one `stat` in
`_INTERVAL` seconds, nothing at all while nobody is connected.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Sequence

    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["Runs", "Visit", "Visits"]

_INTERVAL = 0.4
"""Seconds between two looks; what a revoked token had open ends within a second."""

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Visit:
    """One open request.

    Attributes:
        token: under which it was let in.
        counts_as: what it is for the token's limits: a call; a session, as a modern stream that listens; both, while a
            call opens a legacy session; or nothing, as the stream of such a session, which was counted when it opened.
        end: ends it at once; called at most once, with the sentence to say.
    """

    token: HostToken
    counts_as: Literal["call", "session", "both", "nothing"]
    end: Callable[[str], None]


class _Run(Protocol):
    @property
    def token(self) -> HostToken: ...


class Runs(Protocol):
    """What goes on for a host without any request: its code in kernels."""

    @property
    def live(self) -> Sequence[_Run]:
        """All that has not ended."""
        ...

    async def end_of(self, token: HostToken) -> None:
        """End what goes on for one token, and nothing else."""
        ...


@dataclass
class _Session:
    token: HostToken
    end: Callable[[], Awaitable[None]]
    requests: int = 0
    last_seen: float = field(default_factory=time.monotonic)


class Visits:
    """Open requests and sessions by token. Belongs to the thread of the event loop.

    Args:
        runs: ends with its token, too.
        find_fault: says in a sentence why a token no longer counts; None while it does.
        idle_timeout: seconds after which a session ends in which nothing was asked.
        tell: is told again and again how many requests and sessions are open, while any are, or for as long as it says
            that it wants to be.
    """

    def __init__(
        self,
        runs: Runs,
        find_fault: Callable[[HostToken], str | None],
        idle_timeout: float,
        tell: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._runs = runs
        self._ending: dict[str, asyncio.Task[None]] = {}
        self._find_fault = find_fault
        self._idle_timeout = idle_timeout
        self._tell = tell
        self._visits: set[Visit] = set()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._sessions: dict[str, _Session] = {}
        self._occupied = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch over what is open."""
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Watch no longer; what is open stays open."""
        if self._task is not None:
            self._task.cancel()

    @contextmanager
    def visit(self, visit: Visit, session_id: str | None) -> Generator[None]:
        """Count a request as open, in its session if it has one, for as long as the context lasts."""
        session = self._sessions.get(session_id) if session_id is not None else None
        self._visits.add(visit)
        self._count(visit, 1)
        self._occupied.set()
        if session is not None:
            session.requests += 1
        try:
            yield
        finally:
            self._visits.discard(visit)
            self._count(visit, -1)
            if session is not None:
                session.requests -= 1
                session.last_seen = time.monotonic()

    def open_session(self, session_id: str, visit: Visit, end: Callable[[], Awaitable[None]]) -> None:
        """Remember a session that began with `visit`, and how to end it."""
        if visit in self._visits:  # whose host has hung up meanwhile is counted no more
            self._count(visit, -1)
            visit.counts_as = "call"  # what it opened counts by itself from now on
            self._count(visit, 1)
        self._sessions[session_id] = _Session(visit.token, end)
        self._occupied.set()

    def _count(self, visit: Visit, one: Literal[1, -1]) -> None:
        kind = (visit.token.digest, visit.counts_as)
        self._counts[kind] += one
        if not self._counts[kind]:
            del self._counts[kind]

    def close_session(self, session_id: str) -> None:
        """Forget a session that has ended."""
        self._sessions.pop(session_id, None)

    def has_session(self, session_id: str) -> bool:
        """Return whether a legacy session is open, as of the last look."""
        return session_id in self._sessions

    def count_calls(self, token: HostToken) -> int:
        """Return how many requests of a token are being answered."""
        return self._counts[token.digest, "call"] + self._counts[token.digest, "both"]

    def count_sessions(self, token: HostToken) -> int:
        """Return how many legacy sessions and modern listening streams a token has open."""
        sessions = sum(1 for each in self._sessions.values() if each.token.digest == token.digest)
        return sessions + self._counts[token.digest, "session"] + self._counts[token.digest, "both"]

    async def _end_idle(self) -> None:
        """End sessions that their hosts have left; the SDK does so, too, and tells nobody."""
        horizon = time.monotonic() - self._idle_timeout
        for name, session in list(self._sessions.items()):
            if not session.requests and session.last_seen < horizon:
                await self._end_session(name, session)

    async def _watch(self) -> None:
        while True:
            await self._occupied.wait()
            await asyncio.sleep(_INTERVAL)
            try:
                await self._end_what_lost_its_token()
                await self._end_idle()
            except Exception:  # noqa: BLE001 - whatever one end does, the others must come to theirs
                _log.exception("could not end what was open under a host token")
            held = len(self._visits) + len(self._sessions)
            wants_more = self._tell(held)
            if not held and not wants_more and not self._runs.live:
                self._occupied.clear()

    async def _end_what_lost_its_token(self) -> None:
        tokens = {each.token.digest: each.token for each in (*self._visits, *self._sessions.values(), *self._runs.live)}
        for token in tokens.values():
            fault = self._find_fault(token)
            if fault is not None:
                await self._end(token, fault)

    async def _end(self, token: HostToken, fault: str) -> None:
        digest = token.digest
        if digest not in self._ending:  # code may take its time to end, and nothing else waits for it
            self._ending[digest] = asyncio.create_task(self._runs.end_of(token))
            self._ending[digest].add_done_callback(lambda _: self._ending.pop(digest))
        for visit in [each for each in self._visits if each.token.digest == digest]:
            self._visits.discard(visit)
            visit.end(fault)
        for name, session in [(name, each) for name, each in self._sessions.items() if each.token.digest == digest]:
            await self._end_session(name, session)

    async def _end_session(self, name: str, session: _Session) -> None:
        self.close_session(name)
        await session.end()

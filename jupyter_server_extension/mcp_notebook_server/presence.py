"""Which hosts are here, and what they are having done just now, as the person's page shows it.

Knows the SDK's middleware, through which every message of a host passes, and how a call in flight is ended. Refuses to
know what was done before (`audit`), and code that runs on in a kernel after its call (`execution`).

A modern host has no session: it counts as here for as long as it has something open, and a few minutes longer.
Belongs to the Jupyter server's event loop.
"""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from anyio import CancelScope
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook_server.access.errors import CallInterrupted, UnknownCall
from mcp_notebook_server.access.host import get_host
from mcp_notebook_server.audit import find_arguments, name_host
from mcp_notebook_server.short_form import shorten_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.host import Host
    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["LiveCall", "Presence", "PresentHost", "shorten_code"]

_SERVER = uuid4().hex
_numbers = itertools.count(1)
"""Ids of calls: a page that was opened before Jupyter restarted can end none of today's."""

_LINGER_SECONDS = 300.0
"""For how long a modern host counts as here after its last message."""

_MOST_HOSTS = 1000
_MOST_KERNELS = 5
_MOST_CODE = 2000
"""Characters of a call's code that the page shows."""


@dataclass(eq=False)
class PresentHost:
    """One host that is here.

    Attributes:
        name: its name and version, as it claims.
        token: name of its host token.
        digest: of that token.
        era: of the protocol.
        session: id of the legacy session; None in the modern era.
        address: what the address stands for at which it came in, as `Binding.values`.
        since: when it was first seen.
        calls: how many it made.
        kernels: the kernels that it called by name, the latest last.
        open: how many of its requests are being answered.
        last_seen: on the monotonic clock.
    """

    name: str
    token: str
    digest: str
    era: str
    session: str | None
    address: dict[str, str]
    since: datetime
    calls: int = 0
    kernels: dict[str, None] = field(default_factory=dict[str, None])
    open: int = 0
    last_seen: float = field(default_factory=time.monotonic)
    id: str = field(default_factory=lambda: uuid4().hex)

    def note_call(self, kernel: str) -> None:
        """Count a call, and remember by which name it called a kernel (empty: none)."""
        self.calls += 1
        if not kernel:
            return
        self.kernels.pop(kernel, None)
        self.kernels[kernel] = None
        if len(self.kernels) > _MOST_KERNELS:
            del self.kernels[next(iter(self.kernels))]

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows."""
        return {
            "id": self.id,
            "name": self.name,
            "token": self.token,
            "era": self.era,
            "address": self.address.get("kernel"),
            "since": self.since.isoformat(),
            "calls": self.calls,
            "kernels": list(self.kernels),
        }


@dataclass(eq=False)
class LiveCall:
    """One call that is being answered.

    Attributes:
        host: whose it is.
        asked: the request's side of the door; says which question it waits for.
        tool: its name.
        arguments: as the host sent them, and what its address stands for.
        since: when it came.
        scope: ends it.
        id: to end it by.
    """

    host: PresentHost
    asked: Host
    tool: str
    arguments: Mapping[str, Any]
    since: datetime
    scope: CancelScope = field(default_factory=CancelScope)
    id: str = field(default_factory=lambda: f"{_SERVER}{next(_numbers):x}")

    @property
    def kernel(self) -> str:
        """The kernel as the host calls it; empty if it names none."""
        return shorten_text(self._find_text("kernel") or self._find_text("notebook"))

    @property
    def code(self) -> str:
        """The code or SQL that it brought, its beginning; empty if none."""
        return shorten_code(self._find_text("code") or self._find_text("sql"))

    def _find_text(self, name: str) -> str:
        value = self.arguments.get(name)
        return value if isinstance(value, str) else ""

    def as_json(self) -> dict[str, Any]:
        """Return what the page shows."""
        return {
            "id": self.id,
            "host": self.host.name,
            "token": self.host.token,
            "tool": self.tool,
            "kernel": self.kernel,
            "code": self.code,
            "since": self.since.isoformat(),
            "approval": self.asked.asked,
        }


class Presence:
    """The middleware that sees hosts come, call, and go.

    Args:
        changes: is told of each change.
        is_open: whether a legacy session of that id is open still.
    """

    def __init__(self, changes: Changes, is_open: Callable[[str], bool]) -> None:
        self._changes = changes
        self._is_open = is_open
        self._hosts: dict[Hashable, PresentHost] = {}
        self._calls: dict[str, LiveCall] = {}

    def list_hosts(self) -> list[PresentHost]:
        """Return the hosts that are here, the one that was seen last first."""
        self._forget_gone()
        return sorted(self._hosts.values(), key=lambda host: -host.last_seen)

    def list_calls(self) -> list[LiveCall]:
        """Return the calls that are being answered, the oldest first."""
        return list(self._calls.values())

    def count_calls(self, token: HostToken) -> int:
        """Return how many calls of a token are being answered."""
        return sum(call.host.digest == token.digest for call in self._calls.values())

    def interrupt(self, call_id: str) -> None:
        """End a call; its host is told that the person did.

        Raises:
            UnknownCall: if it has ended already.
        """
        if call_id not in self._calls:
            raise UnknownCall(call_id)
        self._calls[call_id].scope.cancel()

    async def __call__(self, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        """Note whose message it is, and that they are here for as long as it is answered."""
        host = self._find_host(ctx)
        if host is None:
            return await call_next(ctx)
        host.open += 1
        try:
            return await call_next(ctx)
        finally:
            host.open -= 1
            host.last_seen = time.monotonic()

    @contextmanager
    def follow(self, ctx: ServerRequestContext[Any, Any], tool: str) -> Generator[None]:
        """Show a call of a tool for as long as the context lasts.

        Raises:
            CallInterrupted: if the person ended it.
        """
        host = self._find_host(ctx)
        if host is None:
            raise TypeError("a tool was called before its session was opened")
        arguments = {**host.address, **find_arguments(ctx.method, ctx.params or {})}
        call = LiveCall(host, get_host(ctx), tool, arguments, since=datetime.now(UTC))
        self._calls[call.id] = call
        host.note_call(call.kernel)
        self._changes.tell()
        try:
            with call.scope:
                yield
        finally:
            del self._calls[call.id]
            self._changes.tell()
        if call.scope.cancelled_caught:
            raise CallInterrupted(tool)

    def _find_host(self, ctx: ServerRequestContext[Any, Any]) -> PresentHost | None:
        """Return whose message it is; None for the one that opens a session, whose id nobody knows yet."""
        modern = ctx.protocol_version in MODERN_PROTOCOL_VERSIONS
        session = None if modern or ctx.request is None else ctx.request.headers.get(MCP_SESSION_ID_HEADER)
        if not modern and session is None:
            return None
        token, binding = get_host(ctx).token, get_host(ctx).binding
        name = name_host(ctx)
        key: Hashable = session or (token.digest, name, binding)
        if key not in self._hosts:
            self._make_room()
            self._hosts[key] = PresentHost(
                name=shorten_text(name),
                token=token.name,
                digest=token.digest,
                era="modern" if modern else "legacy",
                session=session,
                address=binding.values,
                since=datetime.now(UTC),
            )
            self._changes.tell()
        return self._hosts[key]

    def _make_room(self) -> None:
        if len(self._hosts) >= _MOST_HOSTS:
            self._forget_gone()
        if len(self._hosts) >= _MOST_HOSTS:
            del self._hosts[min(self._hosts, key=lambda key: (self._hosts[key].open, self._hosts[key].last_seen))]

    def _forget_gone(self) -> None:
        horizon = time.monotonic() - _LINGER_SECONDS
        gone = [key for key, host in self._hosts.items() if not self._is_here(host, horizon)]
        for key in gone:
            del self._hosts[key]

    def _is_here(self, host: PresentHost, horizon: float) -> bool:
        if host.session is not None:
            return self._is_open(host.session)
        return host.open > 0 or host.last_seen >= horizon


def shorten_code(code: str) -> str:
    """Return the beginning of a code, as much as the page shows of what is running."""
    return shorten_text(code, _MOST_CODE)

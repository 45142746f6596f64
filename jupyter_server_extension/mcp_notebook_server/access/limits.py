"""How much one host token may ask for, so that a host that runs wild leaves Jupyter usable.

Knows the settings and what was used; rates are counted by the library `limits`. Refuses to know HTTP: a limit that is
reached is a `Refusal` with the status 429, like every other at the door.

The defaults are beyond what a busy host asks for: 500 calls a second are more than one that calls again at once after
every answer gets through.
"""

from __future__ import annotations

import time
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

from mcp_notebook_server.access.door import Refusal
from mcp_notebook_server.access.errors import InvalidLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from limits import RateLimitItem

    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.access.visits import Visits

__all__ = ["DEFAULTS", "Limits"]

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {"calls": "30000/minute", "bytes": "2000000000/minute", "concurrent_calls": 100, "sessions": 250}
)
"""By the names of the trait `MCPNotebookApp.limits`."""

_SECONDS_UNTIL_ROOM = {"concurrent_calls": 1, "sessions": 60}
"""What to wait when nobody can know how long."""


class Limits:
    """What each token has used, and where it must wait. Belongs to the thread of the event loop.

    Args:
        settings: any of the keys of `DEFAULTS`; None for no limit. `calls` and `bytes` (requests and answers together)
            are rates such as "100/second"; `concurrent_calls` and `sessions` are numbers.
        visits: knows what is open.
        count_answering: says how many calls of a token are being answered, also those whose host has hung up: the SDK
            answers a legacy call to its end, for a host that comes back for it.

    Raises:
        InvalidLimits: if a setting is not understood.
    """

    def __init__(
        self,
        settings: Mapping[str, Any],
        visits: Visits,
        count_answering: Callable[[HostToken], int] = lambda _: 0,
    ) -> None:
        if unknown := settings.keys() - DEFAULTS.keys():
            raise InvalidLimits(f"{', '.join(sorted(unknown))}: there is no such limit", list(DEFAULTS))
        settings = {**DEFAULTS, **settings}
        self._calls = _read_rate("calls", settings["calls"])
        self._bytes = _read_rate("bytes", settings["bytes"])
        self._numbers = {name: _read_number(name, settings[name]) for name in _SECONDS_UNTIL_ROOM}
        self._visits = visits
        self._count_answering = count_answering
        self._rates = FixedWindowRateLimiter(MemoryStorage())

    async def admit(self, token: HostToken, *, calls: bool, opens_session: bool) -> None:
        """Count a request.

        Args:
            token: the host's.
            calls: whether it asks for an answer, and so is one of those at the same time.
            opens_session: whether a session, or a stream that listens, begins with it.

        Raises:
            Refusal: with 429, if one of the token's limits is reached.
        """
        if self._calls is not None and not await self._rates.hit(self._calls, token.name):
            raise await self._too_fast(token, self._calls, "calls")
        if self._bytes is not None and not await self._rates.test(self._bytes, token.name):
            raise await self._too_fast(token, self._bytes, "bytes")
        if calls:
            used = max(self._visits.count_calls(token), self._count_answering(token))
            self._check("concurrent_calls", used, token, "calls at the same time")
        if opens_session:
            self._check("sessions", self._visits.count_sessions(token), token, "open sessions")

    async def spend(self, token: HostToken, size: int) -> None:
        """Count bytes that a request or an answer of `token` had; the next request may have to wait for them."""
        if self._bytes is not None and size:
            await self._rates.hit(self._bytes, token.name, cost=size)

    def _check(self, name: Literal["concurrent_calls", "sessions"], used: int, token: HostToken, what: str) -> None:
        most = self._numbers[name]
        if most is not None and used >= most:
            wait = _SECONDS_UNTIL_ROOM[name]
            raise Refusal(
                429,
                name,
                f"The host token {token.name!r} may have {most} {what}, and has {used}. End one, or try again in "
                f"{wait} s; the person may raise `MCPNotebookApp.limits`.",
                retry_after=wait,
                token=token.name,
            )

    async def _too_fast(self, token: HostToken, rate: RateLimitItem, what: Literal["calls", "bytes"]) -> Refusal:
        reset = (await self._rates.get_window_stats(rate, token.name)).reset_time
        wait = max(1, ceil(reset - time.time()))
        return Refusal(
            429,
            what,
            f"The host token {token.name!r} has used its {what}: {rate}. Try again in {wait} s; the person may raise "
            "`MCPNotebookApp.limits`.",
            retry_after=wait,
            token=token.name,
        )


def _read_rate(name: str, value: object) -> RateLimitItem | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidLimits(f"{name}: {value!r} is not a rate such as '100/second'", list(DEFAULTS))
    try:
        return parse(value)
    except ValueError:
        raise InvalidLimits(f"{name}: {value!r} is not a rate such as '100/second'", list(DEFAULTS)) from None


def _read_number(name: str, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise InvalidLimits(f"{name}: {value!r} is not a whole number above 0", list(DEFAULTS))

"""What a person said no to a short while ago: the calls, and the hosts to whom they said nothing else.

A host that changes one character asks another question, so saying no would never end: after some in a row its next
questions are not shown, until the person lets it ask again or the first of them is long enough ago. A person and a host
that find together what to run do not come near that: each yes begins anew.

Knows how often and when. Refuses to know what was asked, and how a yes comes about (`approvals`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.access.errors import ApprovalDeclined, AskedTooOften

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook_server.access.calls import Call
    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["IN_A_ROW", "Declines", "Pause"]

IN_A_ROW = 5
"""Times that a person says no to one token before its next questions are not shown."""


@dataclass(frozen=True)
class Pause:
    """For how long the questions of a token are not shown.

    Attributes:
        token: whose.
        until: when it may ask again.
    """

    token: HostToken
    until: datetime

    @property
    def id(self) -> str:
        """What the page calls it."""
        return self.token.digest[:32]

    def as_json(self) -> dict[str, Any]:
        """Return what a person is shown of it."""
        return {"id": self.id, "token": self.token.name, "declined": IN_A_ROW, "until": self.until.isoformat()}


@dataclass
class _Row:
    token: HostToken
    ends: list[datetime] = field(default_factory=list["datetime"])


class Declines:
    """Those of one Jupyter server; belongs to its event loop.

    Args:
        minutes: for how long each is remembered.
        now: the clock.
    """

    def __init__(self, minutes: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._lifetime = timedelta(minutes=minutes)
        self._now = now
        self._calls: dict[str, datetime] = {}
        self._rows: dict[str, _Row] = {}

    def add(self, call: Call) -> None:
        """Remember that the person said no to `call`."""
        now = self._now()
        self._calls = {digest: until for digest, until in self._calls.items() if now < until}
        self._rows = {digest: row for digest, row in self._rows.items() if now < row.ends[-1]}
        self._calls[call.digest] = now + self._lifetime
        row = self._rows.setdefault(call.token.digest, _Row(call.token))
        row.ends = [*row.ends, now + self._lifetime][-IN_A_ROW:]

    def end_row(self, token_id: str) -> None:
        """Let a token ask again: the person said yes to it, or wants to be asked."""
        self._rows = {digest: row for digest, row in self._rows.items() if not digest.startswith(token_id)}

    def list_pauses(self) -> list[Pause]:
        """Return whose questions are not shown."""
        now = self._now()
        rows = [row for row in self._rows.values() if len(row.ends) == IN_A_ROW]
        return [Pause(row.token, row.ends[0]) for row in rows if now < row.ends[0]]

    def check_call(self, call: Call) -> None:
        """Check that the person has not said no to this very call.

        Raises:
            ApprovalDeclined: if they have.
        """
        until = self._calls.get(call.digest)
        if until is not None and self._now() < until:
            raise ApprovalDeclined(call.tool)

    def check_host(self, call: Call, link: str) -> None:
        """Check that the host of `call` may ask one more question.

        Args:
            call: what it would ask for.
            link: to the page on which the person lets it ask again.

        Raises:
            AskedTooOften: if it may not.
        """
        for pause in self.list_pauses():
            if pause.token.digest == call.token.digest:
                raise AskedTooOften(call.tool, IN_A_ROW, pause.until, link)

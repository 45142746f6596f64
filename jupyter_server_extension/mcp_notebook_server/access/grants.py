"""Grants: what a person permitted a host beyond its token.

Knows how long a grant holds, which calls it covers, and the file in which the lasting ones are kept (0600). Refuses to
know how a person came to give one (`approvals`).

A grant is keyed by the token's digest: a new token of an old name has none of the old one's grants. It holds for one
scope on one kernel; for a kernel that runs for a notebook, on whichever kernel that notebook has. One "once" is for
one call, down to the last argument, and is gone with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, get_args
from uuid import uuid4

from mcp_notebook_server.access.entries import EntryFile
from mcp_notebook_server.access.errors import UnknownGrant

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from mcp_notebook_server.access.calls import Call
    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.tokens import Scope, TokenFile

__all__ = ["DURATIONS", "Duration", "Grant", "Grants"]

Duration = Literal["once", "hour", "day", "always"]
DURATIONS: tuple[Duration, ...] = get_args(Duration)

_LIFETIMES: dict[Duration, timedelta | None] = {
    "once": timedelta(minutes=10),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "always": None,
}

_MOST_PER_TOKEN = 100
"""Grants of one token; beyond, the oldest one goes."""


@dataclass(frozen=True)
class Grant:
    """One permission.

    Attributes:
        id: to revoke it by.
        digest: of the token.
        token: its name, for people.
        scope: what it permits.
        kernel: id of the kernel.
        notebook: path of the notebook; where there is one, it counts, and not the kernel's id.
        duration: as the person chose.
        created: when it was given.
        expires: from when on it does not hold; None: never.
        call: for "once", the digest of the only call; else None.
    """

    id: str
    digest: str
    token: str
    scope: Scope
    kernel: str
    notebook: str | None
    duration: Duration
    created: datetime
    expires: datetime | None
    call: str | None

    @classmethod
    def for_call(cls, call: Call, duration: Duration, now: datetime) -> Self:
        """Make the grant that a person gives at `now` when asked about `call`."""
        lifetime = _LIFETIMES[duration]
        return cls(
            id=uuid4().hex,
            digest=call.token.digest,
            token=call.token.name,
            scope=call.scope,
            kernel=call.proposal.kernel,
            notebook=call.proposal.notebook,
            duration=duration,
            created=now,
            expires=None if lifetime is None else now + lifetime,
            call=call.digest if duration == "once" else None,
        )

    def covers(self, call: Call) -> bool:
        """Whether it permits this call, if it still holds."""
        if self.call is not None:
            return self.call == call.digest
        if (self.digest, self.scope) != (call.token.digest, call.scope):
            return False
        proposal = call.proposal
        return self.kernel == proposal.kernel if self.notebook is None else self.notebook == proposal.notebook

    def as_json(self) -> dict[str, Any]:
        """Return the entry of the file."""
        moments = {"created": self.created.isoformat(), "expires": self.expires and self.expires.isoformat()}
        return {**asdict(self), **moments}

    def for_people(self) -> dict[str, Any]:
        """Return what a person is shown of it."""
        entry = self.as_json()
        return {name: entry[name] for name in entry if name not in ("digest", "call")}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Make one from an entry of the file."""
        expires = entry["expires"]
        moments: dict[str, Any] = {
            "created": datetime.fromisoformat(entry["created"]),
            "expires": None if expires is None else datetime.fromisoformat(expires),
        }
        return cls(**{**entry, **moments})


class Grants:
    """The grants of one Jupyter server; belongs to its event loop.

    Those given for ever are in a file, which survives a restart and which the person's other Jupyter servers share;
    all others end with this Jupyter server.

    Args:
        file: of the lasting ones; it need not exist yet.
        tokens: a grant ends with its token.
        changes: is told of each change.
        now: the clock.
    """

    def __init__(
        self,
        file: Path,
        tokens: TokenFile,
        changes: Changes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._file = EntryFile(file, "grants")
        self._tokens = tokens
        self._changes = changes
        self._now = now
        self._passing: dict[str, Grant] = {}

    def list(self) -> list[Grant]:
        """Return those that hold, the oldest first."""
        digests = {token.digest for token in self._tokens.list()}
        lasting = [grant for grant in self._read_lasting() if grant.digest in digests]
        return sorted([*lasting, *self._drop_ended(digests)], key=lambda grant: grant.created)

    def give(self, call: Call, duration: Duration) -> Grant:
        """Permit `call`, and for longer durations what is like it."""
        grant = Grant.for_call(call, duration, self._now())
        own = [each for each in self.list() if each.digest == grant.digest]
        for each in own[: max(0, len(own) + 1 - _MOST_PER_TOKEN)]:
            self._end(each)
        if grant.duration == "always":
            with self._file.lock():
                self._write_lasting([*self._read_lasting(), grant])
        else:
            self._passing[grant.id] = grant
        self._changes.tell()
        return grant

    def use(self, call: Call) -> Grant | None:
        """Return a grant that permits `call`, or None; one that is for once is used up by this."""
        covering = [grant for grant in self.list() if grant.covers(call)]
        if not covering:
            return None
        grant = max(covering, key=lambda each: each.duration != "once")  # what holds longer saves the other
        if grant.duration == "once":
            self.revoke(grant.id)
        return grant

    def give_back(self, grant: Grant) -> None:
        """Let a grant that was used hold again, because nothing was done."""
        if grant.duration == "once":
            self._passing[grant.id] = grant
            self._changes.tell()

    def revoke(self, grant_id: str) -> None:
        """End a grant.

        Raises:
            UnknownGrant: if there is none of that id.
        """
        grant = next((each for each in self.list() if each.id == grant_id), None)
        if grant is None:
            raise UnknownGrant(grant_id)
        self._end(grant)
        self._changes.tell()

    def _end(self, grant: Grant) -> None:
        if self._passing.pop(grant.id, None) is None:
            with self._file.lock():
                self._write_lasting([each for each in self._read_lasting() if each.id != grant.id])

    def _drop_ended(self, digests: Collection[str]) -> Iterable[Grant]:
        now = self._now()
        self._passing = {
            grant.id: grant
            for grant in self._passing.values()
            if grant.digest in digests and (grant.expires is None or now < grant.expires)
        }
        return self._passing.values()

    def _read_lasting(self) -> Iterable[Grant]:
        return [Grant.from_json(entry) for entry in self._file.read()]

    def _write_lasting(self, grants: Iterable[Grant]) -> None:
        self._file.write([grant.as_json() for grant in grants])

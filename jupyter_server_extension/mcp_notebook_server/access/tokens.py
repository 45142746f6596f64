"""Host tokens: what a host presents at the door, and what it then may do.

Knows the file of tokens, in which only hashes stand. Refuses to know HTTP: where the token travels and what a refusal
looks like is `handlers`' business.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from mcp_notebook_server.access.entries import EntryFile
from mcp_notebook_server.access.errors import InvalidDuration, InvalidTokenName, TokenNameTaken, UnknownTokenName
from mcp_notebook_server.access.last_use import LastUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["DEFAULT_LIFETIME", "PREFIX", "HostToken", "Scope", "TokenFile", "parse_lifetime"]

Scope = Literal["read", "write", "execute"]
"""What a tool needs and a token gives; `read` is implied by every token."""

SCOPES: tuple[Scope, ...] = get_args(Scope)

PREFIX = "mcpn_"
"""Every host token begins so, that secret scanners and people recognise one."""

DEFAULT_LIFETIME = timedelta(days=30)

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class HostToken:
    """What is kept of one token; the token itself is not.

    Attributes:
        name: chosen by the person, unique.
        digest: SHA-256 of the token, as hex.
        scopes: what it gives, `read` always among them.
        kernels: kernel ids it is bound to; empty with `notebooks` empty: all kernels.
        notebooks: notebook paths it is bound to.
        created: when it was made or last renewed.
        expires: from when on it is refused.
        trusts_host_consent: whether a consent given through the host counts.
        published: names of published servers that it may call; `*` for all. One that gives nothing else has no scopes.
    """

    name: str
    digest: str
    scopes: frozenset[Scope]
    kernels: tuple[str, ...]
    notebooks: tuple[str, ...]
    created: datetime
    expires: datetime
    trusts_host_consent: bool = False
    published: tuple[str, ...] = ()

    @property
    def lifetime(self) -> timedelta:
        """How long it was made for."""
        return self.expires - self.created

    @property
    def is_bound(self) -> bool:
        """Whether it sees only some kernels."""
        return bool(self.kernels or self.notebooks)

    def may_call(self, published: str) -> bool:
        """Whether it may call the published server of that name."""
        return published in self.published or "*" in self.published

    def has_expired(self, now: datetime | None = None) -> bool:
        """Whether its time is over at `now` (None: this moment)."""
        return (now or datetime.now(UTC)) >= self.expires

    def as_json(self) -> dict[str, Any]:
        """Return the entry of the file."""
        return {
            "name": self.name,
            "digest": self.digest,
            "scopes": [scope for scope in SCOPES if scope in self.scopes],
            "kernels": list(self.kernels),
            "notebooks": list(self.notebooks),
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat(),
            "trusts_host_consent": self.trusts_host_consent,
            "published": list(self.published),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Self:
        """Make one from an entry of the file."""
        return cls(
            name=entry["name"],
            digest=entry["digest"],
            scopes=frozenset(scope for scope in SCOPES if scope in entry["scopes"]),
            kernels=tuple(entry["kernels"]),
            notebooks=tuple(entry["notebooks"]),
            created=datetime.fromisoformat(entry["created"]),
            expires=datetime.fromisoformat(entry["expires"]),
            trusts_host_consent=entry["trusts_host_consent"],
            published=tuple(entry.get("published", ())),  # a file of version 0.1.0 has none
        )


class TokenFile:
    """The host tokens of one person, in one file with mode 0600.

    The Jupyter server reads while the command line writes.

    Args:
        file: where it is; it need not exist yet.

    Attributes:
        file: as given.
        last_use: when each token was last used.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.last_use = LastUse(file.parent / "last-use")
        self._entries = EntryFile(file, "tokens")
        self._seen: object = None
        self._tokens: dict[str, HostToken] = {}

    def list(self) -> list[HostToken]:
        """Return all tokens, in the order they were made."""
        return list(self._by_digest().values())

    def find(self, secret: str) -> HostToken | None:
        """Return what is kept of the token `secret`, expired or not; None if there is no such token.

        Looking a hash up tells an attacker by its timing at most about hashes, and those do not lead to a token.
        """
        return self._by_digest().get(_digest(secret))

    def find_again(self, token: HostToken) -> HostToken | None:
        """Return what is kept now of a token that was found before; None if it was revoked since."""
        return self._by_digest().get(token.digest)

    def create(  # noqa: PLR0913 - each is a fact the person decides on
        self,
        name: str,
        *,
        scopes: Iterable[Scope] = (),
        kernels: Iterable[str] = (),
        notebooks: Iterable[str] = (),
        lifetime: timedelta = DEFAULT_LIFETIME,
        trusts_host_consent: bool = False,
        published: Iterable[str] = (),
    ) -> tuple[HostToken, str]:
        """Make a token and return what is kept of it, and the token itself, which is nowhere else.

        One for published servers alone gives no scope at our own endpoint; every other gives `read`.

        Raises:
            InvalidTokenName: if `name` could not be a file's name, too.
            TokenNameTaken: if there is a token of that name.
        """
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
            raise InvalidTokenName(name)
        scopes, kernels, notebooks, published = set(scopes), tuple(kernels), tuple(notebooks), tuple(published)
        if scopes or kernels or notebooks or not published:
            scopes.add("read")
        secret = PREFIX + secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        token = HostToken(
            name=name,
            digest=_digest(secret),
            scopes=frozenset(scopes),
            kernels=kernels,
            notebooks=notebooks,
            created=now,
            expires=now + lifetime,
            trusts_host_consent=trusts_host_consent,
            published=published,
        )
        with self._entries.lock():
            if any(other.name == name for other in self.list()):
                raise TokenNameTaken(name)
            self._write([*self.list(), token])
        return token, secret

    def renew(self, name: str) -> HostToken:
        """Give the token its lifetime again, from now on, without changing its string.

        Raises:
            UnknownTokenName: if there is none of that name.
        """
        with self._entries.lock():
            token = self._get(name)
            now = datetime.now(UTC)
            renewed = replace(token, created=now, expires=now + token.lifetime)
            self._write([renewed if other.name == name else other for other in self.list()])
        return renewed

    def revoke(self, name: str) -> None:
        """Forget the token; whoever presents it from now on is refused.

        Raises:
            UnknownTokenName: if there is none of that name.
        """
        with self._entries.lock():
            revoked = self._get(name)
            self._write([token for token in self.list() if token.name != name])
        self.last_use.forget(revoked)

    def _get(self, name: str) -> HostToken:
        for token in self.list():
            if token.name == name:
                return token
        raise UnknownTokenName(name, [token.name for token in self.list()])

    def _by_digest(self) -> dict[str, HostToken]:
        entries = self._entries.read()
        if entries is not self._seen:
            self._tokens = {entry["digest"]: HostToken.from_json(entry) for entry in entries}
            self._seen = entries
        return self._tokens

    def _write(self, tokens: Iterable[HostToken]) -> None:
        self._entries.write([token.as_json() for token in tokens])


def parse_lifetime(text: str) -> timedelta:
    """Read a duration such as `30d`, `12h`, `45m` or `2w`.

    Raises:
        InvalidDuration: for anything else, and for none at all.
    """
    match = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text.strip())
    if match is None:
        raise InvalidDuration(text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()

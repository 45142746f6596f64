"""Secrets on their way from one server to another.

Knows what looks like a secret (`credentials`), which server each was seen at in this kernel, and that an encoded one
(base64, hexadecimal, reversed, percent) is the same. Refuses to keep a secret itself, or to show it: only fingerprints
of it are kept, in memory, salted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from mcp_notebook.credentials import Secret, find_secrets
from mcp_notebook.defences.finding import Finding
from mcp_notebook.json_texts import find_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Leak", "SeenSecrets", "get_seen_secrets"]

_MAX_KEPT = 10_000
_SHORTEST = 8
"""Characters; what is shorter occurs by chance."""


@dataclass(frozen=True)
class Leak:
    """A secret in what would be sent to a server.

    Attributes:
        where: in the arguments: `body`, `headers.x`.
        source: the server that it came from; None if it only looks like a secret.
        encoded: how it was disguised: "base64", "hexadecimal", "reversed", "percent"; "" if not.
    """

    where: str
    source: str | None
    encoded: str = ""

    def to_finding(self, receiver: str) -> Finding:
        """Say it as a finding about `server.tool`, which would get the secret."""
        disguise = f", written as {self.encoded}" if self.encoded else ""
        if self.source is None:
            return Finding("sends-secret", f"would get what looks like a credential{disguise}", receiver, self.where)
        shown = f"would get a credential that came from {self.source}{disguise}"
        return Finding("leaks-secret", shown, receiver, self.where)


class SeenSecrets:
    """Which secrets came from which server; the oldest are forgotten. From any thread."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._sources: dict[bytes, str] = {}

    def _fingerprint(self, word: str) -> bytes:
        return hashlib.blake2b(word.encode("utf-8", "surrogatepass"), key=self._salt, digest_size=16).digest()

    def remember(self, server: str, result: Any) -> None:
        """Remember the secrets in what a server sent: a JSON value."""
        for secret in find_secrets(result):
            for word in _words(secret.value):
                self._sources.setdefault(self._fingerprint(word), server)
        while len(self._sources) > _MAX_KEPT:
            self._sources.pop(next(iter(self._sources)))

    def find_leaks(self, server: str, arguments: Any) -> list[Leak]:
        """Find the secrets in arguments for a server's tool: those of other servers, and what looks like one.

        What a server sent itself may go back to it.
        """
        leaks: list[Leak] = []
        for where, text in find_texts(arguments):
            known = [(self._sources.get(self._fingerprint(word)), how) for word, how in _readings(text)]
            strange = [(source, how) for source, how in known if source not in (None, server)]
            leaks += [Leak(where, source, how) for source, how in dict.fromkeys(strange)]
        found = {leak.where for leak in leaks}
        own = (secret for secret in find_secrets(arguments) if not self._is_from(server, secret))
        return leaks + [Leak(where, None) for where in dict.fromkeys(one.where for one in own) if where not in found]

    def _is_from(self, server: str, secret: Secret) -> bool:
        return any(self._sources.get(self._fingerprint(word)) == server for word in _words(secret.value))


def _words(text: str) -> list[str]:
    """Give the words of a text that are long enough to be a secret, or a line of one; of a pair only its value."""
    return [word for word in _BETWEEN.split(text) if len(word) >= _SHORTEST]


def _readings(text: str) -> Iterator[tuple[str, str]]:
    """Give the words of a text, and those in it if it is read as some other writing: the word, and which writing."""
    yield from ((word, "") for word in _words(text))
    yield from ((word, "percent") for word in _words(unquote(text)) if "%" in text)
    yield from ((word, "reversed") for word in _words(text[::-1]))
    for run in _ENCODED.findall(text):
        for how, decode in _WRITINGS.items():
            yield from ((word, how) for word in _words(decode(run)))


def _from_base64(run: str) -> str:
    plain = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4)).decode("utf-8", "replace")
    except binascii.Error:
        return ""


def _from_hexadecimal(run: str) -> str:
    try:
        return bytes.fromhex(run).decode("utf-8", "replace")
    except ValueError:
        return ""


_BETWEEN = re.compile(r"[\s\"'`=:;,&|<>()\[\]{}]+")
_ENCODED = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_WRITINGS = {"base64": _from_base64, "hexadecimal": _from_hexadecimal}

_seen = SeenSecrets()


def get_seen_secrets() -> SeenSecrets:
    """Give what this kernel has seen."""
    return _seen

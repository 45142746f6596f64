"""Who is let in, and what the others are told.

Knows the facts of one knock at the endpoint and the rules of DESIGN decision 3; plain functions of those. Refuses to
know tornado: `handlers` collects the facts and sends the answer.

Refusals are 403, never 401: hosts take a 401 for an invitation to OAuth, which does not exist here.
"""

from __future__ import annotations

import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, TypeAlias
from urllib.parse import urlsplit

from mcp_notebook_server.access.tokens import PREFIX, SCOPES, HostToken

if TYPE_CHECKING:
    from mcp_notebook_server.access.tokens import TokenFile

__all__ = ["Door", "Knock", "Reason", "Refusal"]

_CREATE = "Run `mcp-notebook token create NAME` where Jupyter runs, and send the header `Authorization: Bearer TOKEN`"

Reason: TypeAlias = Literal[
    "host",
    "origin",
    "closed",
    "no token",
    "token in URL",
    "Jupyter token",
    "unknown token",
    "expired token",
    "authorizer",
    "not published to",
    "published only",
    "size",
    "session",
    "calls",
    "bytes",
    "concurrent_calls",
    "sessions",
]
"""Why a knock is not answered, as the record says it (event_schemas/refusal.v1.yaml)."""


class Refusal(Exception):
    """A knock that is not answered.

    Attributes:
        status: of HTTP.
        reason: for the record.
        message: one sentence or two, with what to do.
        retry_after: seconds after which the same may be let in; None if waiting does not help.
        token: name of the host token, where one is known.
        said: the name or origin that the request claimed, where that is why.
    """

    def __init__(  # noqa: PLR0913 - each is a fact of the record or of the answer
        self,
        status: int,
        reason: Reason,
        message: str,
        *,
        retry_after: int | None = None,
        token: str | None = None,
        said: str | None = None,
    ) -> None:
        super().__init__(status, reason, message)
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        self.token = token
        self.said = said


@dataclass(frozen=True)
class Knock:
    """What is known of a request before its body is read.

    Attributes:
        host: the `Host` header.
        host_is_ours: whether Jupyter knows itself under that name (against DNS rebinding).
        origin: the `Origin` header; None if there is none, as from any host that is not a web page.
        authorization: the `Authorization` header, or None.
        has_query_token: whether the URL carries `?token=`.
        peer: the address the connection comes from; None for a Unix socket.
    """

    host: str
    host_is_ours: bool
    origin: str | None
    authorization: str | None
    has_query_token: bool
    peer: str | None


@dataclass(frozen=True)
class Door:
    """The rules of one Jupyter server.

    Attributes:
        tokens: the host tokens.
        jupyter_token: Jupyter's own token; empty if it has none.
        jupyter_authenticates: whether Jupyter asks anybody for anything.
        accept_jupyter_token: whether Jupyter's token opens this door, too.
        allow_open: whether no token is needed from this machine.
        allow_origin: an origin, `*`, or empty, as in Jupyter's own setting.
        allow_origin_pattern: a regular expression of origins, or empty.
    """

    tokens: TokenFile
    jupyter_token: str
    jupyter_authenticates: bool
    accept_jupyter_token: bool = False
    allow_open: bool = False
    allow_origin: str = ""
    allow_origin_pattern: str = ""

    def admit(self, knock: Knock) -> HostToken:
        """Return the token under which the knock is let in.

        Raises:
            Refusal: if it is not.
        """
        if not knock.host_is_ours:
            sentence = f"This Jupyter server does not answer to the name {knock.host!r}."
            raise Refusal(403, "host", sentence, said=knock.host)
        if knock.origin is not None and not self._allows_origin(knock.origin, knock.host):
            sentence = f"Pages of the origin {knock.origin!r} may not use this endpoint."
            raise Refusal(403, "origin", sentence, said=knock.origin)
        if self.allow_open and _is_loopback(knock.peer) and _names_this_machine(knock.host):
            return _everything("open")
        if not self.jupyter_authenticates:
            raise Refusal(
                403,
                "closed",
                "This endpoint is closed because Jupyter runs without authentication: anybody who reaches it could "
                "already run code. Start Jupyter with its token or a password.",
            )
        return self._find_token(knock)

    def _find_token(self, knock: Knock) -> HostToken:
        secret = _bearer(knock.authorization)
        if secret is None:
            if knock.has_query_token:
                raise Refusal(
                    403, "token in URL", f"A token in the URL ends up in logs and is refused here. {_CREATE}."
                )
            raise Refusal(403, "no token", f"This endpoint needs a host token. {_CREATE}.")
        if self.jupyter_token and hmac.compare_digest(secret.encode(), self.jupyter_token.encode()):
            if self.accept_jupyter_token:
                return _everything("jupyter")
            sentence = f"This is Jupyter's own token, which may do everything; a host should get less. {_CREATE}."
            raise Refusal(403, "Jupyter token", sentence)
        token = self.tokens.find(secret) if secret.startswith(PREFIX) else None
        if token is None:
            raise Refusal(403, "unknown token", f"This host token is not known; perhaps it was revoked. {_CREATE}.")
        if token.has_expired():
            raise Refusal(403, "expired token", _say_expired(token), token=token.name)
        return token

    def check_reach(self, token: HostToken, published: str) -> None:
        """Check that a token opens the address at which it was presented.

        Args:
            token: which was let in.
            published: the name of the published server that the address stands for; empty for our own.

        Raises:
            Refusal: if it does not.
        """
        if published and not token.may_call(published):
            raise Refusal(
                403,
                "not published to",
                f"The host token {token.name!r} may not call the published server {published!r}. Make one that may, "
                f"where Jupyter runs: `mcp-notebook token create NAME --published {published}`.",
                token=token.name,
            )
        if not published and not token.scopes:
            raise Refusal(
                403,
                "published only",
                f"The host token {token.name!r} is for published servers ({', '.join(token.published)}) and opens "
                "nothing else.",
                token=token.name,
            )

    def find_fault(self, token: HostToken) -> str | None:
        """Say in a sentence why a token that was let in would not be let in now; None if it would."""
        if not token.digest:
            return None
        kept = self.tokens.find_again(token)
        if kept is None:
            return f"The host token {token.name!r} was revoked. {_CREATE}."
        return _say_expired(kept) if kept.has_expired() else None

    def _allows_origin(self, origin: str, host: str) -> bool:
        with suppress(ValueError):  # an origin may be any text, such as "http://[", which is no address
            if urlsplit(origin.lower()).netloc == host.lower():
                return True
        if self.allow_origin:
            return self.allow_origin in ("*", origin)
        return bool(self.allow_origin_pattern and re.match(self.allow_origin_pattern, origin))


def _bearer(authorization: str | None) -> str | None:
    """Return the credential of an `Authorization` header; Jupyter's own scheme `token` counts, to be told apart."""
    scheme, _, secret = (authorization or "").strip().partition(" ")
    return secret.strip() or None if scheme.lower() in ("bearer", "token") else None


def _say_expired(token: HostToken) -> str:
    return (
        f"The host token {token.name!r} expired on {token.expires:%Y-%m-%d %H:%M} UTC. "
        f"Run `mcp-notebook token renew {token.name}` where Jupyter runs."
    )


def _is_loopback(peer: str | None) -> bool:
    return peer is None or ip_address(peer.partition("%")[0]).is_loopback


def _names_this_machine(host: str) -> bool:
    """Return whether a `Host` header is what only this machine calls itself.

    Behind a proxy, every request comes from this machine; with remote access allowed, a page elsewhere may have its own
    name lead here (DNS rebinding). Neither says `localhost`.
    """
    with suppress(ValueError):
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ip_address(name).is_loopback
    return False


def _everything(name: str) -> HostToken:
    """Stand in for a host token where none is asked for."""
    return HostToken(
        name=name,
        digest="",
        scopes=frozenset(SCOPES),
        kernels=(),
        notebooks=(),
        created=datetime.now(UTC),
        expires=datetime.max.replace(tzinfo=UTC),
        published=("*",),
    )

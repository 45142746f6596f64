"""What is known of one message that passed on the wire, and which request it belongs to.

Knows JSON-RPC's ids and MCP's tokens. Refuses to know where messages are kept (`wire`) and how they are laid out
(`transcript`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Direction", "HTTPExchange", "Kind", "Message", "find_requests", "meta_of", "params_of"]

Direction = Literal["sent", "received"]

Kind = Literal["request", "notification", "result", "error", "invalid", "http"]
"""`invalid` is what came and is no JSON-RPC message; `http` is HTTP without one, such as the end of a session."""

_SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"

# They say nothing about MCP and differ from run to run.
_VOLATILE_HEADERS = frozenset({"date", "host", "content-length", "user-agent", "server", "connection", "keep-alive"})


@dataclass(frozen=True)
class HTTPExchange:
    """The HTTP around a message.

    Attributes:
        method: such as "POST".
        path: of the URL, without the query.
        request_headers: by lower-case name; secrets are hidden, and a session id is its number in this log.
        status: the HTTP status; None if there was no answer.
        response_headers: as `request_headers`.
    """

    method: str
    path: str
    request_headers: Mapping[str, str]
    status: int | None
    response_headers: Mapping[str, str]

    def to_json(self) -> dict[str, Any]:
        """Write it as a JSON value, without the headers that differ from run to run."""
        return {
            "method": self.method,
            "path": self.path,
            "request": _stable(self.request_headers),
            "response": _stable(self.response_headers),
            "status": self.status,
        }


def _stable(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in _VOLATILE_HEADERS}


@dataclass(frozen=True)
class Message:
    """One message of a log, as it was on the wire but for hidden secrets and the numbers of subscriptions.

    Attributes:
        server: the connection's name.
        number: counted from 1, both ways together, since the connection was opened; 0 for kind "http".
        direction: "sent" by this notebook, or "received".
        kind: what it is.
        method: of a request or notification; for an answer the one of its request; None where there is none.
        id: JSON-RPC's; None for notifications.
        under: the number of the request that it belongs to, as far as can be told; None if none.
        body: the message as a JSON value, or as text where it is no JSON; None where only its size is kept.
        size: bytes of its JSON.
        time: when it passed, in seconds since 1970.
        http: the HTTP around it; None on other transports, and for what came in an answer.
    """

    server: str
    number: int
    direction: Direction
    kind: Kind
    method: str | None
    id: int | str | None
    under: int | None
    body: Any
    size: int
    time: float
    http: HTTPExchange | None


class Passed(Protocol):
    """What relating messages needs to know of each."""

    number: int
    direction: Direction
    kind: Kind
    method: str | None
    id: int | str | None
    stream_of: int | None
    """The number of the message in whose HTTP answer it came; None if that is not known."""


def find_requests(passed: Iterable[tuple[Passed, Any]]) -> dict[int, int]:
    """Find the request that each message belongs to.

    Args:
        passed: messages with their bodies, oldest first.

    Returns:
        The request's number by the message's, for those that belong to one.
    """
    finder = _RequestFinder()
    found = ((message.number, finder.find(message, body)) for message, body in passed)
    return {number: request for number, request in found if request is not None}


class _RequestFinder:
    """Follows a log from its beginning, and says of each message whose it is."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[Direction, str], int] = {}
        self._by_token: dict[tuple[Direction, str], int] = {}
        self._requests: set[int] = set()
        self._waiting: set[int] = set()  # what this notebook asked and was not answered yet

    def find(self, message: Passed, body: Any) -> int | None:
        params = params_of(body)
        request = self._find_by_id(message, params)
        if request is None and message.stream_of in self._requests:
            request = message.stream_of
        if request is None and message.direction == "received" and len(self._waiting) == 1:
            request = next(iter(self._waiting))  # what else can the server be talking about
        if message.kind == "request":
            self._remember(message, params)
        return request

    def _find_by_id(self, message: Passed, params: Mapping[str, Any]) -> int | None:
        other: Direction = "received" if message.direction == "sent" else "sent"
        if message.kind in {"result", "error"}:
            return self._end(self._by_id.get((other, str(message.id))))
        if message.method == "notifications/cancelled":
            request = self._by_id.get((message.direction, str(params.get("requestId"))))
            return self._end(request) if message.direction == "sent" else request
        if message.method == "notifications/progress":
            return self._by_token.get((other, str(params.get("progressToken"))))
        return self._by_id.get((other, str(meta_of(params).get(_SUBSCRIPTION))))

    def _end(self, request: int | None) -> int | None:
        self._waiting.discard(request or 0)
        return request

    def _remember(self, message: Passed, params: Mapping[str, Any]) -> None:
        self._requests.add(message.number)
        self._by_id[message.direction, str(message.id)] = message.number
        token = meta_of(params).get("progressToken")
        if token is not None:
            self._by_token[message.direction, str(token)] = message.number
        if message.method == "initialize":  # a server that was asked for its era before has not answered, and will not
            self._waiting.clear()
        if message.direction == "sent" and message.method != "subscriptions/listen":  # answered when all is over
            self._waiting.add(message.number)


def params_of(body: Any) -> dict[str, Any]:
    """Give the params of a message; empty if it has none."""
    return _member(body, "params")


def meta_of(params: Any) -> dict[str, Any]:
    """Give the `_meta` of params or of a result; empty if it has none."""
    return _member(params, "_meta")


def _member(value: Any, name: str) -> dict[str, Any]:
    member = cast("dict[str, Any]", value).get(name) if isinstance(value, dict) else None
    return cast("dict[str, Any]", member) if isinstance(member, dict) else {}

"""The wire log: every JSON-RPC message of one connection, both ways, as records.

Knows how much is kept (the last messages, by count and by bytes) and what is hidden before anyone sees it: the secrets
of the connection, and what looks like one (`credentials`). Refuses to know transports, which call `add`, and how a log
is laid out (`transcript`).

A message is kept as the text that the SDK writes: that takes 3 microseconds, its size is known, and nobody can change
it afterwards. It is parsed when someone looks.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from mcp_notebook.credentials import hide_secrets
from mcp_notebook.messages import Direction, HTTPExchange, Kind, Message, find_requests
from mcp_notebook.transcript import to_frame, to_lines, to_records, to_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from mcp_notebook.display import Table

__all__ = ["Record", "WireLog", "hide"]

MAX_MESSAGES = 10_000
"""Messages of one connection that are kept: the last ones."""

MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one connection's messages that are kept."""

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
"""Of a larger message only the size is kept."""

_MAX_INVALID_CHARACTERS = 2000
_RECORD_BYTES = 500  # of memory, beside the text
_SHORTEST_SECRET = 4  # what is shorter, such as 1 or no, is everywhere and no secret
_HIDDEN = "***"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})
_SESSION_HEADER = "mcp-session-id"
_LISTEN_ID = re.compile(r'"(listen-\d+)"')


class JSONRPCModel(Protocol):
    """What the SDK's messages can do."""

    def model_dump_json(self, *, by_alias: bool, exclude_unset: bool) -> str:
        """Write the message as the transports do."""
        ...


class Headers(Protocol):
    """What the HTTP library's headers can do."""

    def multi_items(self) -> list[tuple[str, str]]:
        """Give all names and values."""
        ...


class Record:
    """One message as it passes; `WireLog.messages` makes a `Message` of it."""

    __slots__ = (
        "direction",
        "id",
        "kind",
        "method",
        "number",
        "request",
        "response",
        "size",
        "stream_of",
        "text",
        "time",
    )

    def __init__(self, number: int, direction: Direction, kind: Kind, text: str | None, size: int) -> None:
        self.number = number
        self.direction: Direction = direction
        self.kind: Kind = kind
        self.text = text
        self.size = size
        self.time = time.time()
        self.method: str | None = None
        self.id: int | str | None = None
        self.stream_of: int | None = None
        self.request: tuple[str, object, Headers] | None = None
        """HTTP's method, URL (written when someone looks) and headers."""
        self.response: tuple[int, Headers] | None = None
        """HTTP's status and headers."""

    @property
    def bytes_held(self) -> int:
        """About how much memory it takes."""
        return _RECORD_BYTES + (0 if self.text is None else len(self.text))


class WireLog:
    """The last messages of one connection.

    The loop thread adds to it; any thread may look.

    Args:
        server: the connection's name.

    Attributes:
        dropped: how many older messages are not kept any more.
        stderr: the last lines that a server wrote to its standard error, if it is a process of ours.
    """

    def __init__(self, server: str) -> None:
        self.server = server
        self.stderr: Collection[str] = ()
        self.dropped = 0
        self._ring: deque[Record] = deque()
        self._bytes = 0
        self._numbers = itertools.count(1)
        self._secrets: set[str] = set()
        self._secret_headers = set(_SECRET_HEADERS)
        self._session_ids: dict[str, str] = {}
        self._listen_ids: dict[str, str] = {}

    def hide(self, values: Iterable[str] = (), *, headers: Iterable[str] = ()) -> None:
        """Hide values wherever they occur, and whatever the named HTTP headers carry."""
        self._secrets.update(value for value in values if len(value) >= _SHORTEST_SECRET)
        self._secret_headers.update(name.lower() for name in headers)

    def add(self, direction: Direction, message: JSONRPCModel, stream_of: int | None = None) -> Record:
        """Keep a message.

        Args:
            direction: which way it passes.
            message: the SDK's.
            stream_of: the number of the message in whose HTTP answer it came; None if that is not known.
        """
        text = message.model_dump_json(by_alias=True, exclude_unset=True)
        size = len(text) if text.isascii() else len(text.encode())
        kept = text if size <= MAX_MESSAGE_BYTES else None
        members = vars(message)  # asking pydantic for what is not there takes longer than writing the text
        record = Record(next(self._numbers), direction, _kind(members), kept, size)
        record.method = members.get("method")
        record.id = self._relative(members.get("id"), record)
        record.stream_of = stream_of
        return self._keep(record)

    def _relative(self, request_id: Any, record: Record) -> Any:
        """Count subscriptions from 1 in each log, as it is to be the same in every run; the SDK counts by process."""
        if record.method == "subscriptions/listen":
            self._listen_ids[request_id] = f"listen-{len(self._listen_ids) + 1}"
        return self._listen_ids.get(request_id, request_id)

    def add_invalid(self, text: str) -> Record:
        """Keep the beginning of what came and is no message."""
        kept = text[:_MAX_INVALID_CHARACTERS]
        return self._keep(Record(next(self._numbers), "received", "invalid", kept, len(text.encode())))

    def add_http(self, after: int | None) -> Record:
        """Keep an HTTP request that carries no message; `after` is the number of the message that led to it.

        It is not counted: it may come before or after the next message.
        """
        record = Record(0, "sent", "http", None, 0)
        record.stream_of = after
        return self._keep(record)

    def _keep(self, record: Record) -> Record:
        self._ring.append(record)
        self._bytes += record.bytes_held
        while len(self._ring) > MAX_MESSAGES or self._bytes > MAX_BYTES:
            self._bytes -= self._ring.popleft().bytes_held
            self.dropped += 1
        return record

    @property
    def messages(self) -> list[Message]:
        """The messages that are kept, oldest first."""
        return self._to_messages(list(self._ring))  # one step for Python, so the loop thread cannot come between

    @property
    def passed(self) -> int:
        """How many messages have passed; those that are not kept any more, too."""
        return self.dropped + len(self._ring)

    def since(self, passed: int, most: int) -> list[Message]:
        """Give the last messages, oldest first; what each belongs to is known where that is among them.

        Args:
            passed: how many messages had passed before these; on the loop thread, which adds them.
            most: how many to give.
        """
        count = max(0, min(self.passed - passed, most))
        return self._to_messages(list(islice(reversed(self._ring), count))[::-1])

    def _to_messages(self, records: Sequence[Record]) -> list[Message]:
        bodies = [self._body(record) for record in records]
        under = find_requests(zip(records, bodies, strict=True))
        methods = {record.number: record.method for record in records if record.number}
        return [
            Message(
                server=self.server,
                number=record.number,
                direction=record.direction,
                kind=record.kind,
                method=record.method or methods.get(under.get(record.number, 0)),
                id=record.id,
                under=under.get(record.number) if record.number else record.stream_of,
                body=body,
                size=record.size,
                time=record.time,
                http=self._exchange(record),
            )
            for record, body in zip(records, bodies, strict=True)
        ]

    def _body(self, record: Record) -> Any:
        if record.text is None:
            return None
        body = record.text if record.kind == "invalid" else json.loads(self._renumbered(record.text))
        return hide_secrets(hide(body, self._secrets) if self._secrets else body)

    def _renumbered(self, text: str) -> str:
        if not self._listen_ids:
            return text
        return _LISTEN_ID.sub(lambda found: f'"{self._listen_ids.get(found[1], found[1])}"', text)

    def _exchange(self, record: Record) -> HTTPExchange | None:
        if record.request is None:
            return None
        method, url, sent = record.request
        status, received = record.response or (None, None)
        path = cast("str", hide(urlsplit(str(url)).path, self._secrets))
        return HTTPExchange(method, path, self._headers(sent), status, self._headers(received))

    def _headers(self, headers: Headers | None) -> dict[str, str]:
        items = [] if headers is None else headers.multi_items()
        return {name.lower(): self._header(name.lower(), value) for name, value in items}

    def _header(self, name: str, value: str) -> str:
        if name in self._secret_headers:
            return _HIDDEN
        if name == _SESSION_HEADER:
            return self._session_ids.setdefault(value, f"session {len(self._session_ids) + 1}")
        return cast("str", hide(value, self._secrets))

    def DataFrame(self, *, time: bool = False) -> pd.DataFrame:  # noqa: N802  as `Result.DataFrame`
        """Give the messages as a pandas data frame.

        Args:
            time: with the time of each; without it a notebook's output is the same in every run.
        """
        return to_frame(self.messages, time=time)

    def save(self, file: str | Path, *, time: bool = False) -> None:
        """Write the messages to a file, one JSON object a line, keys sorted; `time` as for `DataFrame`.

        Raises:
            OSError: the file cannot be written.
        """
        with open(file, "w", encoding="utf-8") as opened:  # noqa: PTH123  a person's path, as text or as Path
            opened.writelines(f"{line}\n" for line in to_lines(to_records(self.messages, time=time)))

    def __len__(self) -> int:
        return len(self._ring)

    def _table(self) -> Table:
        return to_table(self.messages, dropped=self.dropped)

    def __repr__(self) -> str:
        return repr(self._table())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self._table().to_mimebundle()


def _kind(members: Mapping[str, Any]) -> Kind:
    if "method" in members:
        return "request" if "id" in members else "notification"
    return "result" if "result" in members else "error"


def hide(value: Any, secrets: Iterable[str]) -> Any:
    """Replace secrets in every text of a JSON value, names of members too."""
    if isinstance(value, str):
        for secret in sorted(secrets, key=len, reverse=True):  # one may be part of another
            value = value.replace(secret, _HIDDEN)
        return value
    if isinstance(value, dict):
        return {hide(name, secrets): hide(one, secrets) for name, one in cast("dict[str, Any]", value).items()}
    return [hide(one, secrets) for one in cast("list[Any]", value)] if isinstance(value, list) else value

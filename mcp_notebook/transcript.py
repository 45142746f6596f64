"""A wire log laid out for people: as a table, as JSON lines, as a data frame.

Knows what is the same in every run: no clock unless asked for, numbers instead of ids, sorted keys, and each message
under its request, however several calls interleaved. Refuses to know where messages come from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.display import Table, View, one_line, text_view
from mcp_notebook.messages import params_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from mcp_notebook.messages import Message

__all__ = [
    "ARROWS",
    "Lines",
    "brief_body",
    "dump",
    "title_of",
    "to_frame",
    "to_lines",
    "to_raw",
    "to_records",
    "to_table",
]

MAX_SHOWN = 100
"""Messages that a table shows: the last ones."""

ARROWS = {"sent": "→", "received": "←"}
"""How the direction of a message is shown."""

_MAX_BODY = 100
_PLUMBING = frozenset({"_meta", "resultType", "ttlMs", "cacheScope", "isError"})  # in nearly every message


def to_table(messages: Sequence[Message], *, dropped: int = 0, several: bool = False, time: bool = False) -> Table:
    """Lay messages out one a row, each under its request.

    Args:
        messages: oldest first.
        dropped: how many came before them.
        several: they are of several servers, which are named.
        time: with the time of each.
    """
    shown = grouped(messages)[-MAX_SHOWN:]
    http = any(message.http for message in messages)
    columns = [*["server"] * several, "#", "", "message", "body", *["http"] * http, *["time"] * time]
    rows = [_row(message, columns, depth) for message, depth in shown]
    earlier = len(messages) - len(shown)
    if earlier + dropped:
        note = f"{earlier + dropped:,} earlier messages" + (f", {dropped:,} of them not kept" if dropped else "")
        note += ": see --df" if earlier else ""
        rows.insert(0, [note if column == "message" else "" for column in columns])
    return Table(columns, rows, max_rows=len(rows))


def grouped(messages: Sequence[Message]) -> list[tuple[Message, int]]:
    """Put each message below its request; also say how many requests stand above it."""
    by_key = {(message.server, message.number): message for message in messages if message.number}
    lineages = [_lineage(message, by_key) for message in messages]
    ordered = sorted(lineages, key=lambda one: (one[0].time, one[0].server, one[0].number))  # stable
    return [(lineage[-1], len(lineage) - 1) for lineage in ordered]


def _lineage(message: Message, by_key: dict[tuple[str, int], Message]) -> list[Message]:
    lineage = [message]
    while lineage[0].under is not None and (above := by_key.get((message.server, lineage[0].under))) is not None:
        lineage.insert(0, above)
    return lineage


def _row(message: Message, columns: Sequence[str], depth: int) -> list[Any]:
    cells: dict[str, Any] = {
        "server": message.server,
        "#": message.number or "",
        "": ARROWS[message.direction],
        "message": "↳ " * depth + title_of(message),
        "body": brief_body(message),
        "http": _brief_http(message),
        "time": _clock(message.time),
    }
    return [cells[column] for column in columns]


def title_of(message: Message) -> str:
    """Say in a few words what a message is."""
    if message.kind in {"result", "error"}:
        return f"{message.kind} of #{message.under or '?'}"
    if message.kind == "http":
        return f"HTTP {message.http.method}" if message.http else "HTTP"
    if message.kind == "invalid":
        return "no JSON-RPC message"
    return " ".join(filter(None, [message.method, _target(message)]))


def _target(message: Message) -> str:
    params = params_of(message.body)
    target = params.get("name", params.get("uri"))
    return one_line(target, 60) if isinstance(target, str) and message.kind == "request" else ""


def brief_body(message: Message) -> str:
    """Say in a few words what a message carries."""
    body = message.body
    if message.kind == "http":
        return ""
    if not isinstance(body, dict):
        return f"{message.size:,} bytes" if body is None else one_line(str(body), _MAX_BODY)
    body = cast("dict[str, Any]", body)
    value = body.get("params", body.get("result", body.get("error")))
    if not isinstance(value, dict):
        return ""
    hidden = {*_PLUMBING, *(("name", "uri") if _target(message) else ())}
    members = {name: one for name, one in cast("dict[str, Any]", value).items() if name not in hidden}
    if len(members) == 1 and "arguments" in members:
        members = members["arguments"]
    if "structuredContent" in members:
        members.pop("content", None)  # says the same again
    return one_line(_brief(members).removeprefix("{").removesuffix("}"), _MAX_BODY)


def _brief(value: Any) -> str:
    """Write a JSON value in few words: objects that have a name, or are a text, as just that."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        if isinstance(name := members.get("name"), str):
            return name
        if members.get("type") == "text":
            return _brief(members.get("text"))
        return "{" + ", ".join(f"{name}: {_brief(members[name])}" for name in sorted(members)) + "}"
    if isinstance(value, list):
        return ", ".join(_brief(one) for one in cast("list[Any]", value)[:_MAX_BODY])
    text = value if not isinstance(value, str) else value[: _MAX_BODY + 1]
    return json.dumps(text, ensure_ascii=False)


def _brief_http(message: Message) -> str:
    if message.http is None:
        # The modern era cancels by closing the answer's stream; the SDK writes this for transports that have no such.
        return "stream closed" if (message.direction, message.method) == ("sent", "notifications/cancelled") else ""
    kind = message.http.response_headers.get("content-type", "").partition(";")[0]
    return f"{message.http.status or 'no answer'} {kind.rpartition('/')[2]}".rstrip()


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def to_records(messages: Sequence[Message], *, time: bool = False) -> list[dict[str, Any]]:
    """Write messages as JSON values; `time` as in `to_table`."""
    return [_record(message, time=time) for message, _ in grouped(messages)]


def to_lines(records: Sequence[dict[str, Any]]) -> list[str]:
    """Write records as JSON, one a line, keys sorted."""
    return [dump(record) for record in records]


def _record(message: Message, *, time: bool) -> dict[str, Any]:
    record: dict[str, Any] = {"direction": message.direction, "message": message.body, "number": message.number}
    if message.body is None:
        record["size"] = message.size
    if message.under is not None:
        record["under"] = message.under
    if message.http is not None:
        record["http"] = message.http.to_json()
    if time:
        record["time"] = _clock(message.time)
    return record


def to_raw(messages: Sequence[Message], *, time: bool = False) -> list[str]:
    """Write the exact JSON of messages, one a line, and below each the HTTP around it; `time` as in `to_table`."""
    return [line for message, _ in grouped(messages)[-MAX_SHOWN:] for line in _raw(message, time=time)]


def _raw(message: Message, *, time: bool) -> Iterator[str]:
    clock = f" {_clock(message.time)}" if time else ""
    body = brief_body(message) if message.body is None else dump(message.body)
    yield f"{message.number or '-'}{clock} {ARROWS[message.direction]} {body}".rstrip()
    if message.http is not None:
        yield f"  HTTP {dump(message.http.to_json())}"


def dump(value: Any) -> str:
    """Write a JSON value on one line, keys sorted."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Lines:
    """Lines of text, shown as they are.

    Attributes:
        lines: without their ends.
    """

    lines: Sequence[str]

    def _view(self) -> View:
        return text_view("\n".join(self.lines), rest="%mcp log --save FILE writes all of it")

    def __repr__(self) -> str:
        return self._view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self._view().to_mimebundle()


def to_frame(messages: Sequence[Message], *, time: bool = False) -> pd.DataFrame:
    """Lay messages out as a pandas data frame, one a row; `time` as in `to_table`."""
    import pandas as pd  # noqa: PLC0415  a second to import, and only this needs it

    columns = ["server", "number", "direction", "kind", "method", "id", "under", "size", "status", "body"]
    rows = [[*(getattr(message, name) for name in columns[:-2]), None, message.body] for message in messages]
    frame = pd.DataFrame(rows, columns=columns)
    frame["under"] = pd.Series([message.under for message in messages], dtype="Int64")
    frame["status"] = pd.Series([message.http and message.http.status for message in messages], dtype="Int64")
    if time:
        frame["time"] = [datetime.fromtimestamp(message.time, UTC) for message in messages]
    return frame

"""What a page is told of the wire log: rows as messages pass, one exchange in full, what servers wrote to stderr.

Knows that a server may send faster than a page can take: rows go in batches, of which a page asks for a few at a time,
and what is too much is counted. So a page that is gone is sent nothing more.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from mcp_notebook.display import one_line, text_view
from mcp_notebook.errors import UnknownLog
from mcp_notebook.explorer.previews import preview_json, shown_text
from mcp_notebook.transcript import ARROWS, brief_body, title_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.explorer.room import Ask, Room, Said, Tell
    from mcp_notebook.messages import Message
    from mcp_notebook.wire import WireLog

__all__ = ["ASKS"]

MAX_BATCH = 500
"""Rows of one server in one batch; of more the last are sent, and the others counted."""

_BATCHES = 20
_SECONDS_BETWEEN = 0.25
_LONGEST_SECONDS = 60.0
_MOST_SHOWN = 30
_LARGE_BYTES = 64 * 1024
_SEEN = 30
_REST = "%mcp log --raw and --save have all of it"


async def _log(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Tell rows as messages pass, some batches of them; `marks` say how far the page has come."""
    marks = {name: str(mark) for name, mark in said.object("marks").items()}
    server, deadline = said.text("server"), asyncio.get_running_loop().time() + _LONGEST_SECONDS
    told = 0
    while told < _BATCHES and asyncio.get_running_loop().time() < deadline:
        batch = _next_batch(room, server, marks)
        if batch["rows"]:
            tell(batch)
            told += 1
        await asyncio.sleep(_SECONDS_BETWEEN)
    return {"marks": marks}


def _next_batch(room: Room, server: str, marks: dict[str, str]) -> dict[str, Any]:
    """Give what has passed since the marks, and move them on."""
    rows: list[list[Any]] = []
    skipped = 0
    for log in [one for one in room.host.logs.values() if server in ("", one.server)]:
        seen = _seen(log, marks)
        new = log.passed - seen
        messages = log.since(seen, MAX_BATCH)
        skipped += new - len(messages)
        marks[log.server] = f"{id(log):x} {log.passed}"
        rows.extend(map(_row, messages))
    if rows:
        lines = "\n".join(" ".join(map(str, row[1:6])) for row in rows[-_SEEN:])
        room.seen.put("Log", "The last messages", text_view(lines))
    rows.sort(key=lambda row: row[-1])
    return {"rows": rows, "skipped": skipped, "marks": dict(marks)}


def _seen(log: WireLog, marks: dict[str, str]) -> int:
    """Say how many messages of a log the page knows: none of a log that is new under its name."""
    identity, _, passed = marks.get(log.server, "").partition(" ")
    return int(passed) if identity == f"{id(log):x}" and passed.isdecimal() else 0


def _row(message: Message) -> list[Any]:
    """Write `[server, number, direction, kind, title, brief, bytes, seconds since 1970]`."""
    brief = brief_body(message) if message.size < _LARGE_BYTES else f"{message.size:,} bytes"
    shown_brief = one_line(brief, 120)
    return [
        message.server,
        message.number,
        ARROWS[message.direction],
        message.kind,
        one_line(title_of(message), 120),
        shown_brief,
        message.size,
        message.time,
    ]


async def _exchange(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give the request that a message belongs to, its answer, and what came between."""
    del tell
    log = _get_log(room, said.text("server"))
    messages = await run_sync(lambda: log.messages)
    message = next((one for one in messages if one.number == said.number("number")), None)
    if message is None:
        raise ValueError("This message is not kept any more")
    request = next((one for one in messages if one.number == message.under), message) if message.under else message
    under = [one for one in messages if one.under == request.number and one.number]
    answers = [one for one in under if one.kind in {"result", "error"}]
    between = [one for one in under if one not in answers]
    if message not in (request, *under):
        between.append(message)
    return {
        "request": _full(request),
        "answers": [_full(one) for one in answers[:_MOST_SHOWN]],
        "between": [_full(one) for one in between[-_MOST_SHOWN:]],
        "more": max(0, len(between) - _MOST_SHOWN),
    }


def _full(message: Message) -> dict[str, Any]:
    body = f"{message.size:,} bytes, which are not kept" if message.body is None else preview_json(message.body, _REST)
    return {
        "number": message.number,
        "title": f"{ARROWS[message.direction]} {one_line(title_of(message), 120)}",
        "body": body,
        "http": "" if message.http is None else preview_json(message.http.to_json()),
    }


async def _stderr(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give the last lines that a server wrote to stderr."""
    del tell
    lines: Sequence[str] = list(_get_log(room, said.text("server")).stderr)
    return {"text": shown_text("\n".join(lines), 50_000)}


def _get_log(room: Room, server: str) -> WireLog:
    if server not in room.host.logs:
        raise UnknownLog(server, room.host.logs)
    return room.host.logs[server]


ASKS: dict[str, Ask] = {"log": _log, "exchange": _exchange, "stderr": _stderr}

"""Messages of a kernel as they come off the wire, and how little of a huge one is looked at.

Knows Jupyter's wire format (signature, header, parent header, metadata, content). Refuses to know sockets, and what the
messages mean.

One `print` can be one message of 135 MB. Parsing that takes half a second in which nothing else of the Jupyter server
moves, so of a huge stream only the beginning and the end are read, as bytes, and other huge messages not at all.

Headers are parsed by what parses the requests of MCP (2 us each, instead of 8; measured); the person's content by
Python, which takes whatever characters Jupyter lets pass.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_client.session import DELIM, Session
from pydantic_core import from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    import zmq

__all__ = ["LARGE", "Message", "find_parts", "size_of", "unpack"]

LARGE = 256 * 1024
"""Bytes from which on a message is not worked on beside everything else, but in a thread."""

_HUGE = 4 * 1024 * 1024
_HUGE_STREAM = 512 * 1024
_ENDS = 256 * 1024
"""Bytes that are read of each end of a huge stream."""

_BEFORE_TEXT = re.compile(rb'\s*\{(?:\s*"name"\s*:\s*"(?P<name>\w*)"\s*,)?\s*"text"\s*:\s*"')
_AFTER_TEXT = re.compile(rb'"\s*(?:,\s*"name"\s*:\s*"(?P<name>\w*)"\s*)?\}\s*$')
_LONGEST_ESCAPE = 12
"""Bytes: two \\u escapes are one character."""


@dataclass(frozen=True)
class Message:
    """One message.

    Attributes:
        kind: its type.
        parent: id of the request that it belongs to; empty if it belongs to none.
        parent_kind: type of that request.
        content: as Jupyter's documentation has it; of a huge stream `text` is the beginning, `end` the end and
            `left_out` the number of bytes between; of another huge message only `left_out`.
    """

    kind: str
    parent: str
    parent_kind: str
    content: dict[str, Any]


def find_parts(frames: Sequence[zmq.Frame]) -> Sequence[zmq.Frame]:
    """Return the frames from the signature on: header, parent header, metadata, content; none if it is no message."""
    for place, frame in enumerate(frames):
        if frame.bytes == DELIM:
            parts = frames[place + 1 :]
            return parts if len(parts) >= 5 else ()  # noqa: PLR2004 - the five named above
    return ()


def size_of(parts: Sequence[zmq.Frame]) -> int:
    """Return the bytes of a message's content."""
    return len(parts[4])


def unpack(session: Session, parts: Sequence[zmq.Frame]) -> Message | None:
    """Return a message; None if its signature is not the kernel's, or it is none.

    Args:
        session: whose key signs.
        parts: as from `find_parts`.
    """
    signature, *signed = parts[:5]
    if session.auth is not None and not hmac.compare_digest(_sign(session, signed), signature.bytes):
        return None
    try:
        header, parent = from_json(signed[0].bytes), from_json(signed[1].bytes)
        content = _unpack_content(header["msg_type"], signed[3])
        return Message(header["msg_type"], parent.get("msg_id", ""), parent.get("msg_type", ""), content)
    except (ValueError, KeyError, AttributeError):
        return None


def _sign(session: Any, signed: Sequence[zmq.Frame]) -> bytes:
    return session.sign([frame.buffer for frame in signed])


def _unpack_content(kind: str, frame: zmq.Frame) -> dict[str, Any]:
    raw = frame.buffer
    if kind == "stream" and len(raw) > _HUGE_STREAM:
        return _cut_stream(raw) or {"name": "stdout", "text": "", "end": "", "left_out": len(raw)}
    if len(raw) > _HUGE:
        return {"left_out": len(raw)}
    return json.loads(frame.bytes)


def _cut_stream(raw: memoryview) -> dict[str, Any] | None:
    """Return the two ends of a stream message; None if it is not written as Jupyter writes it."""
    first, last = bytes(raw[: _ENDS + _LONGEST_ESCAPE]), bytes(raw[-_ENDS - _LONGEST_ESCAPE :])
    before, after = _BEFORE_TEXT.match(first), _AFTER_TEXT.search(last, len(last) - 200)
    if before is None or after is None:
        return None
    head, head_size = _read_json_text(first[before.end() : _ENDS], from_start=True)
    tail, tail_size = _read_json_text(last[: after.start()], from_start=False)
    name = before["name"] or after["name"] or b"stdout"
    left_out = len(raw) - before.end() - head_size - tail_size - (len(last) - after.start())
    return {"name": name.decode(), "text": head, "end": tail, "left_out": left_out}


def _read_json_text(raw: bytes, *, from_start: bool) -> tuple[str, int]:
    """Return a part of a JSON string that may be cut in the middle of a character, and how many bytes were read."""
    for less in range(_LONGEST_ESCAPE + 1):
        part = raw[: len(raw) - less] if from_start else raw[less:]
        try:
            return json.loads(b'"' + part + b'"'), len(part)
        except ValueError:
            continue
    return "", 0

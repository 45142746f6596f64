"""JSON-RPC in HTTP, as the bridge sees it pass: which message a request carries, and where an event ends.

Knows bytes. Refuses to know when a stream breaks and what then (`reconnection`).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

import httpx2
from mcp_types import CONNECTION_CLOSED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

__all__ = ["EventStream", "answer_error", "find_event_ids", "make_event", "read_message", "whole_events"]

_END_OF_EVENT = re.compile(rb"\r?\n\r?\n")
_EVENT_ID = re.compile(rb"^id: ?(.*?)\r?$", re.MULTILINE)


class EventStream(httpx2.AsyncByteStream):
    """The body of a response.

    Args:
        chunks: yields it.
        response: the one that it begins with.
    """

    def __init__(self, chunks: AsyncIterator[bytes], response: httpx2.Response) -> None:
        self._chunks = chunks
        self.response = response

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._chunks

    async def aclose(self) -> None:
        """Stop reading, and give the connection back."""
        await cast("Any", self._chunks).aclose()
        await self.response.aclose()


async def whole_events(response: httpx2.Response) -> AsyncIterator[bytes]:
    """Yield a stream's bytes up to the end of an event each: what breaks off in the middle of one never was."""
    held = bytearray()
    async for chunk in cast("httpx2.AsyncByteStream", response.stream):
        begin = max(0, len(held) - 3)
        held += chunk
        ends = [match.end() for match in _END_OF_EVENT.finditer(held, begin)]
        if ends:
            yield bytes(held[: ends[-1]])
            del held[: ends[-1]]
    if held:
        yield bytes(held)


def find_event_ids(events: bytes) -> list[bytes]:
    """Return the ids of events, in their order."""
    return _EVENT_ID.findall(events)


def read_message(request: httpx2.Request) -> Mapping[str, Any]:
    """Return the JSON-RPC message of a request; an empty one if it has none."""
    message: Any = json.loads(request.content) if request.content else {}
    return cast("dict[str, Any]", message) if isinstance(message, dict) else {}


def _make_error(identifier: object, sentence: str) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": identifier, "error": {"code": CONNECTION_CLOSED, "message": sentence}})


def answer_error(sentence: str) -> httpx2.Response:
    """Make the answer to a request that reached nobody; the SDK's transport puts the request's id in."""
    return httpx2.Response(503, headers={"Content-Type": "application/json"}, text=_make_error(None, sentence))


def make_event(message: Mapping[str, Any], sentence: str) -> bytes:
    """Make the event that answers a request whose answer is lost."""
    return f"event: message\ndata: {_make_error(message.get('id'), sentence)}\n\n".encode()

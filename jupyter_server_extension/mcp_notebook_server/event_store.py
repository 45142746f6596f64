"""Keeps events of legacy sessions, so that a broken stream can be resumed, each session's for itself.

Knows that the SDK gives one store to all sessions and tells it only the request's id, which two sessions share as soon
as both count from 1: with the plain pattern one session's `Last-Event-ID` brought another session's result (measured;
facts, protocol.md). So each session has a key of its own, held in a context variable that the door sets before it hands
a request on; the SDK's tasks inherit it. Refuses to know HTTP.
"""

from __future__ import annotations

import re
import secrets
from collections import OrderedDict, deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mcp.server.streamable_http import EventCallback, EventMessage, EventStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_types import JSONRPCMessage

__all__ = ["SESSION_KEY", "SessionEventStore", "SessionKeys"]

SESSION_KEY: ContextVar[object | None] = ContextVar("mcp_notebook_session_key", default=None)
"""The session in which the current request is served; None in the modern era, which has none."""


@dataclass
class _Stream:
    name: str
    stream_id: str
    events: deque[tuple[int, JSONRPCMessage | None, int]] = field(
        default_factory=deque["tuple[int, JSONRPCMessage | None, int]"], repr=False
    )


class SessionEventStore(EventStore):
    """An event store in memory whose event ids name one stream of one session and cannot be guessed.

    Args:
        events: how many events are kept of each stream.
        streams: how many streams are kept; the longest unused goes first.
        size: how many bytes of messages are kept, of all streams together.
    """

    def __init__(self, events: int = 256, streams: int = 4096, size: int = 32_000_000) -> None:
        self._most_events = events
        self._most_streams = streams
        self._most_bytes = size
        self._bytes = 0
        self._streams: OrderedDict[tuple[object | None, str], _Stream] = OrderedDict()
        self._by_name: dict[str, tuple[object | None, str]] = {}
        self._count = 0

    async def store_event(self, stream_id: str, message: JSONRPCMessage | None) -> str:
        """Keep `message` (None: the event that only carries an id) and return its event id."""
        place = (SESSION_KEY.get(), stream_id)
        stream = self._streams.get(place)
        if stream is None:
            stream = _Stream(secrets.token_urlsafe(12), stream_id)
            self._streams[place] = stream
            self._by_name[stream.name] = place
        self._streams.move_to_end(place)
        self._count += 1
        size = 0 if message is None else len(message.model_dump_json())
        stream.events.append((self._count, message, size))
        self._bytes += size
        if len(stream.events) > self._most_events:
            self._bytes -= stream.events.popleft()[2]
        while len(self._streams) > self._most_streams or self._bytes > self._most_bytes:
            self._forget(next(iter(self._streams)))
        return f"{stream.name}.{self._count}"

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        """Send again what came after `last_event_id` on its stream, in the session that asks, and no other's.

        Returns:
            The stream's id, or None if this session has no such event.
        """
        name, _, number = last_event_id.rpartition(".")
        place = self._by_name.get(name)
        if place is None or place[0] is not SESSION_KEY.get() or not re.fullmatch(r"[0-9]{1,18}", number):
            return None
        stream = self._streams[place]
        for count, message, _ in list(stream.events):
            if count > int(number) and message is not None:
                await send_callback(EventMessage(message, f"{name}.{count}"))
        return stream.stream_id

    def forget_session(self, key: object) -> None:
        """Forget what is kept of the session with the key `key`."""
        for place in [each for each in self._streams if each[0] is key]:
            self._forget(place)

    def _forget(self, place: tuple[object | None, str]) -> None:
        stream = self._streams.pop(place)
        del self._by_name[stream.name]
        self._bytes -= sum(size for _, _, size in stream.events)


class SessionKeys:
    """Which key belongs to which `Mcp-Session-Id`.

    Args:
        store: forgets what it keeps of a session that ends.
        limit: how many are remembered; the longest unused is forgotten first, and can then no longer be resumed.
        tell: is told of each session that is forgotten, by its id.
    """

    def __init__(
        self, store: SessionEventStore, limit: int = 10_000, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._store = store
        self._tell = tell
        self._limit = limit
        self._keys: OrderedDict[str, object] = OrderedDict()

    def enter(self, session_id: str | None) -> object:
        """Set the key for a request of the session `session_id` (None: a session that opens), and return it."""
        key = None if session_id is None else self._keys.get(session_id)
        if session_id is None or key is None:
            key = object()
        else:
            self._keys.move_to_end(session_id)
        SESSION_KEY.set(key)
        return key

    def learn(self, session_id: str, key: object) -> None:
        """Remember that the session that opened under `key` is called `session_id`."""
        self._keys[session_id] = key
        while len(self._keys) > self._limit:
            self.forget(next(iter(self._keys)))

    def forget(self, session_id: str) -> None:
        """Forget an ended session, and its events."""
        key = self._keys.pop(session_id, None)
        if key is not None:
            self._store.forget_session(key)
            self._tell(session_id)

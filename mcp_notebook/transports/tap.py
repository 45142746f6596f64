"""A tap: two streams that do what a transport's do and tell the wire log what passes.

Knows the SDK's stream protocol. Refuses to change anything that passes. Belongs on the loop thread.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Self

import anyio

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mcp.client._transport import ReadStream, TransportStreams, WriteStream
    from mcp.shared.message import SessionMessage

    from mcp_notebook.wire import Record, WireLog

__all__ = ["carried", "tap"]

carried: ContextVar[Record | None] = ContextVar("carried", default=None)
"""The message that an HTTP request carries: the SDK's streams take the sender's context variables along."""


def tap(streams: TransportStreams, log: WireLog, on_end: Callable[[], None] | None = None) -> TransportStreams:
    """Wrap a transport's streams.

    Args:
        streams: where messages come from, and where they go.
        log: gets each message.
        on_end: called when no more messages will come; None if nobody needs to know.
    """
    read, write = streams
    return _TappedRead(read, log, on_end), _TappedWrite(write, log)


class _TappedRead:
    """Where messages come from."""

    def __init__(
        self, inner: ReadStream[SessionMessage | Exception], log: WireLog, on_end: Callable[[], None] | None
    ) -> None:
        self._inner = inner
        self._log = log
        self._on_end = on_end

    @property
    def last_context(self) -> Any:
        # The SDK looks for this: it carries the sender's context variables to the handlers.
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        try:
            item = await self._inner.receive()
        except (anyio.EndOfStream, anyio.ClosedResourceError):
            if self._on_end is not None:
                self._on_end()
            raise
        if isinstance(item, Exception):
            self._log.add_invalid(_text_of(item))
        else:
            self._log.add("received", item.message, self._find_stream())
        return item

    def _find_stream(self) -> int | None:
        context = self.last_context
        record = None if context is None else context.get(carried)
        return record and record.number

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> ReadStream[SessionMessage | Exception]:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(exc_type, exc_val, exc_tb)


class _TappedWrite:
    """Where messages go."""

    def __init__(self, inner: WriteStream[SessionMessage], log: WireLog) -> None:
        self._inner = inner
        self._log = log

    async def send(self, item: SessionMessage, /) -> None:
        token = carried.set(self._log.add("sent", item.message))
        try:
            await self._inner.send(item)
        finally:
            carried.reset(token)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None:
        return await self._inner.__aexit__(exc_type, exc_val, exc_tb)


def _text_of(error: Exception) -> str:
    """Give what could not be read: pydantic's errors have it; others say it."""
    errors = getattr(error, "errors", None)
    if callable(errors):
        details: Any = errors(include_url=False)
        return str(details[0].get("input", error)) if details else str(error)
    return str(error)

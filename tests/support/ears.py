"""A host that subscribes, in either era, and what it hears."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Any

from mcp.client.subscriptions import SubscriptionLost
from mcp_types import (
    EmptyResult,
    ResourceUpdatedNotification,
    SubscribeRequest,
    SubscribeRequestParams,
    UnsubscribeRequest,
    UnsubscribeRequestParams,
)

from support.mcp import Host, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp import StdioServerParameters


class Ear:
    """What one host hears.

    Attributes:
        host: for calls beside it.
        honoured: the addresses that the server follows for it.
        ended: is set when the stream has ended; never in the legacy era.
    """

    host: Host

    def __init__(self) -> None:
        self._heard: queue.Queue[str] = queue.Queue()
        self.honoured: list[str] = []
        self.ended = threading.Event()

    def next(self, seconds: float = 20) -> str:
        """The address of the next notification, which must come in time."""
        return self._heard.get(timeout=seconds)

    def until(self, uri: str) -> None:
        """Wait for a notification about an address, whatever comes before."""
        while self.next() != uri:
            pass

    def drain(self) -> list[str]:
        """What has come so far."""
        found: list[str] = []
        with contextlib.suppress(queue.Empty):
            while True:
                found.append(self._heard.get_nowait())
        return found

    async def hear(self, message: Any) -> None:
        if isinstance(message, ResourceUpdatedNotification):
            self._heard.put(str(message.params.uri))

    def subscribe(self, uri: str) -> None:
        """Follow one address more, in the legacy era."""
        request = SubscribeRequest(params=SubscribeRequestParams(uri=uri))
        self.host.portal.call(self.host.client.session.send_request, request, EmptyResult)
        self.honoured.append(uri)

    def unsubscribe(self, uri: str) -> None:
        """Follow it no longer, in the legacy era."""
        request = UnsubscribeRequest(params=UnsubscribeRequestParams(uri=uri))
        self.host.portal.call(self.host.client.session.send_request, request, EmptyResult)

    async def listen(self, uris: tuple[str, ...], ready: threading.Event) -> None:
        """Follow addresses until the stream ends, in the modern era."""
        try:
            async with self.host.client.listen(resource_subscriptions=uris) as stream:
                self.honoured = list(stream.honored.resource_subscriptions or ())
                ready.set()
                async for event in stream:
                    self._heard.put(getattr(event, "uri", ""))
        except SubscriptionLost:
            pass
        finally:
            self.ended.set()
            ready.set()


@contextlib.contextmanager
def follow(url: str | StdioServerParameters, token: str | None, mode: str, *uris: str) -> Iterator[Ear]:
    """Connect a host and follow some addresses."""
    ear = Ear()
    options = {"message_handler": ear.hear} if mode == "legacy" else {}
    with connect(url, token, mode=mode, **options) as host:
        ear.host = host
        if mode == "legacy":
            for uri in uris:
                ear.subscribe(uri)
            yield ear
            return
        ready = threading.Event()
        listening = host.portal.start_task_soon(ear.listen, uris, ready)
        if not ready.wait(20):
            raise TimeoutError("the stream was not acknowledged")
        try:
            yield ear
        finally:
            listening.cancel()


def rouse(ear: Ear, uri: str, change: Callable[[], object]) -> None:
    """Make changes until one is heard: in the legacy era the SDK's client opens its stream some time after it is ready.

    Args:
        ear: that is to hear.
        uri: of what changes.
        change: makes one.
    """
    for _ in range(60):
        change()
        with contextlib.suppress(queue.Empty):
            if ear.next(0.5) == uri:
                return
    raise TimeoutError(f"nothing was heard of {uri}")

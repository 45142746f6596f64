"""Tells those who look at a list that it has changed, without anybody asking again and again.

Knows who looks. Refuses to know what changed: who is woken reads the list, so changes that come fast are one change.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ["Changes"]


class Changes:
    """Wakes its watchers; belongs to the Jupyter server's event loop.

    Args:
        settle_seconds: between two changes that a watcher is told of: a hundred that come at once are few.
    """

    def __init__(self, settle_seconds: float = 0.1) -> None:
        self._settle_seconds = settle_seconds
        self._watchers: set[asyncio.Event] = set()
        self._closed = False

    def tell(self) -> None:
        """Wake all who watch."""
        for watcher in self._watchers:
            watcher.set()

    def close(self) -> None:
        """End all watches."""
        self._closed = True
        self.tell()

    async def watch(self, idle_seconds: float | None = None) -> AsyncGenerator[bool]:
        """Yield True at once and after each change until the end, and False whenever nothing changed for a while.

        Args:
            idle_seconds: how long that while is; None waits for a change for ever.
        """
        woken = asyncio.Event()
        woken.set()
        told = -self._settle_seconds
        self._watchers.add(woken)
        try:
            while not self._closed:
                try:
                    async with asyncio.timeout(idle_seconds):
                        await woken.wait()
                except TimeoutError:
                    yield False
                    continue
                await asyncio.sleep(max(0.0, told + self._settle_seconds - time.monotonic()))
                woken.clear()
                told = time.monotonic()
                yield True
        finally:
            self._watchers.discard(woken)

"""A crowd of requests that arrives at once begins a few at a time, so that Jupyter answers others in between.

Knows the event loop, which runs all that is ready before it looks at anything new: a hundred requests of half a
millisecond each would keep `/api` waiting for fifty (seen). Refuses to know requests.
"""

from __future__ import annotations

import asyncio

__all__ = ["Turns"]

_MOST = 4


class Turns:
    """Belongs to the Jupyter server's event loop."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(_MOST)

    async def take(self) -> None:
        """Wait until it is this one's turn; a request that comes alone does not wait."""
        await self._free.acquire()
        asyncio.get_running_loop().call_soon(self._free.release)

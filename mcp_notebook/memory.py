"""Answers of a server that are kept for as long as it says that they are fresh (2026-07-28: `ttlMs`, `cacheScope`).

Knows that an answer came from here, which a person must be able to see. What is kept, for how long and until which
change is the SDK's business. Belongs on the loop thread.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from typing import TYPE_CHECKING

from mcp.client.caching import CacheConfig, InMemoryResponseCacheStore

if TYPE_CHECKING:
    from mcp.client.caching import CacheEntry, CacheKey

__all__ = ["new_cache", "served"]

served: ContextVar[list[str] | None] = ContextVar("served", default=None)
"""Set it to a list before a request, in the same task: the methods whose answers were kept ones are added."""

_MOST = 256


class _Memory(InMemoryResponseCacheStore):
    """The answers of one session."""

    async def get(self, key: CacheKey) -> CacheEntry | None:
        """Give an answer; see the SDK."""
        entry, found = await super().get(key), served.get()
        if entry is not None and found is not None and (entry.expires_at or 0) > time.time():
            found.append(key.method)
        return entry


def new_cache(server: str) -> CacheConfig:
    """Make the cache of one session: of one person, whatever a server says of sharing.

    Args:
        server: the connection's name.
    """
    return CacheConfig(store=_Memory(max_entries=_MOST), partition="this notebook", target_id=server)

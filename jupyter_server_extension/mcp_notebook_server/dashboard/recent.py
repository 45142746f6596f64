"""The calls that hosts made last, for the page; the whole record is in the audit's file.

Knows how many are kept, in memory only. Refuses to know what a record says.
"""

from __future__ import annotations

from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.access.changes import Changes

__all__ = ["RecentCalls"]

_MOST = 50


class RecentCalls:
    """A sink of the audit.

    Args:
        changes: is told of each call.
    """

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._calls: deque[dict[str, Any]] = deque(maxlen=_MOST)
        self._ids = count()

    def add(self, facts: Mapping[str, Any]) -> None:
        """Remember the record of a call."""
        self._calls.appendleft({"id": str(next(self._ids)), **facts})
        self._changes.tell()

    def list(self) -> list[dict[str, Any]]:
        """Return what is remembered, the latest first."""
        return list(self._calls)

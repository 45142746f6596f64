"""Whether a front end is connected to a kernel: Jupyter's only sign that a notebook is open which nobody shares live.

Knows that behind a gateway our own connections are counted with theirs, by the gateway, and that Jupyter's number of
such a kernel is as old as the last time that somebody asked. Refuses to know what follows from it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from mcp_notebook_server.liveness import is_behind_gateway

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

__all__ = ["count_as_ours", "has_front_end"]

_CLOSING_SECONDS = 1.0
"""For which a gateway may still count a connection of ours that has been closed."""


@dataclass
class _Ours:
    """Connections to one kernel that a gateway counts and no front end made."""

    open: set[object] = field(default_factory=set[object])
    closed_at: float = -inf
    """When the last one was closed, by the monotonic clock."""


_ours: WeakKeyDictionary[Any, _Ours] = WeakKeyDictionary()
"""By Jupyter's manager of each kernel."""


@contextlib.contextmanager
def count_as_ours(kernel: Any) -> Generator[None]:
    """Have one connection to a kernel behind a gateway not count as a front end's.

    Args:
        kernel: Jupyter's manager of it. The kernel has been heard on the connection: before that the gateway may not
            have counted it, and another's would be left out in its place.
    """
    ours, connection = _ours.setdefault(kernel, _Ours()), object()
    ours.open.add(connection)
    try:
        yield
    finally:
        ours.open.discard(connection)
        ours.closed_at = time.monotonic()


async def has_front_end(kernel: Any, model: Mapping[str, Any]) -> bool:
    """Return whether a front end is connected to a kernel.

    Args:
        kernel: Jupyter's manager of it.
        model: Jupyter's, of the kernel.
    """
    if not is_behind_gateway(kernel):
        return bool(model["connections"])
    ours = _ours.setdefault(kernel, _Ours())
    while await _counts_others(kernel, ours):
        if time.monotonic() > ours.closed_at + _CLOSING_SECONDS:
            return True
        await asyncio.sleep(_CLOSING_SECONDS / 10)
    return False


async def _counts_others(kernel: Any, ours: _Ours) -> bool:
    before = frozenset(ours.open)
    model = await kernel.refresh_model()
    surely_counted = before & ours.open
    return model is not None and model["connections"] > len(surely_counted)

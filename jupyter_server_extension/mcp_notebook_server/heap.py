"""Keeps the Jupyter server from standing still while Python looks for garbage.

Knows that a full collection looks at every object there is, and stops everything meanwhile: a quarter of a second with
what is imported, and as much again for 500 open sessions of the SDK (500 objects each; measured). So what is there to
stay is frozen: it is looked at no more. What of it ends is garbage that waits, and is collected when much has gone and
nobody is at work. Refuses to know what is open; it is told how much.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Heap"]

_STEP = 50
"""So many more sessions are worth freezing; until then a full collection takes some 25 ms for them."""

_MANY = 200
"""So many that have ended, some 20 MB of garbage, are worth a collection when nobody would notice it."""

_MOST = 2000
"""So many that have ended are collected at once."""


class Heap:
    """The objects of this process.

    Args:
        is_calm: whether nobody would notice that the Jupyter server stops for a moment.
    """

    def __init__(self, is_calm: Callable[[], bool]) -> None:
        self._is_calm = is_calm
        self._held = 0
        self._least = 0
        self._gone = 0

    def start(self) -> None:
        """Freeze what there is, all of which was imported or made to stay."""
        gc.freeze()

    def follow(self, held: int) -> bool:
        """Freeze as more is open, and collect when much of it has gone.

        Args:
            held: how many sessions and streams are open now.

        Returns:
            Whether there is something left to collect, and so to be called for again.
        """
        self._gone += max(0, self._held - held)
        self._held, self._least = held, min(held, self._least)
        if self._gone >= _MOST or (self._gone >= _MANY and self._is_calm()):
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._gone, self._least = 0, held
        elif held >= self._least + _STEP:
            gc.freeze()
            self._least = held
        return self._gone >= _MANY

"""Holds one async context manager open for as long as the Jupyter server lives.

Knows that anyio's cancel scopes must be left in the task that entered them, so both happen in one task of its own.
Refuses to know what it holds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

__all__ = ["Lifespan"]


class Lifespan:
    """Enters a context manager at `start` and leaves it at `stop`, both in the same task.

    Args:
        enter: makes the context manager; called once.
    """

    def __init__(self, enter: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        self._enter = enter
        self._entered = asyncio.Event()
        self._leave = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Enter; an exception on the way in is raised here."""
        self._task = asyncio.create_task(self._hold())
        entered = asyncio.create_task(self._entered.wait())
        await asyncio.wait({entered, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            entered.cancel()
            self._task.result()

    async def stop(self) -> None:
        """Leave, and wait until that is done; does nothing if it never started."""
        if self._task is not None:
            self._leave.set()
            await self._task

    async def _hold(self) -> None:
        async with self._enter():
            self._entered.set()
            await self._leave.wait()

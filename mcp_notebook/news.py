"""Wakes those who show how the servers of this notebook stand: one was connected, is gone, or waits for an answer.

Knows who waits. Refuses to know what is different: who is woken looks, so several things that come at once are one.
Told from any thread; heard in coroutines.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["hear_news", "tell_news"]

_listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_listeners.clear)  # their loops belong to the parent


def tell_news() -> None:
    """Wake all who wait: something is different now."""
    for listener, loop in list(_listeners.items()):
        with suppress(RuntimeError):  # its loop has been closed
            loop.call_soon_threadsafe(listener.set)


@contextmanager
def hear_news() -> Generator[asyncio.Event]:
    """Give an event that is set by all that is told while in this context; who has looked clears it."""
    listener = asyncio.Event()
    _listeners[listener] = asyncio.get_running_loop()
    try:
        yield listener
    finally:
        del _listeners[listener]

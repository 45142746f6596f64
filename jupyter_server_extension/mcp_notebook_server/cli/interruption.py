"""Signals that want an end: taken as KeyboardInterrupt, and kept waiting where an end would leave something behind.

Knows signals of the main thread. Refuses to know what is interrupted.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

__all__ = ["Interruption", "hold_signals"]

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruption:
    """Turns the first signal that wants an end into KeyboardInterrupt, and ignores those that come while we tidy up."""

    def __enter__(self) -> None:
        self._before = {number: signal.signal(number, self._interrupt) for number in _SIGNALS}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _interrupt(self, _: int, __: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt


@contextmanager
def hold_signals() -> Generator[None]:
    """Keep signals waiting until the body has ended: a process that starts must be known before it can be ended."""
    if threading.current_thread() is not threading.main_thread():  # where no signal is taken
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came:
            signal.raise_signal(number)

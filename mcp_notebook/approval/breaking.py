"""A person's typing, broken off when it is not wanted any more: the time is over, or a click was quicker.

Knows that `input()` on the main thread ends only by a line or an interrupt. Refuses to know what is typed.
"""

from __future__ import annotations

import _thread
import signal
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Breakable"]

T = TypeVar("T")


class Breakable:
    """Something that runs on the main thread and can be ended from another one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs = False
        self._broken = False

    def run(self, function: Callable[[], T]) -> T | None:
        """Call a function that waits for the person; None if it was broken off. Main thread only.

        Raises:
            KeyboardInterrupt: it was the person who interrupted.
        """
        try:
            with self._lock:
                if self._broken:
                    return None
                self._runs = True
            try:
                return function()
            finally:
                with self._lock:
                    self._runs = False
        except KeyboardInterrupt:
            if not self._broken:
                raise
            return None

    def break_off(self) -> None:
        """End what runs, and what would run from now on. From another thread."""
        with self._lock:
            self._broken = True
            if self._runs:
                _interrupt_main_thread()


def _interrupt_main_thread() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # ends a read from a terminal, too
    else:
        _thread.interrupt_main()

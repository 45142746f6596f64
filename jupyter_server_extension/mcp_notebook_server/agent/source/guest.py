"""How the agent behaves beside a running cell: little work at a time, paid back with sleep.

Knows time and whether the main thread is at work. Refuses to know what the work is.

A thread that computes beside a cell takes Python's lock away from it: a cell of small numpy operations, which drops the
lock at each of them, keeps 0.2 % of its speed beside a busy thread. So while a cell runs, work comes in slices of less
than a millisecond, and the processor time that a slice took is slept nine times before the next one, for all
connections together. The wait comes before the next piece of work and not after the last one, so a host that
asks now and then never waits.

Whether a cell runs is seen from outside: the main thread of an idle kernel stands in its event loop's `select`. That
needs no hook in the person's shell. A cell that awaits stands there too, and then has no use for the lock.
"""

from __future__ import annotations

import selectors
import sys
import threading
import time

from .refusals import Refused

__all__ = ["Guest", "Slice"]

_SLICE_SECONDS = 0.0006
_PAYBACK = 9.0
"""Seconds of sleep for each second of work: one part in ten is ours."""

_SELECT_CODE = selectors.DefaultSelector.select.__code__


class Guest:
    """The rule that all connections of one agent share. Used from the connections' threads only."""

    def __init__(self) -> None:
        self._working = threading.Lock()
        self._free_at = 0.0
        self._waiting = 0
        self._main_thread = threading.main_thread().ident

    def cell_runs(self) -> bool:
        """Whether the main thread is anywhere but in its event loop's `select`."""
        frame = sys._current_frames().get(self._main_thread)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  documented, "for specialized purposes"
        return frame is not None and frame.f_code is not _SELECT_CODE

    def enter(self) -> None:
        """Wait until work is allowed again; every call is followed by one of `leave`."""
        while True:
            self._take_turn()
            delay = self._free_at - time.perf_counter()
            if delay <= 0 or not self.cell_runs():
                return
            self._working.release()
            time.sleep(delay)

    def _take_turn(self) -> None:
        if self._working.acquire(blocking=False):
            return
        self._waiting += 1  # only a hint for `others_wait`; a lost update costs one slice
        self._working.acquire()
        self._waiting -= 1

    def leave(self, worked: float) -> None:
        """End a piece of work.

        Args:
            worked: its processor time, in seconds.
        """
        if self.cell_runs():
            self._free_at = time.perf_counter() + worked * _PAYBACK
        self._working.release()

    def others_wait(self) -> bool:
        """Whether another connection waits for its turn."""
        return self._waiting > 0


class Slice:
    """The work on one request, cut into slices. Used by one thread.

    Args:
        guest: the rule.
        seconds: when the host stops waiting for the answer, counted from now.
    """

    def __init__(self, guest: Guest, seconds: float) -> None:
        self._guest = guest
        self._deadline = time.perf_counter() + seconds
        self._seconds = seconds
        self._begin()

    def _begin(self) -> None:
        self._guest.enter()
        self._cpu = time.thread_time()
        self._started = time.perf_counter()

    def pause(self) -> None:
        """Let the cell go on if this slice is used up. Called with no reference to anything of the person's.

        Raises:
            Refused: kind "too_slow", when the host has stopped waiting.
        """
        now = time.perf_counter()
        if now - self._started < _SLICE_SECONDS:
            return
        if now > self._deadline:
            raise Refused("too_slow", f"That takes longer than {self._seconds:g} s. Ask for less.")
        if self._guest.cell_runs():
            self.end()
            self._begin()
        elif self._guest.others_wait():
            self.end()
            time.sleep(0.0005)  # a lock of Python is not fair: whoever waits must get the time to wake up
            self._begin()
        else:
            self._started = now

    def end(self) -> None:
        """The work is done, or rests."""
        self._guest.leave(time.thread_time() - self._cpu)

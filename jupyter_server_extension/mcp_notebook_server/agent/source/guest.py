"""How the agent behaves beside a running cell: little work at a time, paid back with rest.

Knows processor time. Refuses to know what the work is.

A thread that computes beside a cell takes Python's lock away from it: a cell of small numpy operations, which drops
the lock at each of them, keeps 0.2 % of its speed beside a busy thread. So while somebody else in the process
computes, work comes in slices of less than a millisecond, and what a slice took, handing over the lock included, is
rested nine times before the next one, for all connections together. The rest comes before the next piece of work and
not after the last one, so a host that asks now and then never waits.

Whether somebody else computes is seen from outside, without any hook in the person's shell: the process has used
processor time that was not ours. So a cell that sleeps or waits for the network is not in our way, nor we in its.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Guest", "Slice"]

_SLICE_SECONDS = 0.0006
_REST = 9.0
"""Seconds of rest for each second of work: one part in ten is ours."""

_HANDOVER_SECONDS = 0.0004
"""What a piece of our work costs a cell beside its own time: until the cell's thread wakes up with the lock, and until
the processor's caches hold what the cell works on again. Measured: 0.25 ms and, beside dataframes, 0.2 ms."""

_SOMEBODY = 0.1
"""The part of a processor that counts as somebody else computing."""

_PATIENCE = 5
_COURTESY_SECONDS = 0.0005
"""How often a request in the middle of its work lets a new one go first, and how long it stands back for that."""


class Guest:
    """The rule that all connections of one agent share. Used from the connections' threads only."""

    def __init__(self) -> None:
        self._working = threading.Lock()
        self._newcomers: set[int] = set()
        self._free_at = 0.0
        self._seen_at = time.perf_counter()
        self._process_time = time.process_time()
        self._ours = 0.0

    def enter(self, *, newcomer: bool) -> None:
        """Wait until work is allowed; every call is followed by one of `leave`.

        Args:
            newcomer: whether this is the first piece of work on a request. Such are let past those in the middle of
                one, so that a slow request does not stand before a quick one, but not for ever.
        """
        me = threading.get_ident()
        if newcomer:
            self._newcomers.add(me)
        patience = 0 if newcomer else _PATIENCE
        while True:
            self._working.acquire()
            rest = self._free_at - time.perf_counter()
            courteous = patience > 0 and len(self._newcomers) > 0
            if rest <= 0 and not courteous:
                self._newcomers.discard(me)
                return
            self._working.release()
            patience -= 1
            time.sleep(max(rest, 0.0) + (_COURTESY_SECONDS if courteous else 0.0))

    def leave(self, worked: float) -> None:
        """End a piece of work.

        Args:
            worked: the processor time of this thread since it last left, in seconds.
        """
        self._ours += worked
        if self._somebody_computes():
            self._free_at = time.perf_counter() + (worked + _HANDOVER_SECONDS) * _REST
        self._working.release()

    def _somebody_computes(self) -> bool:
        """Whether others in the process have used the processor since this was last asked."""
        now, process_time = time.perf_counter(), time.process_time()
        others = process_time - self._process_time - self._ours
        passed = now - self._seen_at
        self._seen_at, self._process_time, self._ours = now, process_time, 0.0
        return others > passed * _SOMEBODY


class Slice:
    """The work of one connection's thread, cut into slices.

    Args:
        guest: the rule.
    """

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._cpu = time.thread_time()
        self._started = 0.0
        self._deadline = 0.0
        self._seconds = 0.0

    def begin(self, seconds: float) -> None:
        """Start on a request.

        Args:
            seconds: how long the host waits for the answer.
        """
        self._seconds = seconds
        self._deadline = time.perf_counter() + seconds
        self._guest.enter(newcomer=True)
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
        self.end()
        self._guest.enter(newcomer=False)
        self._started = time.perf_counter()

    @contextlib.contextmanager
    def aside(self) -> Generator[None, None, None]:
        """Wait for something that is not work, such as a reader at the other end: others may work meanwhile."""
        self.end()
        try:
            yield
        finally:
            self._guest.enter(newcomer=False)
            self._started = time.perf_counter()

    def end(self) -> None:
        """The work is done, or rests."""
        before, self._cpu = self._cpu, time.thread_time()
        self._guest.leave(self._cpu - before)

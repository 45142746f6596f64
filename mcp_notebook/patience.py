"""How long something may take, not counting the time that a person takes.

Knows cancel scopes. Refuses to know what is waited for. Belongs on the loop thread.
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["Patience"]


class Patience:
    """The time limits that run at one connection."""

    def __init__(self) -> None:
        self._scopes: list[anyio.CancelScope] = []
        self._left: list[float] | None = None

    @contextmanager
    def limit(self, seconds: float | None) -> Generator[anyio.CancelScope]:
        """Cancel what is in this context when the time is over; the scope says whether that happened.

        Args:
            seconds: how long it may take; None for ever.
        """
        with anyio.CancelScope() as scope:
            self._scopes.append(scope)
            if self._left is not None:
                self._left.append(math.inf if seconds is None else seconds)
            elif seconds is not None:
                scope.deadline = anyio.current_time() + seconds
            try:
                yield scope
            finally:
                self.release(scope)

    def release(self, scope: anyio.CancelScope) -> None:
        """Take the limit off what still runs in its context."""
        if scope in self._scopes:
            at = self._scopes.index(scope)
            del self._scopes[at]
            if self._left is not None:
                del self._left[at]
        scope.deadline = math.inf

    @contextmanager
    def pause(self) -> Generator[None]:
        """While in this context no time counts."""
        if self._left is not None:  # by somebody else already
            yield
            return
        now = anyio.current_time()
        self._left = [scope.deadline - now for scope in self._scopes]
        for scope in self._scopes:
            scope.deadline = math.inf
        try:
            yield
        finally:
            left, self._left = self._left, None
            for scope, seconds in zip(self._scopes, left, strict=True):
                scope.deadline = anyio.current_time() + seconds

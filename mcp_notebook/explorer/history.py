"""What was run from an explorer: the last calls, with their arguments and results.

Knows how many are kept. Refuses to know how they are run (`runs`) and shown. Belongs on the loop thread.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_RUNS", "History", "Run", "State"]

MAX_RUNS = 50
"""Calls that are kept, with their results: the last ones."""

State = Literal["running", "done", "failed", "cancelled"]


@dataclass
class Run:
    """One call of a tool.

    Attributes:
        number: counts the calls of one explorer, from 1.
        server: the connection's name.
        tool: its name.
        arguments: as they were sent.
        state: "failed" where the tool said so, or there was no answer.
        result: a `Result`; None while there is none.
        problem: why there is none; "" if there is.
        seconds: how long it took, or has taken so far.
    """

    number: int
    server: str
    tool: str
    arguments: Mapping[str, Any]
    state: State = "running"
    result: Any = None
    problem: str = ""
    _began_at: float = field(default_factory=time.monotonic)
    _took: float | None = None

    @property
    def seconds(self) -> float:
        """See above."""
        return time.monotonic() - self._began_at if self._took is None else self._took

    def finish(self, state: State, result: Any = None, problem: str = "") -> None:
        """Say how it ended."""
        self.state, self.result, self.problem = state, result, problem
        self._took = time.monotonic() - self._began_at


class History:
    """The last runs."""

    def __init__(self) -> None:
        self._runs: deque[Run] = deque(maxlen=MAX_RUNS)
        self._count = 0

    def begin(self, server: str, tool: str, arguments: Mapping[str, Any]) -> Run:
        """Put a call on record that begins now."""
        self._count += 1
        run = Run(self._count, server, tool, arguments)
        self._runs.append(run)
        return run

    @property
    def runs(self) -> list[Run]:
        """The calls that are kept, oldest first."""
        return list(self._runs)

    def get(self, number: int) -> Run:
        """Give a call by its number.

        Raises:
            ValueError: it is not kept, or never was.
        """
        found = next((run for run in self._runs if run.number == number), None)
        if found is None:
            raise ValueError(f"Call {number} is not kept any more: only the last {MAX_RUNS} are")
        return found

"""Polars' frames, eager and lazy. A lazy plan that calls Python is not run; one over the network costs.

Not seen: a callback of `pipe_with_schema`, which Polars itself runs whenever it looks at a plan.
"""

from __future__ import annotations

import re
import time
from typing import Any

from .refusals import Refused

__all__ = ["PolarsFrame", "PolarsPlan"]

_NAMES = re.compile(r'"[^"]*"')
_PYTHON = re.compile(r"python|MAP_GROUPS", re.IGNORECASE)
_REMOTE = re.compile(r"\b(s3a?|gs|gcs|az|azure|abfss?|adl|hf|https?)://", re.IGNORECASE)
_LONGEST_NAP = 0.02


class PolarsFrame:
    """One look at a frame in memory, which Polars never changes in place where somebody else looks.

    Args:
        frame: of Polars.
    """

    lazy = False
    nan_is_null = False
    costly = ""
    runs_code = ""
    in_process = False

    def __init__(self, frame: Any) -> None:
        self.native = frame
        self.rows = frame.height
        self.size = frame.estimated_size()

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        return query.slice(offset, limit).rows()


class PolarsPlan:
    """One look at a lazy frame.

    Args:
        frame: of Polars.
    """

    lazy = True
    nan_is_null = False
    rows = None
    size = None
    in_process = False

    def __init__(self, frame: Any) -> None:
        self.native = frame
        plan = frame._ldf.describe_plan()  # noqa: SLF001  `explain` would optimise it, and look into files
        self.runs_code = "This lazy frame calls Python functions." if _PYTHON.search(_NAMES.sub("", plan)) else ""
        self.costly = "This lazy frame reads over the network." if _REMOTE.search(plan) else ""

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows, as tuples; computed by Polars' own threads, without Python's lock."""
        running = query.slice(offset, limit).collect(background=True)
        end, nap = time.perf_counter() + seconds, 0.0005
        while True:
            done = running.fetch()
            if done is not None:
                return done.rows()
            if time.perf_counter() > end:
                running.cancel()
                raise Refused("too_slow", f"Polars was not done after {seconds:g} s. Ask for less.")
            time.sleep(nap)
            nap = min(nap * 1.5, _LONGEST_NAP)

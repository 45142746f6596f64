"""Polars' frames, eager and lazy. A lazy plan that calls Python is not run; one over the network costs.

Polars calls some functions as soon as it looks at a plan: those of `pipe_with_schema`, `name.map`, a source that makes
its own schema. So a plan is looked at while no Python function can start in this thread; one that needs one is refused.
Those that only run with the plan are named in it.
"""

from __future__ import annotations

import gc
import re
import sys
import time
from typing import TYPE_CHECKING, Any

from .engines import Engine
from .objects import library_member
from .refusals import Refused

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["PolarsFrame", "PolarsPlan"]

_PYTHON = re.compile(r"PYTHON|python_udf|MAP_GROUPS|\.(cum_)?(fold|reduce)\(|\.rolling_map\(")
"""How a plan says that it calls Python. A name in it may say so, too: then too much is refused, never too little."""

_SINK = re.compile(r"^\s*SINK", re.MULTILINE)
_OPEN_FILE = "[open-file]"
_CALLS = "This lazy frame calls Python functions."
_REMOTE = re.compile(r"\b(s3a?|gs|gcs|az|azure|abfss?|adl|hf|https?)://", re.IGNORECASE)
_LONGEST_NAP = 0.02


class _Polars(Engine):
    """What both kinds of frames have in common."""

    library = "Polars"

    @classmethod
    def sort(cls, frame: Any, names: list[str], descending: list[bool], rows: int) -> Any:  # noqa: ARG003  Polars knows
        """Return narwhals' frame in order, equals as they stand."""
        native = frame.to_native().sort(names, descending=descending, nulls_last=True, maintain_order=True)
        return library_member("narwhals", "from_native")(native)


class PolarsFrame(_Polars):
    """One look at a frame in memory, which Polars never changes in place where somebody else looks.

    Args:
        frame: of Polars.
    """

    lazy = False

    def __init__(self, frame: Any) -> None:
        self.native = frame
        self.rows = frame.height
        self.size = frame.estimated_size()

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        return query.slice(offset, limit).rows()


class PolarsPlan(_Polars):
    """One look at a lazy frame.

    Args:
        frame: of Polars.
    """

    def __init__(self, frame: Any) -> None:
        self.native = frame
        plan, nodes = _look_at_plan(frame._ldf)  # noqa: SLF001  `explain` would run what the plan's sources say
        self.runs_code = _find_code(plan, nodes)
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
                raise self.refuse_slow(seconds)
            time.sleep(nap)
            nap = min(nap * 1.5, _LONGEST_NAP)


def _look_at_plan(plan: Any) -> tuple[str, Any]:
    """Return the plan as text, and what walks through its nodes.

    Args:
        plan: Polars' inner lazy frame.

    Raises:
        Refused: looking at it calls Python, or cannot be done at all, as where a file is gone.
    """
    describe, visit = plan.describe_plan, plan.visit
    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # what it calls, finalizers among them, would be refused here like any other call, and so never run
    sys.setprofile(_refuse_call)  # of this thread only
    try:
        return describe(), visit()
    except Exception as error:  # noqa: BLE001  Polars makes it an error of its own, of several kinds and with data in it
        failed = type(error).__name__
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    raise Refused(
        "not_computed",
        f"Polars cannot say what this lazy frame does without calling Python ({failed}). Reading never runs the "
        "person's code: use execute_code.",
    )


def _refuse_call(_: FrameType, event: str, __: Any) -> None:
    if event == "call":
        raise RuntimeError(_CALLS)


def _find_code(plan: str, nodes: Any) -> str:
    """Return how computing would run the person's code; "" if it would not."""
    if _PYTHON.search(plan):
        return _CALLS
    if _SINK.search(plan):
        return "Computing this lazy frame writes it somewhere."
    if _OPEN_FILE in plan:
        return "This lazy frame reads an open file, which computing would move on."
    waiting = [nodes.get_node()]
    while waiting:
        nodes.set_node(waiting.pop())
        if any("Object" in str(dtype) for dtype in nodes.get_schema().values()):
            return "This lazy frame holds Python objects, whose own code says what is equal."
        waiting += nodes.get_inputs()
    return ""

"""PySpark's frames. On a local master they are computed; a cluster costs."""

from __future__ import annotations

import re
import threading
import uuid
from typing import Any

from .pandas_frames import make_different
from .refusals import Refused

__all__ = ["ConnectFrame", "SparkFrame"]

_PYTHON = re.compile(r"Python|InPandas|InArrow|LogicalRDD|ExternalRDD")


class ConnectFrame:
    """One look at a frame of a Spark server elsewhere.

    Args:
        frame: of PySpark.
    """

    lazy = True
    nan_is_null = False
    rows = None
    size = None
    in_process = False
    runs_code = ""
    costly = "This frame is computed by a Spark server."

    def __init__(self, frame: Any) -> None:
        self.native = _renamed(frame)

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        return [tuple(row) for row in query.offset(offset).limit(limit).collect()]


class SparkFrame:
    """One look at a frame of a session in this process.

    Args:
        frame: of PySpark.
    """

    lazy = True
    nan_is_null = False
    rows = None
    size = None
    in_process = False

    def __init__(self, frame: Any) -> None:
        self.native = _renamed(frame)
        self._context = frame.sparkSession.sparkContext
        master = self._context.master
        self.costly = "" if master.startswith("local") else f"This frame is computed by a Spark cluster ({master})."
        plan = frame._jdf.queryExecution().optimizedPlan().toString()  # noqa: SLF001  planned, not run
        self.runs_code = "This frame calls Python functions, or comes from an RDD." if _PYTHON.search(plan) else ""

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows, as tuples; computed by Spark's own process."""
        group = f"mcp-notebook-{uuid.uuid4().hex}"
        expired = threading.Event()

        def end() -> None:
            expired.set()
            self._context.cancelJobGroup(group)

        clock = threading.Timer(seconds, end)
        clock.daemon = True
        self._context.setJobGroup(group, "a page of a dataframe", interruptOnCancel=True)
        clock.start()
        try:
            return [tuple(row) for row in query.offset(offset).limit(limit).collect()]
        except Exception:
            if expired.is_set():
                raise Refused("too_slow", f"Spark was not done after {seconds:g} s. Ask for less.") from None
            raise
        finally:
            clock.cancel()


def _renamed(frame: Any) -> Any:
    names = frame.columns
    different = make_different(names)
    return frame if names == different else frame.toDF(*different)

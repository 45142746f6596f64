"""PySpark's frames. On a local master they are computed; a cluster costs.

Spark draws a progress bar for whatever its session computes for longer than half a second, and that would appear in the
person's notebook, under a cell that has nothing to do with it. So where the bar is on, nothing is computed unasked.
"""

from __future__ import annotations

import re
import uuid
import zoneinfo
from typing import Any

from .engines import Deadline, Engine, tell_apart

__all__ = ["ConnectFrame", "SparkFrame"]

_BAR = "spark.ui.showConsoleProgress"
_OF_A_GROUP = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
_PYTHON = re.compile(r"Python|InPandas|InArrow|LogicalRDD|ExternalRDD|ExistingRDD")


class ConnectFrame(Engine):
    """One look at a frame of a Spark server elsewhere.

    Args:
        frame: of PySpark.
    """

    library = "PySpark"
    costly = "This frame is computed by a Spark server."

    def __init__(self, frame: Any) -> None:
        self.native = _renamed(frame)

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        return _in_zone(query.offset(offset).limit(limit).collect(), [], "")


class SparkFrame(Engine):
    """One look at a frame of a session in this process.

    Args:
        frame: of PySpark.
    """

    library = "PySpark"

    def __init__(self, frame: Any) -> None:
        self.native = _renamed(frame)
        self._context = frame.sparkSession.sparkContext
        self.costly = _find_cost(self._context)
        execution = frame._jdf.queryExecution()  # noqa: SLF001  the only way to see the plan, which is not run
        # Both, since each names some things that the other does not: a long list of columns is cut off in the first.
        plan = execution.optimizedPlan().toString() + execution.executedPlan().toString()
        self.runs_code = "This frame calls Python functions, or comes from an RDD." if _PYTHON.search(plan) else ""
        self._zone = frame.sparkSession.conf.get("spark.sql.session.timeZone")

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows, as tuples; computed by Spark's own process."""
        group = f"mcp-notebook-{uuid.uuid4().hex}"
        deadline = Deadline(seconds, lambda: self._context.cancelJobGroup(group))
        before = [(each, self._context.getLocalProperty(each)) for each in _OF_A_GROUP]
        self._context.setJobGroup(group, "a page of a dataframe", interruptOnCancel=True)
        try:
            with deadline:
                rows = query.offset(offset).limit(limit).collect()
        except Exception:
            if deadline.passed:
                raise self.refuse_slow(seconds) from None
            raise
        finally:
            for name, value in before:
                self._context.setLocalProperty(name, value)
        return _in_zone(rows, [kind for _, kind in query.dtypes], self._zone)


def _renamed(frame: Any) -> Any:
    return tell_apart(frame, frame.columns, lambda names: frame.toDF(*names))


def _in_zone(rows: list[Any], kinds: list[str], zone: str) -> list[Any]:
    """Return rows as tuples, with records in them as dictionaries.

    Moments, which PySpark gives in the zone of this process, are given in that of the session.
    """
    moments = [place for place, kind in enumerate(kinds) if kind == "timestamp"]
    session = zoneinfo.ZoneInfo(zone) if moments else None
    cells: list[list[Any]] = [list(row.asDict(recursive=True).values()) for row in rows]
    for row in cells:
        for place in moments:
            row[place] = None if row[place] is None else row[place].astimezone(session)
    return [tuple(row) for row in cells]


def _find_cost(context: Any) -> str:
    """Return why the frames of a session are not computed unasked; empty if they are."""
    if not context.master.startswith("local"):
        return f"This frame is computed by a Spark cluster ({context.master})."
    if context.getConf().get(_BAR, "false") == "true":
        return f"Spark would draw its progress bar into the notebook: {_BAR}=false in its configuration turns that off."
    return ""

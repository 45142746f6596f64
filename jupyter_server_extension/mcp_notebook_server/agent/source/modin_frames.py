"""Modin's dataframes. Computed in this process while no cell runs, by Modin's Python or native engine; others cost."""

from __future__ import annotations

from typing import Any

from .dask_frames import name_objects, rows_of_pandas
from .engines import Engine, tell_apart
from .objects import library_member

__all__ = ["ModinFrame"]

_IN_PROCESS = ("Python", "Native")


class ModinFrame(Engine):
    """One look at a frame.

    Args:
        frame: of Modin.
    """

    library = "Modin"
    lazy = False
    orders_choices = True

    def __init__(self, frame: Any) -> None:
        engine = library_member("modin.config", "Engine").get()
        self.in_process = engine in _IN_PROCESS
        # What these engines have not, Modin has pandas do, and warns each time: the person's cell would show it.
        native = frame._to_pandas() if self.in_process else frame  # noqa: SLF001  the way out
        self.native = tell_apart(native, list(frame.columns), lambda names: native.set_axis(names, axis=1))
        self.rows = len(frame.index)
        self.objects = name_objects(self.native)
        self.costly = "" if self.in_process else f"This frame is computed by {engine}."

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        page = query.iloc[offset : offset + limit]
        return rows_of_pandas(page if self.in_process else page._to_pandas(), 0, limit)  # noqa: SLF001  as above

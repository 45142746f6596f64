"""PyArrow's tables, which nobody can change."""

from __future__ import annotations

from typing import Any

from .engines import Engine, tell_apart, to_rows
from .objects import comes_from
from .pandas_frames import UNREADABLE

__all__ = ["ArrowFrame"]


class ArrowFrame(Engine):
    """One look at a table.

    Args:
        table: of PyArrow.
    """

    library = "PyArrow"
    lazy = False

    def __init__(self, table: Any) -> None:
        self.native = tell_apart(table, table.column_names, table.rename_columns)
        self.rows = table.num_rows
        self.size = table.nbytes

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        return to_rows(_values(column) for column in query.slice(offset, limit).columns)


def _values(column: Any) -> list[Any]:
    # An extension type may bring a class for its values, which is the person's code.
    return column.to_pylist() if comes_from(type(column.type), "pyarrow") else [UNREADABLE] * len(column)

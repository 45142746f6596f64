"""PyArrow's tables, which nobody can change."""

from __future__ import annotations

from typing import Any

from .objects import comes_from
from .pandas_frames import UNREADABLE, make_different

__all__ = ["ArrowFrame"]


class ArrowFrame:
    """One look at a table.

    Args:
        table: of PyArrow.
    """

    library = "PyArrow"
    lazy = False
    nan_is_null = False
    objects: frozenset[str] = frozenset()
    costly = ""
    runs_code = ""
    in_process = False

    def __init__(self, table: Any) -> None:
        self.native = table.rename_columns(make_different(table.column_names))
        self.rows = table.num_rows
        self.size = table.nbytes

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        part = query.slice(offset, limit)
        return list(zip(*(_values(column) for column in part.columns)))  # noqa: B905  Python 3.9 has no strict


def _values(column: Any) -> list[Any]:
    # An extension type may bring a class for its values, which is the person's code.
    return column.to_pylist() if comes_from(type(column.type), "pyarrow") else [UNREADABLE] * len(column)

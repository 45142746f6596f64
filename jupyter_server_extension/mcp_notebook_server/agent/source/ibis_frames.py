"""Ibis' tables on DuckDB, compiled to SQL and asked over a connection of their own; other backends only say columns.

A table that lives in Python's memory is registered with the person's connection when it is computed; so it is not.
"""

from __future__ import annotations

from typing import Any

from .duckdb_frames import DuckFrame
from .engines import Engine, to_rows
from .objects import library_member

__all__ = ["open_ibis_table"]

_PYTHON = ("ScalarUDF", "AggUDF", "InMemoryTable")


def open_ibis_table(value: Any) -> Any:
    """Return one look at a table."""
    backends = value._find_backends()[0]  # noqa: SLF001  looks through the expression, and connects to nothing
    operations = [library_member("ibis.expr.operations", name) for name in _PYTHON]
    if len(backends) == 1 and backends[0].name == "duckdb" and not value.op().find(tuple(operations)):
        return DuckFrame(backends[0].con, str(backends[0].compile(value)))
    return _ElsewhereFrame(value, backends[0].name if backends else "")


class _ElsewhereFrame(Engine):
    """A table that is not computed here.

    Args:
        table: of Ibis.
        backend: its name; "" if it has none.
    """

    library = "Ibis"

    def __init__(self, table: Any, backend: str) -> None:
        self.native = table
        self.costly = f"This table is computed by {backend or 'a backend yet to be chosen'}."

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:  # noqa: ARG002  cannot be ended
        """Return rows, as tuples."""
        page = query.limit(limit, offset=offset).to_pyarrow()
        return to_rows(column.to_pylist() for column in page.columns)

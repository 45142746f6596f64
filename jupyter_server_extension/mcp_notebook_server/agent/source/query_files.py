"""A table as the bytes of a file. Knows CSV, Parquet and Arrow's own form."""

from __future__ import annotations

import importlib
from typing import Any

from .cells import to_cell

__all__ = ["write_table"]


def write_table(pyarrow: Any, table: Any, form: str) -> bytes:
    """Return a table as a file.

    Args:
        pyarrow: the library.
        table: of it.
        form: "csv", "parquet" or "arrow" (the file form, which Feather is, too).
    """
    sink = pyarrow.BufferOutputStream()
    if form == "csv":
        flat = pyarrow.table([_flatten(pyarrow, column) for column in table.columns], names=table.schema.names)
        importlib.import_module("pyarrow.csv").write_csv(flat, sink)
    elif form == "parquet":
        importlib.import_module("pyarrow.parquet").write_table(table, sink)
    else:
        with pyarrow.ipc.new_file(sink, table.schema) as file:
            file.write_table(table)
    return sink.getvalue().to_pybytes()


def _flatten(pyarrow: Any, column: Any) -> Any:
    """Return a column that CSV has a form for: things inside things, durations and bytes become text."""
    types, kind = pyarrow.types, column.type
    if types.is_nested(kind) or types.is_duration(kind) or types.is_binary(kind) or types.is_large_binary(kind):
        values = [None if value is None else str(to_cell(value)) for value in column.to_pylist()]
        return pyarrow.array(values, pyarrow.string())
    return column

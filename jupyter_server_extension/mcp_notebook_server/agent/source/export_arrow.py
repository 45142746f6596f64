"""A PyArrow table or an eager Polars frame as Arrow, some rows at a time, for `exports`.

Both libraries write their own memory as it is; what is written is a copy. Refuses Arrow types that the person defined
and Polars' objects: writing them would run code of theirs.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from .objects import comes_from, library_class, library_member
from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["find_arrow_export", "find_polars_export"]

_DEPTH = 16
_NOT_IN_ARROW = ("Object", "Int128")


def find_arrow_export(value: Any, pyarrow: Any) -> Any:
    """Return what copies the rows of a PyArrow Table or RecordBatch; None if the value is neither.

    Args:
        value: of the person's.
        pyarrow: the library.
    """
    return _ArrowExport(value, pyarrow) if library_class(value, "pyarrow") in ("Table", "RecordBatch") else None


def find_polars_export(value: Any) -> Any:
    """Return what copies the rows of an eager Polars frame; None if the value is none."""
    return _PolarsExport(value) if library_class(value, "polars") == "DataFrame" else None


class _Streams:
    """What both have in common: a copy is an Arrow stream at once, of all columns."""

    by_column = False
    columns: list[str]

    def is_named(self, names: list[str]) -> bool:
        """Whether the columns have these names."""
        return self.columns == names

    @staticmethod
    def encode(_: list[str], pieces: list[bytes], __: Callable[[], None]) -> list[bytes]:
        """Return the pieces: they are Arrow streams already."""
        return pieces


class _ArrowExport(_Streams):
    """A table, which never changes."""

    def __init__(self, table: Any, pyarrow: Any) -> None:
        self._table = table
        self._pyarrow = pyarrow
        self.rows: int = table.num_rows
        self.columns = _make_different([str(name) for name in table.schema.names])
        self.size: Any = table.nbytes

    def marks(self) -> list[Any]:
        """Return the objects that are others when the variable holds another table."""
        return [self._table]

    def copy(self, columns: list[int], rows: range) -> bytes:
        """Return some rows as an Arrow stream."""
        schema = self._table.schema
        for column in columns:
            if _is_foreign(schema.field(column).type):
                raise Refused("unreadable", f"The column `{self.columns[column]}` has a type that the person defined.")
        part = self._table.select(columns).slice(rows.start, len(rows))
        part = part.rename_columns([self.columns[column] for column in columns]).replace_schema_metadata(None)
        sink = self._pyarrow.BufferOutputStream()
        with self._pyarrow.ipc.new_stream(sink, part.schema) as stream:
            stream.write(part)
        return sink.getvalue().to_pybytes()


class _PolarsExport(_Streams):
    """A frame, whose columns never change; the frame may get others."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self.rows: int = frame.height
        self.columns = frame.columns
        self.size: Any = frame.estimated_size()

    def marks(self) -> list[Any]:
        """Return the objects that are others when the variable holds another frame."""
        return [self._frame]

    def copy(self, columns: list[int], rows: range) -> bytes:
        """Return some rows as an Arrow stream."""
        part = self._frame.slice(rows.start, len(rows)).select([self.columns[column] for column in columns])
        for name, kind in part.schema.items():
            if any(each in str(kind) for each in _NOT_IN_ARROW):
                raise Refused("unreadable", f"The column `{name}` is of type {kind}, which Arrow has none for.")
        sink = io.BytesIO()
        oldest: Any = library_member("polars", "CompatLevel")  # newer forms of text are not read everywhere
        part.write_ipc_stream(sink, compat_level=oldest.oldest())
        return sink.getvalue()


def _is_foreign(kind: Any, depth: int = 0) -> bool:
    """Whether an Arrow type, or one inside it, is not of the library itself."""
    if not comes_from(type(kind), "pyarrow") or depth > _DEPTH:
        return True
    return any(_is_foreign(kind.field(each).type, depth + 1) for each in range(kind.num_fields))


def _make_different(names: list[str]) -> list[str]:
    used: set[str] = set()
    result: list[str] = []
    for name in names:
        fresh, count = name, 0
        while fresh in used or (count and fresh in names):
            count += 1
            fresh = f"{name}.{count}"
        used.add(fresh)
        result.append(fresh)
    return result

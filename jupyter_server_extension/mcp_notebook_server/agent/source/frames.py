"""Dataframes of any library, as one kind of thing. Each library is one file; this one lists them.

An adapter looks at a frame at one moment and is dropped before the agent rests, so that a frame the person deletes is
gone, and so is its memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrow_frames import ArrowFrame
from .dask_frames import DaskFrame
from .duckdb_frames import open_relation
from .ibis_frames import open_ibis_table
from .modin_frames import ModinFrame
from .narwhals_frames import read_schema
from .objects import library_member
from .pandas_frames import find_pandas_frame
from .polars_frames import PolarsFrame, PolarsPlan
from .refusals import Changed
from .spark_frames import ConnectFrame, SparkFrame

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from .engines import Engine
    from .guest import Slice
    from .stored_numbers import Numbers

    class Frame(Protocol):
        """A dataframe at one moment.

        Attributes:
            rows: how many.
            width: how many columns.
            token: gives a thing that is another one if rows were moved in between.
            columns: the names, all different.
            size: bytes; None if unknown.
        """

        rows: int
        width: int

        @property
        def token(self) -> Any: ...
        @property
        def columns(self) -> list[str]: ...
        @property
        def size(self) -> int | None: ...
        def dtypes(self, columns: list[int]) -> list[str]: ...
        def take(self, column: int, name: str, rows: Any) -> list[Any]: ...
        def take_plain(self, column: int, rows: Any) -> list[Any]: ...
        def choices(self, column: int) -> list[Any]: ...
        def numbers(self, column: int) -> Numbers | None: ...
        def text(self, column: int) -> Any: ...


__all__ = ["FrameReader", "OtherFrame", "find_frame"]

_OTHERS: tuple[tuple[str, str, Callable[[Any], Any]], ...] = (
    ("polars", "DataFrame", PolarsFrame),
    ("polars", "LazyFrame", PolarsPlan),
    ("pyarrow", "Table", ArrowFrame),
    ("duckdb", "DuckDBPyRelation", open_relation),
    ("ibis.expr.types", "Table", open_ibis_table),
    ("dask.dataframe", "DataFrame", DaskFrame),
    ("pyspark.sql.classic.dataframe", "DataFrame", SparkFrame),
    ("pyspark.sql.dataframe", "DataFrame", SparkFrame),
    ("pyspark.sql.connect.dataframe", "DataFrame", ConnectFrame),
    ("modin.pandas", "DataFrame", ModinFrame),
)
"""Where a library that computes for itself has its class, and what looks at a value of it. Exact classes only."""

_CELLS = 500
"""Cells read at a time; about the work of one slice."""

_LEAST_HIGH = 20
"""Rows read at a time: each column costs something before its first cell."""


def find_frame(value: Any) -> Any:
    """Return the value as a `Frame` or an `OtherFrame`; None if it is none of a known library. Looks at nothing yet."""
    found = find_pandas_frame(value)
    if found is not None:
        return found
    for module, name, look in _OTHERS:
        cls = library_member(module, name)
        if cls is not None and type(value) is cls:
            return OtherFrame(value, look)
    return None


class OtherFrame:
    """A frame of a library that computes for itself.

    Args:
        value: the frame.
        look: gives an engine for it.
    """

    def __init__(self, value: Any, look: Callable[[Any], Any]) -> None:
        self._value = value
        self._look = look

    def open(self) -> Engine:
        """Return what can be asked.

        Raises:
            Refused: it cannot be.
        """
        return self._look(self._value)

    @property
    def columns(self) -> list[str]:
        """The names, all different."""
        return list(read_schema(self.open()))


class FrameReader:
    """Reads a frame piece by piece, finding it anew for each piece.

    Args:
        find: gives the frame as it is now; refuses if there is none.
        work: paused between pieces.
    """

    def __init__(self, find: Callable[[], Frame], work: Slice) -> None:
        frame = find()
        self._find = find
        self._token = frame.token
        self.pause = work.pause
        self.rows = frame.rows
        self.columns = frame.columns
        self.size = frame.size

    def dtypes(self) -> list[str]:
        """Return the element types of all columns."""
        return self.look().dtypes(list(range(len(self.columns))))

    def read(self, columns: list[int], rows: Any) -> list[list[Any]]:
        """Return rows of cells.

        Args:
            columns: their positions.
            rows: a range, or an array of positions.

        Raises:
            Changed: if the frame has other rows or columns than at first.
        """
        read: list[list[Any]] = []
        high = max(_LEAST_HIGH, _CELLS // max(len(columns), 1))
        for start in range(0, len(rows), high):
            part = rows[start : start + high]
            read.extend(map(list, zip(*self._read_columns(columns, part))) if columns else ([] for _ in part))  # noqa: B905  Python 3.9 has no strict
        return read

    def _read_columns(self, columns: list[int], rows: Any) -> list[list[Any]]:
        cells: list[list[Any]] = []
        wide = max(1, _CELLS // max(len(rows), 1))
        for start in range(0, len(columns), wide):
            frame = self.look()
            cells += [frame.take(column, self.columns[column], rows) for column in columns[start : start + wide]]
            del frame
            self.pause()
        return cells

    def look(self) -> Frame:
        """Return the frame as it is now; drop it before the next `pause`.

        Raises:
            Changed: if it is another one, or has other rows or columns than at first.
        """
        frame = self._find()
        if frame.token() is not self._token() or frame.rows != self.rows or frame.width != len(self.columns):
            raise Changed
        return frame

    def look_numbers(self, column: int) -> Any:
        """Return a column as `Numbers`, which it can be read as; drop it before the next `pause`."""
        return self.look().numbers(column)

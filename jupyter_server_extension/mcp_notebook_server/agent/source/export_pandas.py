"""A pandas DataFrame as Arrow, some rows at a time, for `exports`. Knows how pandas stores each kind of column.

Every piece is a copy: `take` from the stored arrays, never a view or a slice that would make pandas write slower.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .arrays import is_array
from .export_values import to_arrow_array, to_plain_values
from .objects import class_of, library_class, library_member
from .pandas_frames import find_pandas_frame, is_readable, to_objects
from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["find_pandas_export"]

_UNITS = ("s", "ms", "us", "ns")
_PARTS = ("_ndarray", "_data", "_mask", "_codes")


def find_pandas_export(value: Any, pyarrow: Any) -> Any:
    """Return what copies the rows of a DataFrame; None if the value is none.

    Args:
        value: of the person's.
        pyarrow: the library.
    """
    known = find_pandas_frame(value)
    return _PandasExport(value, known, pyarrow) if known is not None else None


class _PandasExport:
    """A DataFrame at one moment; index levels that do not only count the rows come first."""

    by_column = True

    def __init__(self, frame: Any, known: Any, pyarrow: Any) -> None:
        self._frame = frame
        self._known = known
        self._pyarrow = pyarrow
        self.rows: int = known.rows
        names, self._index = known.parts[0]
        self._levels = known.width - len(names)

    @property
    def columns(self) -> list[str]:
        """The names, all different."""
        return self._known.columns

    @property
    def size(self) -> Any:
        """Bytes; None if unknown."""
        return self._known.size

    def is_named(self, _: list[str]) -> bool:
        """Whether the columns have these names: they are kept in one of the marks, which never changes."""
        return True

    def marks(self) -> list[Any]:
        """Return the objects that are others when the frame was changed otherwise than cell by cell."""
        frame = self._frame
        blocks = [block.values for block in frame._mgr.blocks]  # noqa: SLF001  where pandas keeps them
        return [frame, frame._mgr, frame.index, frame.columns, *blocks]  # noqa: SLF001  as above

    def copy(self, columns: list[int], rows: range) -> list[Any]:
        """Return copies of some rows of columns: stored arrays, or Arrow's where those would hold the person's objects.

        Args:
            columns: positions.
            rows: positions.
        """
        positions: Any = library_member("numpy", "arange")(rows.start, rows.stop)
        return [self._copy_column(column, positions) for column in columns]

    @staticmethod
    def encode(names: list[str], pieces: list[list[Any]], pause: Callable[[], None]) -> list[bytes]:
        """Return pieces of rows as one Arrow stream.

        Args:
            names: of the columns.
            pieces: what `copy` gave, one after the other.
            pause: called between the columns.
        """
        pyarrow: Any = sys.modules["pyarrow"]
        arrays: list[Any] = []
        for copies in zip(*pieces):  # noqa: B905  Python 3.9 has no strict
            arrays.append(_join(pyarrow, copies))
            pause()
        batch = pyarrow.RecordBatch.from_arrays(arrays, names)
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        return [sink.getvalue().to_pybytes()]

    def _copy_column(self, column: int, positions: Any) -> Any:
        if column >= self._levels:
            stored = self._known.stored(column)
        elif self._levels > 1:
            index = self._index.take(positions)
            return _to_own(index.get_level_values(column)._values)  # noqa: SLF001  `array` would wrap it
        else:
            stored = self._index._values  # noqa: SLF001  as above
        if not is_readable(stored):
            raise Refused("unreadable", f"The column `{self.columns[column]}` is kept in memory that is not its own.")
        return _to_own(stored.take(positions))


def _to_own(copy: Any) -> Any:
    """Return a copied column that refers to no object of the person's: plain values, texts or codes instead."""
    if is_array(copy):
        return copy if copy.dtype.kind in "biufmM" else to_plain_values(copy.tolist())
    if library_class(copy, "pandas") == "Categorical":
        return _categories_to_arrow(sys.modules["pyarrow"], copy)
    parts: list[Any] = [getattr(copy, name, None) for name in _PARTS]
    if getattr(copy, "_pa_array", None) is None and not any(
        is_array(part) and part.dtype.kind != "O" for part in parts
    ):
        return to_plain_values(to_objects(copy))
    return copy


def _join(pyarrow: Any, copies: Sequence[Any]) -> Any:
    """Return copies of one column, one below the other, as an Arrow array."""
    first: Any = copies[0]
    if type(first) is list:
        return to_arrow_array(pyarrow, [value for copy in copies for value in copy])
    if is_array(first):
        concatenate: Any = library_member("numpy", "concatenate")
        return _array_to_arrow(pyarrow, concatenate(copies))
    if isinstance(first, pyarrow.Array):
        return (
            pyarrow.concat_arrays(copies)
            if all(copy.type == first.type for copy in copies)
            else to_arrow_array(pyarrow, [value for copy in copies for value in copy.to_pylist()])
        )
    kind: Any = class_of(first)
    return _to_arrow(pyarrow, kind._concat_same_type(list(copies)))  # noqa: SLF001  pandas' own way


def _to_arrow(pyarrow: Any, copy: Any) -> Any:
    """Return a copied column as an Arrow array, of the type that says the same."""
    if is_array(copy):
        return _array_to_arrow(pyarrow, copy)
    kind = library_class(copy, "pandas.arrays")
    if (chunks := getattr(copy, "_pa_array", None)) is not None:
        return pyarrow.concat_arrays(chunks.chunks) if chunks.num_chunks else pyarrow.array([], chunks.type)
    if is_array(mask := getattr(copy, "_mask", None)):
        return pyarrow.array(copy._data, mask=mask)  # noqa: SLF001  pandas' nullable arrays are these two
    if kind == "DatetimeArray" and copy.dtype.kind == "M":
        array = _array_to_arrow(pyarrow, copy._ndarray)  # noqa: SLF001  the instants, in UTC
        return array.cast(pyarrow.timestamp(array.type.unit, "UTC")) if hasattr(copy.dtype, "tz") else array
    if kind == "TimedeltaArray":
        return _array_to_arrow(pyarrow, copy._ndarray)  # noqa: SLF001  as above
    return to_arrow_array(pyarrow, to_plain_values(to_objects(copy)))


def _array_to_arrow(pyarrow: Any, copy: Any) -> Any:
    dtype = copy.dtype
    if dtype.kind == "f" and dtype.itemsize not in (4, 8):
        copy = copy.astype("f8")
    elif not dtype.isnative:
        copy = copy.astype(dtype.newbyteorder("="))
    numbers = dtype.kind in "biuf"
    times = dtype.kind in "mM" and dtype.str.partition("[")[2][:-1] in _UNITS
    if numbers or times:
        return pyarrow.array(copy, from_pandas=True)
    return to_arrow_array(pyarrow, to_plain_values(copy.astype(str).tolist()))


def _categories_to_arrow(pyarrow: Any, copy: Any) -> Any:
    unique: Any = library_member("numpy", "unique")
    used, places = unique(copy._codes, return_inverse=True)  # noqa: SLF001  `codes` would make a view
    missing = int(-1 in used[:1].tolist())
    categories = _join(pyarrow, [_to_own(copy.categories._values.take(used[missing:]))])  # noqa: SLF001  as above
    places = places - missing
    return categories.take(pyarrow.array(places, mask=places < 0))

"""pandas' dataframes, for `frames`. Knows how pandas stores columns; refuses to make anything that outlives a call.

A page is a `take` from each column's stored array: a view or a slice of the frame that is held while the person writes
would slow pandas down for good. Columns are fetched as stored, not as Series, so that pandas keeps no track of it.
"""

from __future__ import annotations

from typing import Any

from .arrays import dtype_name, elements_readable, is_array
from .cells import to_cells
from .credentials import names_credential
from .objects import class_of, comes_from, find_base, library_class, library_member
from .rendering import clean, preview

__all__ = ["PandasFrame", "find_pandas_frame", "render_pandas", "summarize_pandas"]

_FIRST = 10
_COLUMNS_SHOWN = 30


def find_pandas_frame(value: Any) -> Any:
    """Return the value as a frame; None if it is not exactly a pandas DataFrame."""
    return PandasFrame(value) if type(value) is library_member("pandas", "DataFrame") else None


def summarize_pandas(value: Any) -> Any:
    """Return (shape, bytes or None, text) of a DataFrame, Series or Index, touching no element; None for others."""
    name = library_class(value, "pandas")
    if name == "DataFrame":
        frame = PandasFrame(value)
        return [frame.rows, len(value.columns)], frame.size, f"{frame.rows} rows x {len(value.columns)} columns"
    if name == "Series":
        stored = value._values  # noqa: SLF001  `array` would wrap it
        kind = _dtype_name(stored)
        return [len(value.index)], _stored_bytes(stored), f"{kind} series of {len(value.index)}"
    if name == "Index":
        return [len(value)], None, f"index of {len(value)}"
    return None


def render_pandas(value: Any) -> str:
    """Return what `inspect_variable` says of a frame or a series; "" for others."""
    name = library_class(value, "pandas")
    if name == "Series":
        stored = value._values  # noqa: SLF001  as above
        values = (
            _copy_cells(stored, range(min(len(value.index), _FIRST)), preview(value.name)) if _readable(stored) else []
        )
        return f"{summarize_pandas(value)[2]}: {', '.join(map(repr, values))}"
    if name != "DataFrame":
        return ""
    frame = PandasFrame(value)
    shown = list(range(min(frame.width, _COLUMNS_SHOWN)))
    columns = [f"{each} {kind}" for each, kind in zip(frame.columns, frame.dtypes(shown))]  # noqa: B905  Python 3.9 has no strict
    more = f", and {frame.width - len(shown)} more" if frame.width > len(shown) else ""
    return f"{frame.rows} rows x {frame.width} columns: {', '.join(columns)}{more}"


class PandasFrame:
    """One look at a DataFrame; made anew for each piece of work, so that nothing is held in between.

    Index levels come first among the columns, unless the index only counts the rows.
    """

    lazy = False

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        index = frame.index
        self.rows = len(index)
        counts = type(index) is library_member("pandas", "RangeIndex") and index.name is None
        self._levels: list[Any] = [] if counts else list(index.names)
        self.width = len(self._levels) + len(frame.columns)

    @property
    def size(self) -> Any:
        """Bytes of the stored columns, without what objects refer to; None if pandas does not say."""
        try:
            blocks = self._frame._mgr.blocks  # noqa: SLF001  memory_usage goes through every column
            return sum(_stored_bytes(block.values) or 0 for block in blocks)
        except AttributeError:
            return None

    @property
    def columns(self) -> list[str]:
        """The names as text, made different from each other as `read_csv` does: x, x.1."""
        names = [
            _name_text(each, f"level_{i}" if len(self._levels) > 1 else "index") for i, each in enumerate(self._levels)
        ]
        names += [_name_text(each, "") for each in self._frame.columns.tolist()]
        return _different(names)

    def dtypes(self, columns: list[int]) -> list[str]:
        """Return the element types of columns, by their positions."""
        return [_dtype_name(self._stored(column)) for column in columns]

    def take(self, column: int, name: str, rows: range) -> list[Any]:
        """Return some cells of a column, copied, as JSON values.

        Args:
            column: its position.
            name: its name; text under the name of a credential is hidden.
            rows: positions.
        """
        stored = self._stored(column)
        if not _readable(stored):
            return ["[cannot be read safely]"] * len(rows)
        return _copy_cells(stored, rows, name)

    def _stored(self, column: int) -> Any:
        levels = len(self._levels)
        if column >= levels:
            return self._frame._get_column_array(column - levels)  # noqa: SLF001  the one way without a tracked view
        index = self._frame.index
        if levels > 1:
            return _IndexLevel(index, column)
        return index._values  # noqa: SLF001  `array` would wrap it


class _IndexLevel:
    """A level of a MultiIndex, with the two things that columns are asked for."""

    def __init__(self, index: Any, level: int) -> None:
        self._index = index
        self._level = level
        self.dtype = index.levels[level].dtype

    def take(self, positions: Any) -> Any:
        return self._index.take(positions).get_level_values(self._level)._values  # noqa: SLF001  as above


def _copy_cells(stored: Any, rows: range, name: str) -> list[Any]:
    positions: Any = library_member("numpy", "arange")
    copy = stored.take(positions(rows.start, rows.stop, rows.step))
    if is_array(copy) and copy.dtype.kind in "Mm":
        return [None if text == "NaT" else _short_time(text) for text in copy.astype(str).tolist()]
    values = copy.tolist() if is_array(copy) and copy.dtype.kind in "biufcOSU" else list(copy.astype(object))
    return to_cells(values, secret=names_credential(name))


def _readable(stored: Any) -> bool:
    """Whether taking from a stored column runs only numpy's and pandas' code and touches only memory that is there."""
    if is_array(stored):
        return elements_readable(stored)
    if type(stored) is _IndexLevel:
        return True
    if not comes_from(type(stored), "pandas"):
        return False
    parts = [getattr(stored, name, None) for name in ("_ndarray", "_data", "_mask", "_codes")]
    return all(elements_readable(part) for part in parts if is_array(part))


def _dtype_name(stored: Any) -> str:
    if is_array(stored) or type(stored) is _IndexLevel or comes_from(type(stored), "pandas"):
        return dtype_name(stored.dtype)
    return "object"


def _stored_bytes(stored: Any) -> Any:
    return stored.nbytes if is_array(stored) or comes_from(type(stored), "pandas") else None


def _name_text(name: Any, otherwise: str) -> str:
    if name is None:
        return otherwise
    if class_of(name) is tuple:
        return ".".join(_name_text(each, "") for each in name)
    return clean(str.__getitem__(name, slice(200))) if find_base(type(name)) is str else preview(name)


def _different(names: list[str]) -> list[str]:
    seen = set(names)
    if len(seen) == len(names):
        return names
    used: set[str] = set()
    result: list[str] = []
    for name in names:
        fresh, count = name, 0
        while fresh in used or (count and fresh in seen):
            count += 1
            fresh = f"{name}.{count}"
        used.add(fresh)
        result.append(fresh)
    return result


def _short_time(text: str) -> str:
    """Drop the zeros that numpy writes after the second."""
    return text.rstrip("0").rstrip(".") if "." in text else text

"""pandas' dataframes, for `frames`. Knows how pandas stores columns; refuses to make anything that outlives a call.

A page is a `take` from each column's stored array: a view or a slice of the frame that is held while the person writes
would slow pandas down for good. Columns are fetched as stored, not as Series, so that pandas keeps no track of it, and
out of one manager, looked at once: while we look, the person may sort the frame in place, or add and drop columns.
"""

from __future__ import annotations

import weakref
from typing import Any

from .arrays import dtype_name, elements_readable, is_array
from .cells import to_cell, to_cells
from .credentials import names_credential
from .flat import are_numbers
from .objects import class_of, comes_from, find_base, library_class, library_member
from .refusals import Changed
from .rendering import clean, preview
from .stored_numbers import CountingLevel, IndexLevel, find_arrow_text, find_numbers, numpy

__all__ = [
    "UNREADABLE",
    "PandasFrame",
    "find_pandas_frame",
    "is_readable",
    "render_pandas",
    "summarize_pandas",
    "to_objects",
]

UNREADABLE = "[cannot be read safely]"
"""Stands for a cell whose memory may not be there any more."""

_FIRST = 10
_COLUMNS_SHOWN = 30
_PARTS = ("_ndarray", "_data", "_mask", "_codes")
_INDEX_LEVELS = (IndexLevel, CountingLevel)


def find_pandas_frame(value: Any) -> Any:
    """Return the value as a frame; None if it is not exactly a pandas DataFrame."""
    return PandasFrame(value) if type(value) is library_member("pandas", "DataFrame") else None


def summarize_pandas(value: Any) -> Any:
    """Return (shape, bytes or None, text) of a DataFrame, Series or Index, touching no element; None for others."""
    name = library_class(value, "pandas")
    if name == "DataFrame":
        frame = PandasFrame(value)
        return [frame.rows, frame.named], frame.size, f"{frame.rows} rows x {frame.named} columns"
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
            _copy_cells(stored, range(min(len(value.index), _FIRST)), preview(value.name))
            if is_readable(stored)
            else []
        )
        return f"{summarize_pandas(value)[2]}: {', '.join(map(repr, values))}"
    if name != "DataFrame":
        return ""
    frame = PandasFrame(value)
    shown = list(range(min(frame.width, _COLUMNS_SHOWN)))
    columns = [f"{each} {kind}" for each, kind in zip(frame.first_columns(len(shown)), frame.dtypes(shown))]  # noqa: B905  Python 3.9 has no strict
    more = f", and {frame.width - len(shown)} more" if frame.width > len(shown) else ""
    return f"{frame.rows} rows x {frame.width} columns: {', '.join(columns)}{more}"


class PandasFrame:
    """One look at a DataFrame; made anew for each piece of work, so that nothing is held in between.

    Index levels come first among the columns, unless the index only counts the rows.
    """

    def __init__(self, frame: Any) -> None:
        self._manager = frame._mgr  # noqa: SLF001  the frame's parts at one moment
        self._names, self._index = self._manager.axes
        self._blocks = self._manager.blocks
        # Those of this moment: an insertion moves the others on, one after the other, before there is a new name.
        self._places = [block.mgr_locs for block in self._blocks]
        self._found: Any = None
        self.rows, self.named = len(self._index), len(self._names)
        self._levels = _levels(self._index)
        self.width = len(self._levels) + self.named

    @property
    def token(self) -> Any:
        """Weakly refers to what a frame that was sorted in place, or lost a column, has no more."""
        return weakref.ref(self._manager)

    @property
    def size(self) -> Any:
        """Bytes of the stored columns, without what objects refer to."""
        return sum(_stored_bytes(block.values) or 0 for block in self._blocks)

    @property
    def columns(self) -> list[str]:
        """The names as text, made different from each other as `read_csv` does: x, x.1."""
        return self._different(self._names.tolist())

    def first_columns(self, count: int) -> list[str]:
        """Return the first of them, not looking at the others."""
        if type(self._names) is library_member("pandas", "RangeIndex"):
            some = list(_range_of(self._names)[:count])
        else:
            some = (self._names.take(numpy("arange")(count)) if count < self.named else self._names).tolist()
        return self._different(some)[:count]

    def _different(self, names: list[Any]) -> list[str]:
        levels = [
            _name_text(each, f"level_{i}" if len(self._levels) > 1 else "index") for i, each in enumerate(self._levels)
        ]
        shown = list(map(repr, names)) if are_numbers(names) else [_name_text(each, "") for each in names]
        return make_different(levels + shown)

    @property
    def parts(self) -> tuple[list[Any], list[tuple[Any, Any]]]:
        """The columns' names and the index; and of each block, which columns are in it and the stored array."""
        return [self._names, self._index], [(places, block.values) for places, block in zip(self._places, self._blocks)]  # noqa: B905  Python 3.9 has no strict

    def dtypes(self, columns: list[int]) -> list[str]:
        """Return the element types of columns, by their positions."""
        levels = len(self._levels)
        if len(self._blocks) == 1 and columns and not levels:  # numbers of one type
            return [_dtype_name(self.stored(columns[0]))] * len(columns)
        places = [id(self._find_kept(each - levels)[0]) if each >= levels else each for each in columns]
        one_of_each = dict(zip(places, columns))  # noqa: B905  many columns are in few blocks; Python 3.9 has no strict
        names = {place: _dtype_name(self.stored(column)) for place, column in one_of_each.items()}
        return [names[place] for place in places]

    def take(self, column: int, name: str, rows: Any) -> list[Any]:
        """Return some cells of a column, copied, as JSON values.

        Args:
            column: its position.
            name: its name; text under the name of a credential is hidden.
            rows: a range, or an array of positions.
        """
        stored = self.stored(column)
        if not is_readable(stored):
            return [UNREADABLE] * len(rows)
        return _copy_cells(stored, rows, name)

    def take_plain(self, column: int, rows: Any) -> list[Any]:
        """Return some cells to compare: text as it is, all else as JSON values; null if it cannot be read safely."""
        stored = self.stored(column)
        if not is_readable(stored):
            return [None] * len(rows)
        return [each if type(each) is str else to_cell(each) for each in _copy_values(_take(stored, rows))]

    def choices(self, column: int) -> list[Any]:
        """Return the different cells of a column that `numbers` calls a choice."""
        choices = self.numbers(column).choices
        return [
            each if type(each) is str else to_cell(each) for each in _copy_values(_take(choices, range(len(choices))))
        ]

    def numbers(self, column: int) -> Any:
        """Return a column as `Numbers`; None if it has to be read cell by cell."""
        return find_numbers(self.stored(column))

    def text(self, column: int) -> Any:
        """Return pyarrow's chunks of a column of text; None if it is something else."""
        return find_arrow_text(self.stored(column))

    def stored(self, column: int) -> Any:
        """Return the array in which a column is kept; for an index level, what can be taken from like one."""
        levels = len(self._levels)
        if column >= levels:
            stored = _column_of(*self._find_kept(column - levels))
            if len(stored) != self.rows:
                raise Changed
            return stored
        if levels > 1:
            return IndexLevel(self._index, column)
        if type(self._index) is library_member("pandas", "RangeIndex"):
            return CountingLevel(_range_of(self._index))
        return self._index._values  # noqa: SLF001  `array` would wrap it

    def _find_kept(self, column: int) -> tuple[Any, Any]:
        """Return what a block keeps, and where in it the column is."""
        # The manager's own search would fill in a table of it, maybe while the person's thread is changing that.
        numbers, places = self._manager._blknos, self._manager._blklocs  # noqa: SLF001  as above
        if numbers is None or places is None or not self._fits(numbers, places, column):
            self._found = numbers, places = self._found or self._find_places()
        return self._blocks[numbers[column]].values, places[column]

    def _fits(self, numbers: Any, places: Any, column: int) -> bool:
        """Whether pandas' table is of the moment that this look is of."""
        if len(numbers) != len(self._names) or numbers[column] >= len(self._blocks):
            return False
        columns = self._places[numbers[column]].as_array
        return places[column] < len(columns) and bool(columns[places[column]] == column)

    def _find_places(self) -> tuple[Any, Any]:
        """Return of each column in which block it is, and where there."""
        full, arange = numpy("full"), numpy("arange")
        numbers, places = full(len(self._names), -1), full(len(self._names), -1)
        for number, columns in enumerate(self._places):
            numbers[columns.as_array] = number
            places[columns.as_array] = arange(len(columns))
        if sum(map(len, self._places)) != len(self._names) or (numbers < 0).any():
            raise Changed
        return numbers, places


def _levels(index: Any) -> list[Any]:
    counts = type(index) is library_member("pandas", "RangeIndex") and index.name is None
    return [] if counts else list(index.names)


def _range_of(index: Any) -> range:
    """Return what a RangeIndex counts, without going through pandas."""
    return range(index.start, index.stop, index.step)


def _column_of(values: Any, place: Any) -> Any:
    return values[place] if values.ndim > 1 else values


def _take(stored: Any, rows: Any) -> Any:
    positions = numpy("arange")(rows.start, rows.stop, rows.step) if type(rows) is range else rows
    return stored.take(positions)


def _copy_cells(stored: Any, rows: Any, name: str) -> list[Any]:
    if library_class(stored, "pandas.arrays") == "DatetimeArray" and stored.tz is None:
        stored = stored._ndarray  # noqa: SLF001  numpy writes times ten times as fast
    copy = _take(stored, rows)
    if is_array(copy) and copy.dtype.kind == "M":
        return [None if text == "NaT" else _short_time(text) for text in copy.astype(str).tolist()]
    return to_cells(_copy_values(copy), secret=names_credential(name))


def _copy_values(copy: Any) -> list[Any]:
    return copy.tolist() if is_array(copy) and copy.dtype.kind in "biufcOSU" else to_objects(copy)


def to_objects(copy: Any) -> list[Any]:
    """Return the cells of an array as Python objects.

    Pandas swaps the process's filters of warnings for a moment, where the type is not given as numpy's and for its
    nullable arrays; a cell that sets its own just then would lose them (seen once in ten thousand reads).
    """
    mask: Any = getattr(copy, "_mask", None)
    if is_array(mask):
        return [None if missing else value for value, missing in zip(copy._data.tolist(), mask.tolist())]  # noqa: B905, SLF001  Python 3.9 has no strict; the memory itself
    return list(copy.astype(numpy("dtype")("O")))


def is_readable(stored: Any) -> bool:
    """Whether taking from a stored column runs only numpy's and pandas' code and touches only memory that is there."""
    if is_array(stored):
        return elements_readable(stored)
    if type(stored) in _INDEX_LEVELS:
        return True
    if not comes_from(type(stored), "pandas"):
        return False
    parts = [getattr(stored, name, None) for name in _PARTS]
    return all(elements_readable(part) for part in parts if is_array(part))


def _dtype_name(stored: Any) -> str:
    if is_array(stored) or type(stored) in _INDEX_LEVELS or comes_from(type(stored), "pandas"):
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


def make_different(names: list[str]) -> list[str]:
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

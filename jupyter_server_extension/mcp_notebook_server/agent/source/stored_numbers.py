"""A stored column of pandas or numpy as numbers that stand for its cells: quick to compare, to count and to sort.

Knows the arrays that pandas keeps columns in. Refuses object columns: only the person's own code could compare those.
What is given out is made for each piece and dropped with it; it lives no longer than one look at the frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .arrays import elements_readable, is_array
from .objects import library_class, library_member

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MOST_CHOICES", "CountingLevel", "IndexLevel", "Numbers", "find_arrow_text", "find_numbers", "numpy", "pick"]

MOST_CHOICES = 5000
"""Categories that are looked at one by one; with more, a column is read cell by cell."""

_MASKED = ("IntegerArray", "FloatingArray", "BooleanArray")
_TIMES = {"DatetimeArray": "Timestamp", "TimedeltaArray": "Timedelta", "PeriodArray": "Period"}
_ARROW = ("ArrowExtensionArray", "ArrowStringArray")
_ARROW_TEXT = frozenset(["string", "large_string", "string_view"])
_MASKED_PARTS = ("_data", "_mask")


def numpy(name: str) -> Any:
    """Return a function of the kernel's numpy, which is there: arrays are."""
    return library_member("numpy", name)


def pick(array: Any, rows: Any) -> Any:
    """Return some elements, next to each other in memory: a view, or a copy where they are not.

    Args:
        array: of numpy.
        rows: a range, or an array of positions.
    """
    if type(rows) is range:
        return numpy("ascontiguousarray")(array[rows.start : rows.stop : rows.step])
    return array.take(rows)


class Numbers:
    """A column as numbers.

    Args:
        kind: "flag", "number", "time", or "choice" (the number is a position among `choices`).
        get: of rows; returns their numbers, and which of them are null (None if none can be).

    Attributes:
        maker: the class of pandas that parses a time.
        dtype: of the column, for times.
        choices: a stored column of the different cells.
        sortable: whether the order of the numbers is that of the cells.
        ranked: whether least and greatest say something.
    """

    def __init__(self, kind: str, get: Callable[[Any], tuple[Any, Any]]) -> None:
        self.kind = kind
        self._get = get
        self.maker = ""
        self.dtype: Any = None
        self.choices: Any = None
        self.sortable = True
        self.ranked = kind in ("number", "time")

    def get(self, rows: Any) -> tuple[Any, Any]:
        """Return the numbers of rows, and which are null (None if none is)."""
        values, nulls = self._get(rows)
        return values, nulls if nulls is not None and nulls.any() else None


class IndexLevel:
    """A level of a MultiIndex, with what columns are asked for."""

    def __init__(self, index: Any, level: int) -> None:
        self._index = index
        self._level = level
        self.choices = index.levels[level]._values  # noqa: SLF001  `array` would wrap it
        self.codes = index.codes[level]
        self.dtype = index.levels[level].dtype

    def take(self, positions: Any) -> Any:
        """Return cells as a stored column."""
        return self._index.take(positions).get_level_values(self._level)._values  # noqa: SLF001  as above


class CountingLevel:
    """A RangeIndex that has a name; asked for its values it would keep an array of them."""

    def __init__(self, counts: range) -> None:
        self._counts = counts
        self.dtype = numpy("dtype")("int64")

    def take(self, positions: Any) -> Any:
        """Return cells as a stored column."""
        return positions * self._counts.step + self._counts.start


def find_numbers(stored: Any) -> Numbers | None:  # noqa: PLR0911  one for each kind of array
    """Return a stored column as numbers; None if it has to be read cell by cell."""
    if is_array(stored):
        return _of_array(stored) if elements_readable(stored) else None
    if type(stored) is IndexLevel:
        return _of_level(stored)
    if type(stored) is CountingLevel:
        return Numbers("number", lambda rows: (stored.take(_positions(rows)), None))
    name = library_class(stored, "pandas.arrays")
    if name in _MASKED and all(elements_readable(getattr(stored, part)) for part in _MASKED_PARTS):
        return _of_masked(stored)
    if name in _TIMES and elements_readable(stored._ndarray):  # noqa: SLF001  the memory itself
        return _of_times(stored._ndarray, _TIMES[name], stored.dtype)  # noqa: SLF001  as above
    if name == "Categorical" and elements_readable(stored._codes):  # noqa: SLF001  as above
        return _of_categories(stored)
    return _of_arrow(stored._pa_array) if name in _ARROW else None  # noqa: SLF001  as above


def find_arrow_text(stored: Any) -> Any:
    """Return pyarrow's chunks of a column of text; None if it is stored in another way."""
    if library_class(stored, "pandas.arrays") not in _ARROW or library_member("pyarrow", "compute") is None:
        return None
    chunks = stored._pa_array  # noqa: SLF001  the memory itself
    return chunks if str(chunks.type) in _ARROW_TEXT else None


def _of_array(array: Any) -> Numbers | None:
    kind = array.dtype.kind
    if kind == "b":
        return Numbers("flag", lambda rows: (pick(array, rows), None))
    if kind in "iu":
        return Numbers("number", lambda rows: (pick(array, rows), None))
    if kind == "f":
        return Numbers("number", lambda rows: _with_nan(pick(array, rows)))
    if kind in "Mm":
        return _of_times(array, "Timestamp" if kind == "M" else "Timedelta", array.dtype)
    return None


def _with_nan(values: Any) -> tuple[Any, Any]:
    # The least is NaN if any is; that is quicker to see than where.
    if len(values) and values.min() == values.min():
        return values, None
    return values, numpy("isnan")(values)


def _of_times(array: Any, maker: str, dtype: Any) -> Numbers:
    whole = array.view("i8")
    missing = numpy("iinfo")("i8").min

    def get(rows: Any) -> tuple[Any, Any]:
        values = pick(whole, rows)
        return values, values == missing

    numbers = Numbers("time", get)
    numbers.maker, numbers.dtype = maker, dtype
    return numbers


def _of_masked(stored: Any) -> Numbers | None:
    data, mask = stored._data, stored._mask  # noqa: SLF001  as above
    inner = _of_array(data)
    if inner is None:
        return None

    def get(rows: Any) -> tuple[Any, Any]:
        values, nulls = inner.get(rows)
        masked = pick(mask, rows)
        return values, masked if nulls is None else masked | nulls

    return Numbers(inner.kind, get)


def _of_categories(stored: Any) -> Numbers | None:
    codes, categories = stored._codes, stored.categories  # noqa: SLF001  as above
    if len(categories) > MOST_CHOICES:
        return None
    numbers = Numbers("choice", lambda rows: _with_minus_one(pick(codes, rows)))
    numbers.choices = categories._values  # noqa: SLF001  as above
    numbers.ranked = bool(stored.ordered)
    return numbers


def _of_level(level: IndexLevel) -> Numbers | None:
    inner = find_numbers(level.choices)
    codes = level.codes
    if inner is None or inner.kind == "choice":
        if len(level.choices) > MOST_CHOICES:
            return None
        numbers = Numbers("choice", lambda rows: _with_minus_one(pick(codes, rows)))
        numbers.choices, numbers.sortable = level.choices, False
        return numbers

    def get(rows: Any) -> tuple[Any, Any]:
        picked, missing = _with_minus_one(pick(codes, rows))
        if not len(level.choices):
            return picked, missing
        values, nulls = inner.get(picked)  # at -1 it is the last one, and not looked at
        return values, missing if nulls is None else missing | nulls

    numbers = Numbers(inner.kind, get)
    numbers.maker, numbers.dtype = inner.maker, inner.dtype
    return numbers


def _with_minus_one(codes: Any) -> tuple[Any, Any]:
    return codes, codes == -1


def _of_arrow(chunks: Any) -> Numbers | None:
    name = str(chunks.type)
    if name.startswith(("int", "uint", "float", "double")):
        return Numbers("number", lambda rows: _from_arrow(chunks, rows, 0))
    if name == "bool":
        return Numbers("flag", lambda rows: _from_arrow(chunks, rows, fill=False))
    return None


def _from_arrow(chunks: Any, rows: Any, fill: Any) -> tuple[Any, Any]:
    part = chunks.slice(rows.start, len(rows)) if type(rows) is range and rows.step == 1 else None
    if part is None:
        part = chunks.take(library_member("pyarrow", "array")(_positions(rows)))
    nulls = part.is_null().to_numpy() if part.null_count else None
    values = part.fill_null(fill).to_numpy() if part.null_count else part.to_numpy()
    if values.dtype.kind != "f":
        return values, nulls
    values, missing = _with_nan(values)
    return values, nulls if missing is None else missing if nulls is None else missing | nulls


def _positions(rows: Any) -> Any:
    return numpy("arange")(rows.start, rows.stop, rows.step) if type(rows) is range else rows

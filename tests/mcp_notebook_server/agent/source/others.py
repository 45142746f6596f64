"""Tables that hypothesis makes for any library, and the check that a frame is read as what it was made of.

What is expected is computed by pandas, of Python's own objects: nothing that is inferred from the values drawn may
change what is asked for (a column of a frame once became numbers when none of its cells was drawn as missing).
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from .generated import ROWS, TEXT, to_cell
from .shells import describe, read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ZONE = "Europe/Oslo"
MANY = int(os.environ.get("MCP_NOTEBOOK_EXAMPLES", "0"))
"""How many examples to try of each library, by hand: then hypothesis also looks for the smallest that fails."""


def bounded(examples: int) -> Any:
    """Return the settings of a test that CI can bear, with so many examples, also where one fails.

    Examples differ with the modules that are loaded, even where they are derandomized: hypothesis draws constants
    that it finds in them. So a test that passes alone has seen other examples than one in a full run.
    """
    phases = [Phase.explicit, Phase.generate]
    return settings(
        max_examples=MANY or examples,
        phases=phases,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        report_multiple_bugs=False,
    )


@dataclass(frozen=True)
class Kind:
    """Columns of one type.

    Attributes:
        cells: what they hold.
        dtype: of PyArrow.
        order: whether they can be compared and sorted.
    """

    cells: Any
    dtype: Any
    order: bool = True


MOMENTS = st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1))  # noqa: DTZ001  without a zone
SAID = TEXT.filter(lambda each: "\x00" not in each)
SMALL = st.integers(-9, 9)
WORDS = ["", "b", "a", "Zoë", "ab"]

KINDS: dict[str, Kind] = {
    "whole": Kind(st.integers(-(2**62), 2**62) | SMALL, pa.int64()),
    "byte": Kind(st.integers(-128, 127), pa.int8()),
    "positive": Kind(st.integers(0, 2**64 - 1), pa.uint64()),
    "float": Kind(st.sampled_from([0.0, -0.0, 1.5, -2.25, 1e300, float("nan"), float("inf")]), pa.float64()),
    "short float": Kind(st.floats(width=32, allow_subnormal=False), pa.float32()),
    "decimal": Kind(st.decimals(-999, 999, places=2), pa.decimal128(12, 2)),
    "text": Kind(SAID, pa.string()),
    "choice": Kind(st.sampled_from(WORDS), pa.dictionary(pa.int32(), pa.string())),
    "flag": Kind(st.booleans(), pa.bool_()),
    "moment": Kind(MOMENTS, pa.timestamp("us")),
    "zoned": Kind(MOMENTS.map(lambda each: each.replace(tzinfo=dt.UTC)), pa.timestamp("us", ZONE)),
    "day": Kind(st.dates(dt.date(1990, 1, 1), dt.date(2060, 1, 1)), pa.date32()),
    "bytes": Kind(st.binary(max_size=3), pa.binary(), order=False),
    "list": Kind(st.lists(SMALL, max_size=3), pa.list_(pa.int64()), order=False),
    "record": Kind(
        st.fixed_dictionaries({"n": SMALL, "word": st.just("x")}),
        pa.struct([("n", pa.int64()), ("word", pa.string())]),
        order=False,
    ),
}

ENDS = {"whole", "float", "text", "moment", "day", "decimal"}
"""Kinds of which least and greatest are told."""


def draw_table(data: Any, without: Sequence[str] = (), width: int = 5) -> pa.Table:
    """Return a table with a column of each kind drawn, named by it, and one that counts the rows."""
    rows = data.draw(st.integers(0, 10))
    known = [name for name in KINDS if name not in without]
    made: dict[str, Any] = {ROWS: pa.array(range(rows), pa.int64())}
    for name in data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=width, unique=True)):
        cells = data.draw(st.lists(st.none() | KINDS[name].cells, min_size=rows, max_size=rows))
        # PyArrow itself cannot make a column of choices that are all missing.
        kind = KINDS[name].dtype
        made[name] = pa.array(cells, pa.string()).cast(kind) if name == "choice" else pa.array(cells, kind)
    return pa.table(made)


def cell(value: Any) -> Any:
    """Return what a host should see of one of Python's values."""
    return value.isoformat() if isinstance(value, dt.date) else None if value is None else to_cell(value)


def normal(rows: list[list[Any]]) -> list[list[Any]]:
    """Return times as moments: Dask gives dates as midnights, pandas leaves no zeros of a fraction out."""
    return [[_to_moment(each) if isinstance(each, str) else each for each in row] for row in rows]


def _to_moment(text: str) -> Any:
    if not text[:4].isdigit() or text[4:5] != "-" or len(text) < len("2000-01-01"):
        return text
    moment = pd.Timestamp(text)
    return moment if moment.tzinfo is None else moment.tz_convert("UTC")


def values_of(table: pa.Table, name: str) -> Any:
    """Return a column as pandas' series of Python objects, in which NaN is None."""
    cells = [None if each is None or each != each else each for each in table[name].to_pylist()]  # noqa: PLR0124
    return pd.Series(cells, dtype=object)


def check_frame(frame: Any, table: pa.Table, data: Any, unended: Iterable[str] = (), **asked: Any) -> None:
    """Check a page, a condition, an order and the figures of a frame that holds what the table holds.

    Args:
        frame: of any library.
        table: what it was made of.
        data: hypothesis'.
        unended: of `ENDS`, the kinds of which this library tells no least and greatest.
        asked: what else every operation is given, such as `paid`.
    """
    check_page(frame, table, data, **asked)
    ordered = [name for name in table.column_names if name == ROWS or KINDS[name].order]
    name = data.draw(st.sampled_from(ordered))
    check_condition(frame, table, name, data, **asked)
    check_order(frame, table, name, data, **asked)
    check_figures(frame, table, set(unended), **asked)


def check_page(frame: Any, table: pa.Table, data: Any, **asked: Any) -> None:
    offset, limit = data.draw(st.integers(0, 3)), data.draw(st.integers(1, 9))
    expected = zip(*(map(cell, values_of(table, name)) for name in table.column_names), strict=True)
    page = read(frame, offset=offset, limit=limit, **asked)
    assert normal(page["rows"]) == normal([*map(list, expected)][offset : offset + limit])
    assert page["columns"] == table.column_names
    assert page["total"] == len(table)


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda known, value: known == value,
    "<": lambda known, value: known < value,
    "<=": lambda known, value: known <= value,
    ">": lambda known, value: known > value,
    ">=": lambda known, value: known >= value,
}


def check_condition(frame: Any, table: pa.Table, name: str, data: Any, **asked: Any) -> None:
    known = values_of(table, name)
    drawn = SMALL if name == ROWS else KINDS[name].cells.filter(lambda each: each == each)  # noqa: PLR0124  NaN is no JSON
    there = known.dropna().tolist()
    value = data.draw(drawn | st.sampled_from(there) if there else drawn)
    ops = ["=", "!=", "is_null", "not_null", "in", "not_in"]
    op = data.draw(st.sampled_from(ops if name in ("flag", "choice") else [*ops, "<", "<=", ">", ">="]))
    sent: Any = cell(value)
    where = [{"column": name, "op": op, "value": [sent] if op in ("in", "not_in") else sent}]
    if op in ("is_null", "not_null"):
        passed = known.isna() == (op == "is_null")
    else:
        compare = _COMPARISONS[{"in": "=", "!=": "=", "not_in": "="}.get(op, op)]
        passed = known.map(lambda each: each is not None and compare(each, value)).astype(bool)
        passed = ~passed if op in ("!=", "not_in") else passed
    rows = [[row] for row in known.index[passed]]
    found = read(frame, where=where, columns=[ROWS], sort=[{"column": ROWS}], **asked)
    assert (found["rows"], found["total"]) == (rows, len(rows))


def check_order(frame: Any, table: pa.Table, name: str, data: Any, **asked: Any) -> None:
    """Check a page in order; the rows break ties, so that there is one order only."""
    falls, rows_fall = data.draw(st.booleans()), data.draw(st.booleans())
    offset, limit = data.draw(st.integers(0, 3)), data.draw(st.integers(1, 20))
    keys = dict.fromkeys([name, ROWS])
    known = pd.DataFrame({key: values_of(table, key) for key in keys})
    falling = [falls, rows_fall][: len(keys)]
    ordered = known.sort_values([*keys], ascending=[not each for each in falling], na_position="last")
    sort = [{"column": key, "descending": falls} for key, falls in zip(keys, falling, strict=True)]
    page = read(frame, sort=sort, columns=[ROWS], offset=offset, limit=limit, **asked)
    assert [row[0] for row in page["rows"]] == ordered.index[offset : offset + limit].tolist()


def check_figures(frame: Any, table: pa.Table, unended: set[str], **asked: Any) -> None:
    described = {each["name"]: each for each in describe(frame, **asked)["columns"]}
    for name in table.column_names:
        known, said = values_of(table, name).dropna(), described[name]
        assert said["nulls"] == len(table) - len(known)
        if len(known) and "min" in said:
            assert normal([[said["min"], said["max"]]]) == normal([[cell(known.min()), cell(known.max())]])
        if len(known) and name in ENDS - unended:
            assert "min" in said

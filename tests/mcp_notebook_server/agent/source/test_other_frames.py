"""Frames of libraries that compute for themselves: what is chosen is right, and what must not be run is not."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import dask.dataframe
import duckdb
import ibis
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.refusals import Refused

from .others import bounded, check_frame, draw_table
from .shells import describe, read

if TYPE_CHECKING:
    from collections.abc import Callable

# Ibis 12 itself calls what DuckDB 2 has deprecated, when it connects.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


@functools.cache
def connect_duckdb() -> Any:
    return duckdb.connect()


@functools.cache
def connect_ibis() -> Any:
    return ibis.duckdb.connect()


def keep(connection: Any, table: pa.Table) -> None:
    """Make a table `kept` of the database, in place of an older one."""
    connection.register("given", table)
    connection.execute("CREATE OR REPLACE TABLE kept AS SELECT * FROM given")


def as_relation(table: pa.Table) -> Any:
    keep(connect_duckdb(), table)
    return connect_duckdb().table("kept")


def as_ibis(table: pa.Table) -> Any:
    keep(connect_ibis().con, table)
    return connect_ibis().table("kept")


def as_dask(table: pa.Table) -> Any:
    return dask.dataframe.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=2)


LIBRARIES: dict[str, Callable[[pa.Table], Any]] = {
    "polars": pl.from_arrow,
    "polars lazy": lambda table: pl.from_arrow(table).lazy(),
    "pyarrow": lambda table: table,
    "duckdb": as_relation,
    "ibis": as_ibis,
    "dask": as_dask,
}
every_library = pytest.mark.parametrize("library", LIBRARIES)


def refuse(frame: Any, **page: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        read(frame, **page)
    return refusal.value


@pytest.mark.parametrize("library", sorted({*LIBRARIES} - {"dask"}))
@bounded(40)
@given(st.data())
def test_what_is_read_is_what_is_there(library: str, data: Any) -> None:
    table = draw_table(data)
    check_frame(LIBRARIES[library](table), table, data)


@bounded(10)
@given(st.data())
def test_what_dask_reads_is_what_is_there(data: Any) -> None:
    """Dask itself neither compares decimals nor tells the ends of days, and its lists are arrays, shown as such."""
    table = draw_table(data, without=["decimal", "list"])
    check_frame(as_dask(table), table, data, unended=["day"])


SMALL = pa.table({"n": [3, 1, None], "word": ["x", None, "y"]})


@every_library
def test_condition_of_another_type_or_column_is_refused(library: str) -> None:
    frame = LIBRARIES[library](SMALL)
    assert refuse(frame, where=[{"column": "n", "op": "<", "value": "a"}]).kind == "bad_argument"
    assert refuse(frame, where=[{"column": "n", "op": "contains", "value": "a"}]).kind == "bad_argument"
    assert "word" in refuse(frame, sort=[{"column": "no"}]).message
    assert read(frame, where=[{"column": "word", "op": "contains", "value": "x"}])["rows"] == [[3, "x"]]


@every_library
def test_pages_in_an_order_with_equals_fit_each_other(library: str) -> None:
    rows = list(range(60))
    table = pa.table({"part": [each * 7 % 3 for each in rows], "row": rows, "half": [each / 2 for each in rows]})
    frame = LIBRARIES[library](table)
    sort = [{"column": "part", "descending": True}]
    pages = [read(frame, sort=sort, columns=["row"], offset=at, limit=7)["rows"] for at in range(0, 60, 7)]
    found = [row for page in pages for (row,) in page]
    assert found == sorted(rows, key=lambda row: -(row * 7 % 3))


@every_library
def test_wide_frame_is_paged_and_described(library: str) -> None:
    names = [f"c{each}" for each in range(100)]
    frame = LIBRARIES[library](pa.table({name: [at, None, -at] for at, name in enumerate(names)}))
    assert read(frame, columns=["c99", "c0"], sort=[{"column": "c7"}])["rows"] == [[-99, 0], [99, 0], [None, None]]
    assert [len(row) for row in read(frame)["rows"]] == [100] * 3
    last = describe(frame)["columns"][-1]
    assert (last["name"], last["nulls"], last["min"], last["max"]) == ("c99", 1, -99, 99)


@every_library
def test_empty_frame_has_columns_and_no_rows(library: str) -> None:
    frame = LIBRARIES[library](pa.table({"n": pa.array([], pa.int64()), "word": pa.array([], pa.string())}))
    answer = read(frame, sort=[{"column": "word"}], where=[{"column": "n", "op": ">", "value": 1}])
    assert answer == {"columns": ["n", "word"], "rows": [], "total": 0}
    assert [each["nulls"] for each in describe(frame)["columns"]] == [0, 0]


def test_equal_names_are_told_apart() -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
    for frame in (table, duckdb.connect().sql("SELECT 1 AS a, 2 AS a")):
        assert read(frame) == {"columns": ["a", "a.1"], "rows": [[1, 2]], "total": 1}


def test_text_under_the_name_of_a_credential_is_hidden() -> None:
    frame = pl.DataFrame({"password": ["hunter2"], "n": [1]})
    assert "hunter2" not in str([read(frame), describe(frame)])
    assert refuse(frame, where=[{"column": "password", "op": "starts_with", "value": "h"}]).kind == "bad_argument"
    assert refuse(frame, sort=[{"column": "password"}]).kind == "bad_argument"


def ran(*_: Any) -> Any:
    raise AssertionError("the person's code has run")


lazy = pl.LazyFrame({"n": [1, 2]})
PYTHON: dict[str, Callable[[], Any]] = {
    "map_elements": lambda: lazy.with_columns(pl.col("n").map_elements(ran, return_dtype=pl.Int64)),
    "map_batches": lambda: lazy.map_batches(ran, schema={"n": pl.Int64}),
    "group": lambda: lazy.group_by("n").map_groups(ran, schema={"n": pl.Int64}),
    "dask": lambda: as_dask(SMALL).map_partitions(ran, meta=SMALL.to_pandas(types_mapper=pd.ArrowDtype)),
    "duckdb": lambda: with_function("ran").sql("SELECT ran('a') AS n"),
    "duckdb, by a name of its own": lambda: with_function("abs").sql("SELECT abs('a') AS n"),
}


def with_function(name: str) -> Any:
    connection = duckdb.connect()
    connection.create_function(name, ran, ["VARCHAR"], "BIGINT")
    return connection


@pytest.mark.parametrize("kind", PYTHON)
def test_plan_with_python_in_it_tells_its_columns_and_is_not_run(kind: str) -> None:
    frame = PYTHON[kind]()
    described = describe(frame)
    assert described["columns"][0]["name"] == "n"
    assert "nulls" not in described["columns"][0]
    assert "execute_code" in described["not_computed"]
    assert refuse(frame).kind == "not_computed"


def test_relation_over_python_objects_or_temporary_tables_is_refused() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TEMP TABLE own AS SELECT 1 AS n")
    connection.register("given", SMALL)
    for sql in ("SELECT * FROM own", "SELECT * FROM given", "SELECT * FROM SMALL"):
        assert refuse(connection.sql(sql)).kind == "not_computed"


def test_open_result_of_the_person_is_not_disturbed() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE numbers AS SELECT range AS n FROM range(100000)")
    relation = connection.table("numbers")
    connection.execute("SELECT n FROM numbers")
    assert connection.fetchone() == (0,)
    assert read(relation, where=[{"column": "n", "op": ">=", "value": 99_999}])["rows"] == [[99_999]]
    assert connection.fetchone() == (1,)


def test_person_s_objects_stay_as_they_were() -> None:
    relation = as_relation(SMALL)
    table = LIBRARIES["polars"](SMALL)
    before = table.clone()
    for frame in (relation, table, SMALL):
        describe(frame)
        read(frame, sort=[{"column": "n"}], where=[{"column": "n", "op": "not_null"}])
    assert table.equals(before)
    assert table.columns == ["n", "word"]
    tables = duckdb.connect().sql("SELECT 1").columns
    assert tables == ["1"]
    names = relation.query("self", "SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    assert {name for (name,) in names} <= {"given", "self"}


def test_without_narwhals_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "narwhals", None)
    assert "install narwhals" in refuse(pl.DataFrame({"n": [1]})).message
    assert read(pd.DataFrame({"n": [1]}))["rows"] == [[1]]

"""A closed database in this process: each door, tried by what may be asked, and again by what DuckDB itself allows."""

from __future__ import annotations

import datetime as dt
import traceback
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mcp_notebook_server.agent.source.exports import export_dataframe
from mcp_notebook_server.agent.source.guest import Guest, Slice
from mcp_notebook_server.agent.source.query_files import write_table
from mcp_notebook_server.agent.source.query_masks import mask_table
from mcp_notebook_server.agent.source.query_run import Database, to_answer
from mcp_notebook_server.agent.source.refusals import Refused
from mcp_notebook_server.agent.source.variables import Variables

from .shells import ask, describe, read

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

NAMESPACE: dict[str, Any] = {
    "df": pd.DataFrame({"city": ["Oslo", "Lima"], "rain": [1.5, 3.0]}),
    "pl": pl.DataFrame({"city": ["Oslo"], "people": [700_000]}),
    "numbers": [1, 2, 3],
    "warnings": pytest,
}
NAMESPACE["_private"] = NAMESPACE["df"]

DOORS = [
    ("select content from read_text('{file}')", "cannot be selected from"),
    ("select * from read_blob('{file}')", "cannot be selected from"),
    ("select * from read_csv('{file}')", "cannot be selected from"),
    ("select * from read_json_objects('{file}')", "cannot be selected from"),
    ("select * from read_parquet('{file}')", "cannot be selected from"),
    ("select * from sniff_csv('{file}')", "cannot be selected from"),
    ("select * from glob('/*')", "cannot be selected from"),
    ("select * from '{file}'", "is not a path"),
    ('from "{file}"', "is not a path"),
    ("describe select * from '{file}'", "is not a path"),
    ("select (select content from read_text('{file}'))", "cannot be selected from"),
    ("select * from df where exists (from read_text('{file}'))", "cannot be selected from"),
    ("with x as materialized (from read_text('{file}')) from x", "cannot be selected from"),
    ("from df, lateral (select * from read_text(city))", "cannot be selected from"),
    ("copy df to '{made}'", "Only a statement that selects"),
    ("copy (select 1) to '{made}' (format parquet)", "Only a statement that selects"),
    ("export database '{made}'", "Only a statement that selects"),
    ("import database '{made}'", "Only a statement that selects"),
    ("attach '{made}' as other", "Only a statement that selects"),
    ("install httpfs", "Only a statement that selects"),
    ("load '{file}'", "Only a statement that selects"),
    ("pragma database_list", "Only a statement that selects"),
    ("set enable_external_access = true", "Only a statement that selects"),
    ("reset lock_configuration", "Only a statement that selects"),
    ("call duckdb_settings()", "Only a statement that selects"),
    ("create table t as select 1", "Only a statement that selects"),
    ("create macro f(x) as x", "Only a statement that selects"),
    ("insert into df values (1)", "Only a statement that selects"),
    ("drop view df", "Only a statement that selects"),
    ("explain analyze select 1", "Only a statement that selects"),
    ("prepare p as select 1", "Only a statement that selects"),
    ("select 1; copy df to '{made}'", "Only a statement that selects"),
    ("select 1; select 2", "2 statements"),
    ("select getenv('HOME')", "not available"),
    ("select list_transform([1], lambda x: getenv('HOME'))", "not available"),
    ("select current_setting('lock_configuration')", "not available"),
    ("select getvariable('x')", "not available"),
    ("select * from duckdb_settings()", "cannot be selected from"),
    ("select * from duckdb_secrets()", "cannot be selected from"),
    ("select * from pg_settings", "no variable `pg_settings`"),
    ("select * from sqlite_master", "no variable `sqlite_master`"),
    ("select * from information_schema.tables", "without a schema"),
    ("select * from memory.main.df", "without a schema"),
    ("with pg_settings as (select 1) from (from pg_settings) a, pg_settings b", "DuckDB's own"),
    ("from (with pg_settings as (select 1) from pg_settings) a, pg_settings b", "DuckDB's own"),
    ("select * from query('select getenv(''HOME'')')", "cannot be selected from"),
    ("select * from query_table('pg_settings')", "cannot be selected from"),
    ("select * from json_execute_serialized_sql(json_serialize_sql('select 1'))", "cannot be selected from"),
    ("select * from histogram(pg_settings, name)", "cannot be selected from"),
    ("show tables", "SHOW is not answered"),
    ("show all tables", "SHOW is not answered"),
    ("select * from numbers", "`numbers` is a list, not a dataframe"),
    ("select * from _private", "no variable `_private`"),
    ("select * from warnings", "no variable `warnings`"),
    ("select * from missing", "There are: "),
    ("select nothing from pl", "Named here: pl (city, people)"),
    ("selec 1", "syntax error"),
    ("", "0 statements"),
]


def export(namespace: dict[str, Any], name: str, **arguments: Any) -> tuple[pa.Table, dict[str, Any]]:
    """What a worker gets of a frame, without the socket between."""
    variables = Variables(SimpleNamespace(user_ns=namespace, user_ns_hidden={}, kernel=None))
    work = Slice(Guest())
    work.begin(30)
    blocks: Generator[bytes, None, dict[str, Any]] = export_dataframe(variables, work, name, **arguments)
    tables: list[pa.Table] = []
    try:
        while True:
            tables.append(pa.ipc.open_stream(next(blocks)).read_all())
    except StopIteration as end:
        return mask_table(pa, pa.concat_tables(tables, promote_options="permissive")), end.value
    finally:
        work.end()


def reader(namespace: dict[str, Any]) -> Callable[[str, Any], tuple[Any, list[str]]]:
    def read(name: str, mentioned: Any) -> tuple[Any, list[str]]:
        table, said = export(namespace, name, mentioned=mentioned)
        return table, said["known"]

    return read


def select(sql: str, limit: int = 100, **namespace: Any) -> list[list[Any]]:
    table = Database(duckdb, pa, 1, 5.0).select(sql, limit, reader(namespace))
    return to_answer(pa, table, limit)["rows"]


@pytest.mark.parametrize(("sql", "sentence"), DOORS)
def test_a_shut_door_says_what_is_open(tmp_path: Path, sql: str, sentence: str) -> None:
    secret, made = tmp_path / "secret.txt", tmp_path / "made"
    secret.write_text("TOPSECRET")
    with pytest.raises(Refused) as refusal:
        select(sql.format(file=secret, made=made), **NAMESPACE)
    assert sentence in refusal.value.message
    assert "TOPSECRET" not in refusal.value.message
    assert not made.exists()


@pytest.mark.parametrize("sql", [sql for sql, _ in DOORS if "{file}" in sql or "{made}" in sql or "set " in sql])
def test_duckdb_itself_keeps_files_and_settings_shut(tmp_path: Path, sql: str) -> None:
    secret, made = tmp_path / "secret.txt", tmp_path / "made"
    secret.write_text("TOPSECRET")
    connection = Database(duckdb, pa, 1, 5.0)._connection
    connection.register("df", pa.table({"city": [str(secret)]}))
    with pytest.raises(duckdb.Error) as error:
        connection.execute(sql.format(file=secret, made=made)).fetchall()
    assert "TOPSECRET" not in str(error.value)
    assert not made.exists()


def test_only_the_columns_that_a_statement_names_are_copied() -> None:
    frame = pd.DataFrame({"a": [1], "b": [2], "c": [3]})
    asked: list[Any] = []

    def read(name: str, mentioned: Any) -> tuple[Any, list[str]]:
        asked.append(mentioned)
        return reader({"df": frame})(name, mentioned)

    for sql in ("select b from df where A = 1", "select * from df", "select df from df", "summarize df"):
        Database(duckdb, pa, 1, 5.0).select(sql, 10, read)
    assert asked == [["a", "b"], None, None, None]


def test_what_is_no_text_number_or_time_is_the_text_that_reading_shows() -> None:
    class Mine:
        def __str__(self) -> str:
            raise AssertionError

        __repr__ = __str__

    frame = pd.DataFrame({"o": pd.Series([Mine(), [1, 2], "\ud800", 2**70], dtype=object)})
    texts = [row[0] for row in select("select o from df", df=frame)]
    assert texts[0].startswith("<")
    assert texts[1:] == ["[1, 2]", "\\ud800", str(2**70)]


COLUMNS: dict[str, tuple[Any, list[Any], str]] = {
    "large": (np.array([2**63, 1], dtype="u8"), ["9223372036854775808", 1], "UBIGINT"),
    "half": (np.array([1.5, np.nan], dtype="f2"), [1.5, None], "DOUBLE"),
    "other bytes first": (np.array([1, 2], dtype=">i4"), [1, 2], "INTEGER"),
    "complex": ([1 + 2j, 2], ["(1+2j)", "(2+0j)"], "VARCHAR"),
    "infinite": ([np.inf, -np.inf], ["inf", "-inf"], "DOUBLE"),
    "duration": (pd.to_timedelta(["26h", None]), ["1 day, 2:00:00", None], "INTERVAL"),
    "sparse": (pd.arrays.SparseArray([0, 1]), [0, 1], "BIGINT"),
    "period": (pd.period_range("2024", periods=2, freq="M"), ["2024-01", "2024-02"], "VARCHAR"),
    "interval": (pd.interval_range(0, 2), ["(0, 1]", "(1, 2]"], "VARCHAR"),
    "boolean": (pd.array([True, None], dtype="boolean"), [True, None], "BOOLEAN"),
    "string": (pd.array(["a", None], dtype=pd.StringDtype("python")), ["a", None], "VARCHAR"),
    "list": (pd.array([[1, 2], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))), ["[1, 2]", None], "BIGINT[]"),
    "categories": (pd.Categorical([pd.Timestamp("2024"), None]), ["2024-01-01T00:00:00", None], "TIMESTAMP"),
    "dates": ([dt.date(2024, 1, 1), None], ["2024-01-01", None], "DATE"),
    "times": ([dt.time(1, 2), None], ["01:02:00", None], "TIME"),
    "nothing": (pd.Series([None, None], dtype=object), [None, None], '"NULL"'),
    "numbers": (pd.Series([1, np.float32(2.5)], dtype=object), [1.0, 2.5], "DOUBLE"),
    "dictionaries": (
        [{"password": "x", "a": 1}, None],
        ["{'password': '[hidden: looks like a credential]', 'a': 1}", None],
        "VARCHAR",
    ),
    "polars categories": (pl.Series(["a", None], dtype=pl.Categorical), ["a", None], "VARCHAR"),
    "polars structs": (
        pl.Series([{"a": 1, "token": "q"}, None]),
        ["{'a': 1, 'token': '[hidden: looks like a credential]'}", None],
        "STRUCT(a BIGINT, token VARCHAR)",
    ),
    "polars bytes": (pl.Series([b"x", None]), ["b'x'", None], "BLOB"),
}


@pytest.mark.parametrize(("column", "cells", "kind"), COLUMNS.values(), ids=COLUMNS)
def test_every_kind_of_column_is_queried_and_written(column: Any, cells: list[Any], kind: str) -> None:
    frame = pl.DataFrame({"x": column}) if isinstance(column, pl.Series) else pd.DataFrame({"x": column})
    assert select("select x, typeof(x) from df", df=frame) == [[cell, kind] for cell in cells]
    table, _ = export({"df": frame}, "df")
    assert all(write_table(pa, table, form) for form in ("csv", "parquet", "arrow"))


@pytest.mark.parametrize("column", [column for column, _, _ in COLUMNS.values()], ids=COLUMNS)
def test_reading_leaves_the_filters_of_warnings_alone(column: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are the process's: a cell that sets its own while a library has swapped them would lose them."""
    frame = pl.DataFrame({"x": column}) if isinstance(column, pl.Series) else pd.DataFrame({"x": column})
    series = frame["x"]
    swapped: list[str] = []
    enter = warnings.catch_warnings.__enter__
    monkeypatch.setattr(
        warnings.catch_warnings,
        "__enter__",
        lambda self: (swapped.append("".join(traceback.format_stack())), enter(self))[1],
    )
    read(frame)
    read(frame, where=[{"column": "x", "op": "not_null"}], sort=[{"column": "x"}])
    describe(frame)
    export({"df": frame}, "df")
    ask({"df": frame, "x": series}, "list_variables")
    ask({"df": frame}, "inspect_variable", path="df")
    ask({"x": series}, "inspect_variable", path="x")
    assert not swapped


def test_every_block_of_a_large_frame_arrives_once_and_in_order() -> None:
    rows = 120_000
    frame = pd.DataFrame({"n": range(rows)}).assign(
        t=lambda f: f.n.astype(str),
        o=lambda f: f.n.astype(str).astype(object),
        c=lambda f: (f.n % 3).astype("category"),
    )
    table, said = export({"df": frame}, "df")
    assert said["rows"] == rows
    assert table.column("n").to_pylist() == list(range(rows))
    assert table.column("t").to_pylist() == table.column("o").to_pylist() == [str(n) for n in range(rows)]
    assert table.column("c").to_pylist() == [n % 3 for n in range(rows)]


def test_a_wide_frame_arrives_with_each_cell_in_its_column() -> None:
    numbers = {f"n{place}": np.arange(700) * 1000 + place for place in range(50)}
    texts = {f"s{place}": [f"{row}/{place}" for row in range(700)] for place in range(50)}
    frame = pd.DataFrame({**numbers, **texts})
    table, said = export({"df": frame}, "df")
    assert said["rows"] == 700
    assert table.to_pandas().equals(frame)


def test_duplicate_names_levels_and_empty_frames_can_be_asked() -> None:
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert select('select a, "a.1" from df', df=twice) == [[1, 2]]
    levels = pd.DataFrame({"v": [1.0]}, index=pd.MultiIndex.from_tuples([("x", 1)], names=["k", "n"]))
    assert select("select k, n, v from df", df=levels) == [["x", 1, 1.0]]
    assert select("select count(*) from df", df=pd.DataFrame({"a": []})) == [[0]]
    assert select("select * from df", df=pa.table({"a": pa.array([], pa.int32())})) == []


def test_a_frame_that_is_too_large_is_refused_before_it_is_copied() -> None:
    frame = pd.DataFrame({"a": np.zeros(40_000_000)})
    with pytest.raises(Refused, match="256 MB are allowed"):
        export({"df": frame}, "df")
    assert export({"df": frame}, "df", limit=10)[1]["rows"] == 10

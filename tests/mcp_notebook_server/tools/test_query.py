"""SQL over a person's dataframes, as a host asks it: what it answers, and all the doors that stay shut."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.mcp import MODES, Host, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer

SETUP = """
import datetime, decimal, warnings
import numpy, pandas, polars, pyarrow
df = pandas.DataFrame({
    "city": ["Oslo", "Lima", None], "rain": [1.5, float("nan"), 3.0], "days": pandas.array([1, None, 3], dtype="Int64"),
    "seen": pandas.to_datetime(["2024-01-31", None, "2024-02-01 12:30"], format="ISO8601"),
    "zone": pandas.date_range("2024-07-01", periods=3, tz="Europe/Oslo"),
    "kind": pandas.Categorical(["a", None, "b"]), "price": [decimal.Decimal("1.20"), None, decimal.Decimal("3.00")],
    "mixed": [1, "two", [3]], "password": ["hunter2", "letmein", None], "note": ["x", "AKIAABCDEFGHIJKLMNOP", "y"],
}, index=pandas.Index([10, 20, 30], name="row"))
pl = polars.DataFrame({"city": ["Oslo", "Lima"], "people": [700_000, 10_000_000]})
pa = pyarrow.table({"city": ["Oslo"], "tags": [["a", "b"]], "login": [{"password": "hunter2", "name": "me"}]})
lazy = pl.lazy()
numbers = [1, 2, 3]
tables = {"inner": df[["rain"]]}
_private = df
"""


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        assert run_cell(client, SETUP).reply["status"] == "ok"
    return kernel_id


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer, host_token: str) -> Iterator[Host]:
    with connect(jupyter_server.mcp_url, host_token) as host:
        yield host


def select(host: Host, kernel: str, sql: str, **arguments: Any) -> list[list[Any]]:
    return host.read("query_dataframe", kernel=kernel, sql=sql, **arguments)["rows"]


def refuse(host: Host, kernel: str, sql: str, **arguments: Any) -> str:
    result = host.call("query_dataframe", kernel=kernel, sql=sql, **arguments)
    assert result.is_error, text_of(result)
    return text_of(result)


@pytest.mark.parametrize("mode", MODES)
def test_frames_of_three_libraries_are_joined_in_both_eras(
    jupyter_server: JupyterServer, host_token: str, kernel: str, mode: str
) -> None:
    sql = "select city, rain, people, tags from df join pl using (city) left join pa using (city) order by people"
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        result = host.call("query_dataframe", kernel=kernel, sql=sql)
    assert result.structured_content == {
        "columns": ["city", "rain", "people", "tags"],
        "rows": [["Oslo", 1.5, 700_000, "['a', 'b']"], ["Lima", None, 10_000_000, None]],
        "truncated": False,
    }
    assert text_of(result).startswith("|city|rain|people|tags|\n|---|---|---|---|\n|Oslo|1.5|700000|")


def test_each_kind_of_column_has_its_type_in_sql_and_its_cell_in_the_answer(host: Host, kernel: str) -> None:
    shown = "row, rain, days, seen, zone, kind, price, mixed"
    assert select(host, kernel, f"from df select {shown}")[:2] == [
        [10, 1.5, 1, "2024-01-31T00:00:00", "2024-06-30T22:00:00+00:00", "a", "1.20", "1"],
        [20, None, None, None, "2024-07-01T22:00:00+00:00", None, None, "two"],
    ]
    kinds = ", ".join(f"typeof({name.strip()})" for name in shown.split(","))
    assert select(host, kernel, f"from df select {kinds} limit 1") == [
        ["BIGINT", "DOUBLE", "BIGINT", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "VARCHAR", "DECIMAL(3,2)", "VARCHAR"]
    ]


def test_sums_are_numbers_and_whole_rows_are_whole(host: Host, kernel: str) -> None:
    assert select(host, kernel, "select count(*), sum(days), avg(rain) from df") == [[3, 4, 2.25]]
    assert select(host, kernel, "select pl from pl limit 1") == [["{'city': 'Oslo', 'people': 700000}"]]
    assert [row[0] for row in select(host, kernel, "describe pl")] == ["city", "people"]
    assert select(host, kernel, "with big as (select * from pl where people > 1e6) select city from big") == [["Lima"]]


def test_a_frame_inside_a_container_is_named_by_its_path(host: Host, kernel: str) -> None:
    assert select(host, kernel, """select max(rain) from "tables['inner']" """) == [[3.0]]


def test_more_rows_than_the_limit_are_said_and_linked(host: Host, kernel: str) -> None:
    result = host.call("query_dataframe", kernel=kernel, sql="select * from range(500) t(i) order by i", limit=2)
    assert result.structured_content is not None
    assert result.structured_content["rows"] == [[0], [1]]
    assert result.structured_content["truncated"] is True
    link = result.content[1]
    assert link.type == "resource_link"
    assert link.uri == result.structured_content["link"]
    read = host.portal.call(host.client.read_resource, link.uri).contents[0]
    assert read.text.splitlines()[:2] == ['"i"', "0"]  # type: ignore[union-attr]  # it is text
    assert len(read.text.splitlines()) == 501  # type: ignore[union-attr]  # it is text


@pytest.mark.parametrize(
    "sql",
    [
        "select password from df",
        "select password as p from df",
        "select substr(password, 1, 3) as p from df where password is not null",
        "select list(password) as everything from df",
        "select login.password as p, login from pa",
        "select substr(note, 5) as n from df",
        "select count(*) as n from df where password like 'hunter%' or note like 'AKIA%' having count(*) > 0",
    ],
)
def test_credentials_are_gone_before_sql_can_rename_cut_or_ask_for_them(host: Host, kernel: str, sql: str) -> None:
    result = text_of(host.call("query_dataframe", kernel=kernel, sql=sql))
    for secret in ("hunter", "letmein", "AKIA", "ABCDEFGH", "hun"):
        assert secret not in result
    if "count" in sql:
        assert "0 rows" in result


@pytest.mark.parametrize(
    "sql",
    [
        "select content from read_text('{file}')",
        "from '{file}'",
        "copy df to '{made}'",
        "set enable_external_access = true",
        "select getenv('HOME')",
        "select * from duckdb_settings()",
        "with pg_settings as (select 1) from (from pg_settings) a, pg_settings b",
        "select * from _private",
        "select * from numbers",
    ],
)
def test_no_file_setting_environment_or_other_name_is_reached(
    jupyter_server: JupyterServer, host: Host, kernel: str, sql: str
) -> None:
    """The whole table of doors is in agent/source/test_query_run.py, where each costs a hundredth of the time."""
    secret = jupyter_server.notebook_directory / "secret.txt"
    secret.write_text("TOPSECRET")
    made = jupyter_server.notebook_directory / "made"
    assert "TOPSECRET" not in refuse(host, kernel, sql.format(file=secret, made=made))
    assert not made.exists()


def test_a_lazy_frame_is_not_computed_for_a_query(host: Host, kernel: str) -> None:
    said = refuse(host, kernel, "select * from lazy")
    assert "`lazy` is a polars.LazyFrame, which would have to be computed first" in said


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(1000000000000) a, range(1000000000000) b",
        "with recursive r as (select 1 as i union all select i from r, range(10)) select count(*) from r",
        "select levenshtein(repeat('a', 200000), repeat('b', 200000))",
        "select sleep_ms(60000)",
        "select len(range(3000000000))",
        "select length(repeat('a', 4000000000))",
    ],
)
def test_what_explodes_ends_at_its_limit_and_the_next_question_is_answered(
    jupyter_server: JupyterServer, host: Host, kernel: str, sql: str
) -> None:
    started = time.perf_counter()
    said = refuse(host, kernel, sql, timeout=0.5)
    assert "did not end within 0.5 s" in said or "did not stop within 0.5 s" in said or "memory" in said
    assert time.perf_counter() - started < 6
    assert select(host, kernel, "select count(*) from df") == [[3]]
    ours = psutil.Process(jupyter_server.pid).children(recursive=True)
    assert not [each for each in ours if "exec(input())" in each.cmdline()]


MUTATIONS = """
import gc, threading
warnings.simplefilter("ignore")
n = 5000
base = pandas.DataFrame({"a": range(n), "b": range(0, -n, -1)}).assign(
    s=lambda f: f.a.astype(str), o=lambda f: f.a.astype(str).astype(object),
    c=lambda f: f.a.astype(str).astype("category"))
changing = base.copy()
end = datetime.datetime.now() + datetime.timedelta(seconds=3)
steps = 0
while datetime.datetime.now() < end:
    changing.sort_values("a", ascending=steps % 2 == 0, inplace=True)
    changing["more"] = steps
    changing["o"] = changing["a"].astype(str).astype(object)
    changing.drop(columns="more", inplace=True)
    changing.iloc[:100] = changing.iloc[:100].copy()
    if steps % 50 == 0:
        changing = base.sample(frac=1)
        gc.collect()
    steps += 1
print(steps)
"""


def test_a_frame_that_a_cell_changes_all_the_time_is_answered_whole_or_not_at_all(
    jupyter_server: JupyterServer, host: Host, kernel: str
) -> None:
    sql = "select count(*), sum(a), count(distinct a), sum((a + b <> 0 or s <> a::varchar or o <> s or c <> s)::int)"
    answered, refused = 0, 0
    with jupyter_server.client(kernel) as client:
        run_cell(client, "import pandas; changing = pandas.DataFrame()")
        cell = start_cell(client, MUTATIONS)
        ends = time.monotonic() + 3.3
        while time.monotonic() < ends:
            result = host.call("query_dataframe", kernel=kernel, sql=f"{sql} from changing", timeout=5)
            if result.is_error:
                refused += 1
            else:
                assert result.structured_content is not None
                assert result.structured_content["rows"] == [[5000, 12_497_500, 5000, 0]]
                answered += 1
        finished = finish_cell(client, cell)
    assert finished.reply["status"] == "ok", finished.reply
    assert answered + refused > 3
    assert select(host, kernel, f"{sql} from changing") == [[5000, 12_497_500, 5000, 0]]


def test_a_kernel_without_duckdb_says_what_to_install(jupyter_server: JupyterServer, host: Host) -> None:
    kernel = jupyter_server.start_kernel()
    with jupyter_server.client(kernel) as client:
        run_cell(client, "import sys, pandas\ndf = pandas.DataFrame({'a': [1]})\nsys.path[:] = []")
        assert "run `%pip install duckdb pyarrow` there" in refuse(host, kernel, "select * from df")

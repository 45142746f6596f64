"""Dask's dataframes on two worker processes: what is pushed down, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dask.dataframe
import distributed
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.refusals import Refused

from .others import bounded, check_frame, draw_table
from .shells import describe, read

if TYPE_CHECKING:
    from collections.abc import Iterator

dd: Any = dask.dataframe
cluster: Any = distributed

ROWS = 60_000


def make_pandas(rows: int = ROWS) -> Any:
    numbers: Any = pd.Series(range(rows))
    words: Any = [f"word {each % 11}" for each in range(rows)]
    return pd.DataFrame(
        {
            "row": numbers,
            "mixed": numbers * 7919 % rows,
            "part": (numbers % 7 / 2).where(numbers % 5 > 0),
            "word": pd.Series(words).where(numbers % 3 > 0),
        }
    )


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    with (
        cluster.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
        ) as started,
        cluster.Client(started) as client,
    ):
        yield client


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]  pytest calls it
    """How long a cluster may compute has a test of its own; all others ask what, not when."""
    monkeypatch.setattr("mcp_notebook_server.agent.source.narwhals_frames._SECONDS", 60.0)


@pytest.fixture
def spread(workers: Any) -> Any:
    assert len(workers.scheduler_info()["workers"]) == 2
    return dd.from_pandas(make_pandas(), npartitions=4)


def count_tasks(dask_scheduler: Any) -> int:
    return len(dask_scheduler.tasks)


def test_frame_of_a_cluster_is_refused_until_it_is_paid(spread: Any, workers: Any) -> None:
    with pytest.raises(Refused, match="permission") as refusal:
        read(spread)
    assert refusal.value.kind == "not_computed"
    described = describe(spread)
    assert [each["name"] for each in described["columns"]] == ["row", "mixed", "part", "word"]
    assert "permission" in described["not_computed"]
    assert workers.run_on_scheduler(count_tasks) == 0


def test_pages_conditions_and_orders_of_a_cluster_are_those_of_pandas(spread: Any) -> None:
    frame = make_pandas()
    cells = frame.astype(object).where(frame.notna(), None)
    page = read(spread, paid=True, offset=ROWS // 2, limit=5)
    assert page["rows"] == cells[ROWS // 2 :][:5].to_numpy().tolist()
    assert page["total"] == ROWS

    where = [{"column": "mixed", "op": "<", "value": 20}, {"column": "word", "op": "!=", "value": "word 3"}]
    chosen = cells[(frame["mixed"] < 20) & ~(frame["word"] == "word 3")]
    found = read(spread, paid=True, where=where, limit=100)
    assert found["rows"] == chosen.to_numpy().tolist()
    assert found["total"] == len(chosen)

    sort = [{"column": "part", "descending": True}, {"column": "mixed"}]
    order = frame.sort_values(["part", "mixed"], ascending=[False, True], na_position="last")
    for offset in (0, 4000):
        rows = read(spread, paid=True, sort=sort, columns=["row"], offset=offset, limit=50)["rows"]
        assert [row[0] for row in rows] == order["row"].iloc[offset : offset + 50].tolist()


@bounded(4)
@given(st.data())
def test_what_a_cluster_reads_is_what_is_there(workers: Any, data: Any) -> None:
    """As of Dask in this process."""
    del workers  # it is the client that Dask finds
    table = draw_table(data, without=["decimal", "list", "choice"], width=3)
    frame = dd.from_pandas(table.to_pandas(types_mapper=pd.ArrowDtype), npartitions=2)
    check_frame(frame, table, data, unended=["day"], paid=True)


def test_equals_of_a_cluster_stay_as_they_stand(spread: Any) -> None:
    order = make_pandas().sort_values("part", kind="stable", na_position="last")["row"].tolist()
    pages = [read(spread, paid=True, sort=[{"column": "part"}], offset=at, limit=500) for at in (0, 500, 9000)]
    assert [row[0] for page in pages for row in page["rows"]] == [*order[:1000], *order[9000:9500]]


def test_figures_of_a_cluster_are_those_of_pandas(spread: Any) -> None:
    frame = make_pandas()
    described = describe(spread, paid=True)
    assert described["rows"] == ROWS
    for said in described["columns"]:
        known = frame[said["name"]].dropna()
        assert said["nulls"] == ROWS - len(known)
        assert (said["min"], said["max"]) == (known.min(), known.max())


def count_sent(dask_worker: Any) -> int:
    return dask_worker.transfer_outgoing_bytes_total


def test_frame_of_a_cluster_never_comes_whole(workers: Any) -> None:
    def sent() -> int:
        return sum(workers.run(count_sent).values())

    large = make_pandas(ROWS * 10)
    with pytest.warns(UserWarning, match="Sending large graph"):  # by this very test
        frame = dd.from_pandas(large, npartitions=4).persist()
    cluster.wait(frame)
    before = sent()
    read(frame, paid=True, where=[{"column": "mixed", "op": "<", "value": 1000}], limit=20)
    read(frame, paid=True, limit=20)
    describe(frame, paid=True)
    assert sent() - before < large.memory_usage().sum() / 10


def test_slow_cluster_is_not_waited_for(spread: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_notebook_server.agent.source.narwhals_frames._SECONDS", 0.000_1)
    with pytest.raises(Refused) as refusal:
        read(spread, paid=True, sort=[{"column": "mixed"}])
    assert refusal.value.kind == "too_slow"

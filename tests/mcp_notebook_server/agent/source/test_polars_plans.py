"""Lazy frames of Polars: none of the person's Python runs, whatever a plan holds and whenever Polars would call it."""

from __future__ import annotations

import gc
import inspect
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from polars.io import plugins

from mcp_notebook_server.agent.source.refusals import Refused

from .shells import ask

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ran: list[Any] = []
"""What has called the person's code."""


def witness(*given: Any) -> Any:
    ran.append(given)
    return given[0] if given else None


class Hostile:
    """An object that says it when it is compared."""

    def __eq__(self, other: object) -> bool:
        ran.append(other)
        return True

    def __hash__(self) -> int:
        ran.append(self)
        return 1


lazy = pl.LazyFrame({"n": [1, 2], "word": ["a", "b"], "many": [[1], [2]]})
objects = pl.LazyFrame({"one": pl.Series([Hostile(), Hostile()], dtype=pl.Object), "n": [1, 2]})
mapped = pl.col("n").map_elements(witness, return_dtype=pl.Int64)
element = pl.element().map_elements(witness, return_dtype=pl.Int64)

WHEN_LOOKED_AT: dict[str, Callable[[], pl.LazyFrame]] = {
    "pipe_with_schema": lambda: lazy.pipe_with_schema(witness),
    "pipe_with_dtype": lambda: lazy.select(pl.col("n").pipe_with_dtype(witness)),
    "joined": lambda: lazy.join(lazy.pipe_with_schema(witness), on="n"),
    "name": lambda: lazy.select(pl.all().name.map(witness)),
    "fields": lambda: lazy.select(pl.struct("n").name.map_fields(witness)),
    "schema of a source": lambda: plugins.register_io_source(witness, schema=witness),
    "type not said": lambda: lazy.select(pl.col("n").map_batches(witness)),
}
WHEN_RUN: dict[str, Callable[[], pl.LazyFrame]] = {
    "elements": lambda: lazy.select(mapped),
    "batches": lambda: lazy.select(pl.col("n").map_batches(witness, return_dtype=pl.Int64)),
    "batches of many": lambda: lazy.select(pl.map_batches(["n"], witness, return_dtype=pl.Int64)),
    "whole": lambda: lazy.map_batches(witness, schema={"n": pl.Int64}),
    "groups": lambda: lazy.group_by("n").map_groups(witness, schema={"n": pl.Int64}),
    "groups of columns": lambda: lazy.select(
        pl.map_groups(["n"], witness, return_dtype=pl.Int64, returns_scalar=False)
    ),
    "fold": lambda: lazy.select(pl.fold(pl.lit(0), witness, ["n"])),
    "cum_fold": lambda: lazy.select(pl.cum_fold(pl.lit(0), witness, ["n"])),
    "reduce": lambda: lazy.select(pl.reduce(witness, ["n", "n"])),
    "cum_reduce": lambda: lazy.select(pl.cum_reduce(witness, ["n", "n"])),
    "rolling": lambda: lazy.select(pl.col("n").rolling_map(witness, 2)),
    "source": lambda: plugins.register_io_source(witness, schema={"n": pl.Int64}),
    "named source": lambda: plugins.register_io_source(witness, schema={"n": pl.Int64}, explain_name="CSV"),
    "deferred": lambda: pl.defer(witness, schema={"n": pl.Int64}),
    "condition": lambda: lazy.filter(mapped > 1),
    "order": lambda: lazy.sort(mapped),
    "key": lambda: lazy.group_by(mapped).agg(pl.len()),
    "window": lambda: lazy.select(pl.col("word").over(mapped)),
    "within lists": lambda: lazy.select(pl.col("many").list.eval(element)),
    "after a quote": lambda: lazy.select(pl.lit('"'), mapped.alias('"'), pl.lit('"').alias("more")),
    "sink": lambda: lazy.sink_batches(witness, lazy=True),
    "equal objects": lambda: objects.group_by("one").len().select("len"),
    "nested objects": lambda: objects.select(pl.struct("one")),
}


@pytest.fixture(autouse=True)
def _ran_before() -> None:  # pyright: ignore[reportUnusedFunction]  pytest calls it
    ran.clear()


def read(frame: pl.LazyFrame) -> dict[str, Any]:
    return ask({"frame": frame}, "read_dataframe", name="frame")


@pytest.mark.parametrize("kind", WHEN_LOOKED_AT)
@pytest.mark.parametrize("operation", ["read_dataframe", "describe_dataframe", "list_dataframes", "list_variables"])
def test_plan_that_cannot_be_looked_at_without_python_is_not_looked_at(kind: str, operation: str) -> None:
    frame = WHEN_LOOKED_AT[kind]()
    arguments = {"name": "frame"} if operation.endswith("_dataframe") else {}
    if arguments:
        with pytest.raises(Refused, match="execute_code") as refusal:
            ask({"frame": frame}, operation, **arguments)
        assert refusal.value.kind == "not_computed"
    else:
        ask({"frame": frame}, operation)
    assert ran == []


@pytest.mark.parametrize("kind", WHEN_RUN)
def test_plan_with_python_in_it_is_not_run(kind: str) -> None:
    frame = WHEN_RUN[kind]()
    with pytest.raises(Refused, match="execute_code") as refusal:
        read(frame)
    assert refusal.value.kind == "not_computed"
    described = ask({"frame": frame}, "describe_dataframe", name="frame")
    assert "execute_code" in described["not_computed"]
    assert ran == []


def test_plan_is_refused_too_when_the_person_has_just_computed_it() -> None:
    frame = lazy.pipe_with_schema(lambda given, _: witness(given))
    frame.collect()
    ran.clear()
    with pytest.raises(Refused):
        read(frame)
    assert ran == []
    frame.collect()
    assert len(ran) == 1


def test_plan_that_writes_a_file_is_not_run(tmp_path: Path) -> None:
    written = tmp_path / "frame.parquet"
    with pytest.raises(Refused, match="writes"):
        read(lazy.sink_parquet(written, lazy=True))
    assert not written.exists()


def test_plain_plans_are_read(tmp_path: Path) -> None:
    lazy.select("n").collect().write_parquet(tmp_path / "frame.parquet")
    assert read(pl.scan_parquet(tmp_path / "frame.parquet"))["rows"] == [[1], [2]]
    assert read(lazy.select("n").rename({"n": "fold"}))["columns"] == ["fold"]
    assert read(lazy.group_by("word", maintain_order=True).agg(pl.col("n").sum()))["rows"] == [["a", 1], ["b", 2]]
    assert read(objects.select("n"))["rows"] == [[1], [2]]


def test_every_way_that_this_polars_has_of_calling_python_is_tested_here() -> None:
    """A newer Polars may have more of them: each belongs into one of the tables above."""
    known = {
        *{"map_batches", "map_elements", "map_groups", "fold", "cum_fold", "reduce", "cum_reduce", "rolling_map"},
        *{"map", "map_fields", "pipe_with_schema", "pipe_with_dtype", "register_io_source", "defer", "sink_batches"},
    }
    at_once = {"pipe", "rename", "read_csv", "scan_csv"}
    owners: list[Any] = [pl, plugins, pl.Expr, pl.LazyFrame]
    owners += [type(getattr(pl.col("n"), each)) for each in ("name", "list", "arr", "str", "struct", "dt", "cat")]
    assert {name for owner in owners for name in names_of_takers(owner)} - at_once == known


def names_of_takers(owner: Any) -> list[str]:
    """Return the functions that take functions."""
    members: list[tuple[str, Any]] = inspect.getmembers(owner, inspect.isfunction)
    public = [(name, inspect.signature(member)) for name, member in members if not name.startswith("_")]
    return [name for name, taken in public if "Callable" in str(taken)]


def test_what_the_garbage_collector_calls_is_no_code_of_the_plan() -> None:
    called: list[str] = []

    def hear(phase: str, _: dict[str, int]) -> None:
        called.append(phase)

    threshold = gc.get_threshold()
    gc.callbacks.append(hear)
    gc.set_threshold(1)
    try:
        answers = [read(pl.LazyFrame({"a": [1, 2]})) for _ in range(50)]
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(hear)
    assert [answer["rows"] for answer in answers] == [[[1], [2]]] * 50
    assert called
    assert gc.isenabled()

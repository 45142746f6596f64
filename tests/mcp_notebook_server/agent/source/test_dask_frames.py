"""Dask's dataframes in this process: what is read, and what must not run."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import dask
import dask.dataframe
import pandas as pd
import pytest
from dask import array

from mcp_notebook_server.agent.source.refusals import Refused

from .shells import ask

if TYPE_CHECKING:
    from collections.abc import Callable

library: Any = dask
dd: Any = dask.dataframe
arrays: Any = array

ran: list[str] = []
"""What has called the person's code."""


def witness(frame: Any) -> Any:
    ran.append("function")
    return frame


class Hostile:
    """An object that says it when it is compared, shown or measured."""

    def __eq__(self, other: object) -> bool:
        ran.append("eq")
        return True

    def __lt__(self, other: object) -> bool:
        ran.append("lt")
        return True

    def __hash__(self) -> int:
        ran.append("hash")
        return 1

    def __str__(self) -> str:
        ran.append("str")
        return ""

    __repr__ = __str__


@pytest.fixture(autouse=True)
def _ran_before() -> None:  # pyright: ignore[reportUnusedFunction]  pytest calls it
    ran.clear()


def read(frame: Any, **page: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "read_dataframe", name="frame", **page)


def describe(frame: Any, **more: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "describe_dataframe", name="frame", **more)


small = pd.DataFrame({"n": [3, 1, 2], "word": ["x", None, "y"]})


def plan() -> Any:
    return dd.from_pandas(small, npartitions=2)


FOREIGN: dict[str, Callable[[], Any]] = {
    "partitions": lambda: plan().map_partitions(witness, meta=small),
    "partial": lambda: plan().map_partitions(functools.partial(witness), meta=small),
    "keyword": lambda: plan().map_partitions(pd.DataFrame.pipe, witness, meta=small),
    "cells": lambda: plan().assign(n=plan()["n"].map(witness, meta=("n", "int64"))),
    "rows": lambda: plan().apply(witness, axis=1, meta=small),
    "overlap": lambda: plan().map_overlap(witness, 1, 1, meta=small),
    "source": lambda: dd.from_map(witness, [small], meta=small),
    "delayed": lambda: dd.from_delayed([library.delayed(witness)(small)], meta=small),
    "aggregation": lambda: plan().groupby("n").agg(dd.Aggregation("own", witness, witness)),
    "array": lambda: dd.from_dask_array(arrays.ones((4, 1), chunks=2).map_blocks(witness, dtype="f8"), columns=["n"]),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_plan_with_functions_of_the_person_is_not_run(kind: str) -> None:
    frame = FOREIGN[kind]()
    ran.clear()
    with pytest.raises(Refused, match="execute_code") as refusal:
        read(frame)
    assert refusal.value.kind == "not_computed"
    assert "execute_code" in describe(frame)["not_computed"]
    assert ran == []


KNOWN: dict[str, Callable[[], Any]] = {
    "condition": lambda: plan()[plan()["n"] > 1],
    "persisted": lambda: plan().persist(scheduler="synchronous"),
    "groups": lambda: plan().groupby("word").n.sum().to_frame(),
    "joined": lambda: plan().merge(plan(), on="n"),
    "text": lambda: plan().assign(up=plan()["word"].str.upper()),
    "order": lambda: plan().set_index("n"),
}


@pytest.mark.parametrize("kind", KNOWN)
def test_plan_of_dask_s_own_functions_is_read(kind: str) -> None:
    frame = KNOWN[kind]()
    expected = frame.compute(scheduler="synchronous")
    rows = expected.astype(object).where(expected.notna(), None).to_numpy().tolist()
    assert sorted(map(str, read(frame)["rows"])) == sorted(map(str, rows))


def take_all(made: Any) -> Any:
    return made


take_all.__module__ = "pandas"  # Dask itself cannot make a frame of such objects but by a function


def test_columns_of_python_objects_are_neither_compared_nor_sorted() -> None:
    column = pd.Series([Hostile(), None, Hostile()], dtype=object)
    made = pd.DataFrame({"n": [3, 1, 2], "one": column})
    meta = pd.DataFrame({"n": pd.Series([], dtype="int64"), "one": pd.Series([], dtype=object)})
    with library.config.set({"dataframe.convert-string": False}):
        frame = dd.from_map(take_all, [made], meta=meta)
        ran.clear()
        for page in ({"sort": [{"column": "one"}]}, {"where": [{"column": "one", "op": "=", "value": "x"}]}):
            with pytest.raises(Refused, match="Python objects"):
                read(frame, **page)
        assert [row[0] for row in read(frame, sort=[{"column": "n"}])["rows"]] == [1, 2, 3]
        assert read(frame, where=[{"column": "one", "op": "not_null"}])["total"] == 2
        assert describe(frame)["columns"][1]["nulls"] == 1
    assert ran == []


def test_reading_neither_warns_nor_changes_the_filters_of_warnings() -> None:
    before = list(warnings.filters)
    read(plan(), where=[{"column": "n", "op": ">", "value": 1}], sort=[{"column": "word"}])
    describe(plan())
    assert warnings.filters == before


def test_page_too_deep_is_refused() -> None:
    with pytest.raises(Refused, match="where"):
        read(plan(), offset=10**6)

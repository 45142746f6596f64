"""Every page, condition and order of a generated frame is what pandas itself gives."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcp_notebook_server.agent.source.frames import FrameReader
from mcp_notebook_server.agent.source.guest import Guest, Slice
from mcp_notebook_server.agent.source.pandas_copies import copy_pandas
from mcp_notebook_server.agent.source.pandas_frames import PandasFrame
from mcp_notebook_server.agent.source.refusals import Refused
from mcp_notebook_server.agent.source.tables import read_table

from .generated import FLOATS, KINDS, ROWS, TEXT, UNORDERED, WHOLE, frames, to_cell, to_time
from .shells import ask

bounded = settings(
    max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)

PRESENT = ("whole", "byte", "text", "objects")
"""Columns whose own cells are searched for, too, as a host has seen them."""

PAGES = st.fixed_dictionaries({"offset": st.integers(0, 14), "limit": st.integers(1, 14)})


def read(frame: pd.DataFrame, **page: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "read_dataframe", name="frame", **page)


def cells(frame: pd.DataFrame) -> list[list[Any]]:
    """Return what a host should see of all rows."""
    made = [[to_cell(each) for each in frame.iloc[:, column].astype(object)] for column in range(frame.shape[1])]
    return [[to_time(each) for each in row] for row in zip(*made, strict=True)]


def shown(rows: list[list[Any]]) -> list[list[Any]]:
    return [[to_time(each) for each in row] for row in rows]


@bounded
@given(frames(KINDS | UNORDERED), PAGES)
def test_page_is_what_pandas_has_there(frame: pd.DataFrame, page: dict[str, int]) -> None:
    answer = read(frame, **page)
    end = page["offset"] + page["limit"]
    assert shown(answer["rows"]) == cells(frame.iloc[page["offset"] : end])
    assert answer["total"] == len(frame)
    assert ("next_offset" in answer) == (end < len(frame) and len(answer["rows"]) > 0)


def operands(name: str) -> st.SearchStrategy[Any]:
    """Return values that a column can be compared with."""
    if name in ("text", "objects", "choice"):
        return TEXT
    if name in ("flag", "nullable flag"):
        return st.booleans()
    if name in ("moment", "zoned"):
        return st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2060, 1, 1)).map(dt.datetime.isoformat)  # noqa: DTZ001  as people write them
    if name == "span":
        return st.timedeltas(dt.timedelta(-9), dt.timedelta(9)).map(lambda each: str(pd.Timedelta(each)))
    return WHOLE if name in ("whole", "byte", "positive", "nullable") else FLOATS.filter(lambda each: each == each)  # noqa: PLR0124  NaN is no JSON


def passing(frame: pd.DataFrame, name: str, op: str, value: Any) -> list[int]:
    """Return the rows that pandas chooses."""
    column = frame[name]
    operand: Any = value
    if name == "zoned":
        operand = pd.Timestamp(value).tz_localize(column.dt.tz)
    elif name in ("moment", "span"):
        operand = (pd.Timestamp if name == "moment" else pd.Timedelta)(value)
    if op == "is_null":
        chosen = column.isna()
    elif op == "not_null":
        chosen = column.notna()
    elif op == "=":
        chosen = column == operand
    elif op == "!=":
        chosen = ~(column == operand).fillna(value=False).astype(bool)
    elif op == "in":
        chosen = column.isin([operand])
    else:
        chosen = {"<": column.lt, "<=": column.le, ">": column.gt, ">=": column.ge}[op](operand)
    return [int(each) for each in frame.loc[chosen.fillna(value=False).astype(bool), ROWS]]


@bounded
@given(st.data())
def test_condition_chooses_the_rows_that_pandas_chooses(data: Any) -> None:
    frame = data.draw(frames(KINDS, width=1))
    name = frame.columns[-1]
    present = [row[0] for row in cells(frame[[name]]) if row[0] is not None] if name in PRESENT else []
    value = data.draw(st.sampled_from(present) | operands(name) if present else operands(name))
    orders = name not in ("flag", "nullable flag", "objects", "choice")
    op = data.draw(
        st.sampled_from(["=", "!=", "is_null", "not_null", *(["<", "<=", ">", ">="] if orders else []), "in"])
    )
    condition = {"column": name, "op": op, "value": [value] if op == "in" else value}
    if name in ("whole", "byte") and isinstance(value, str):
        value = int(value)
    answer = read(frame, where=[condition], columns=[ROWS], limit=100)
    assert [row[0] for row in answer["rows"]] == passing(frame, name, op, value)
    assert answer["total"] == len(answer["rows"])


@bounded
@given(st.data())
def test_order_is_the_one_that_pandas_gives(data: Any) -> None:
    frame = data.draw(frames(KINDS))
    names = data.draw(st.lists(st.sampled_from(list(frame.columns)), min_size=1, max_size=3, unique=True))
    descending = [data.draw(st.booleans()) for _ in names]
    page = data.draw(PAGES)
    sort = [{"column": name, "descending": turned} for name, turned in zip(names, descending, strict=True)]
    answer = read(frame, sort=sort, columns=[ROWS], **page)
    expected = frame.reset_index(drop=True)
    for name, turned in reversed(list(zip(names, descending, strict=True))):  # one at a time: pandas is stable only so
        expected = expected.sort_values(name, ascending=not turned, kind="stable", na_position="last")
    assert [row[0] for row in answer["rows"]] == list(expected[ROWS].iloc[page["offset"] :][: page["limit"]])


@bounded
@given(frames(KINDS))
def test_nulls_and_ends_are_those_that_pandas_gives(frame: pd.DataFrame) -> None:
    described = ask({"frame": frame}, "describe_dataframe", name="frame")
    assert described["rows"] == len(frame)
    for said in described["columns"]:
        column = frame[said["name"]]
        assert said["nulls"] == int(column.isna().sum())
        known = column.dropna()
        assert said["unique"] == known.nunique()
        if len(known) and said["name"] not in ("flag", "nullable flag"):
            ends = (
                {"min": known.min(), "max": known.max()}
                if said["name"] != "objects"
                else {"min": min(known), "max": max(known)}
            )
            assert {end: to_time(said[end]) for end in ends} == {
                end: to_time(to_cell(each)) for end, each in ends.items()
            }


@bounded
@given(frames(KINDS), st.booleans())
def test_index_of_levels_and_equal_names_are_columns_like_others(frame: pd.DataFrame, turned: bool) -> None:
    levels = list(frame.columns[1:])
    indexed = frame.set_index(levels)
    indexed.columns = pd.MultiIndex.from_tuples([("a", "b")])
    doubled = pd.concat([indexed, indexed], axis=1)
    answer = read(doubled, limit=100)
    assert answer["columns"] == [*levels, "a.b", "a.b.1"]
    assert shown(answer["rows"]) == cells(pd.concat([frame[levels], frame[[ROWS]], frame[[ROWS]]], axis=1))
    order = read(doubled, limit=100, sort=[{"column": levels[0], "descending": turned}], columns=["a.b"])
    expected = frame.sort_values(levels[0], ascending=not turned, kind="stable", na_position="last")
    if levels[0] != "choice":  # an index keeps the categories, and their order
        assert [row[0] for row in order["rows"]] == list(expected[ROWS])


def test_very_wide_frame_is_paged_and_described() -> None:
    frame = pd.DataFrame([range(3000), range(3000)])
    assert read(frame)["rows"] == [list(range(3000))] * 2
    assert len(ask({"frame": frame}, "describe_dataframe", name="frame")["columns"]) == 3000


def test_rows_beyond_one_piece_are_found_and_sorted() -> None:
    frame = pd.DataFrame(
        {"n": range(100_000), "back": range(100_000, 0, -1), "word": [f"{i % 9}" for i in range(100_000)]}
    )
    frame["object"] = frame["word"].astype(object)
    assert read(frame, sort=[{"column": "back"}], limit=2)["rows"][0][0] == 99_999
    for name in ("word", "object"):
        page = read(frame, sort=[{"column": name, "descending": True}, {"column": "n"}], offset=11_111, limit=2)
        assert [row[:3] for row in page["rows"]] == [[7, 99_993, "7"], [16, 99_984, "7"]]
        found = read(
            frame, where=[{"column": name, "op": "=", "value": "8"}, {"column": "n", "op": ">", "value": 99_980}]
        )
        assert ([row[0] for row in found["rows"]], found["total"]) == ([99_989, 99_998], 2)


@bounded
@given(frames(KINDS | UNORDERED), PAGES)
def test_copy_of_a_frame_reads_like_it(frame: pd.DataFrame, page: dict[str, int]) -> None:
    work = Slice(Guest())
    work.begin(10)
    copied = copy_pandas(PandasFrame(frame))
    assert copied is not None
    assert read_table(FrameReader(lambda: copied, work), **page) == read_table(
        FrameReader(lambda: PandasFrame(frame), work), **page
    )
    work.end()


def test_frame_in_the_middle_of_an_insertion_is_not_read() -> None:
    for column in ("a", "b", "c"):
        frame = pd.DataFrame({"a": [1], "b": [2], "c": ["three"]})
        frame._mgr._insert_update_mgr_locs(0)  # what pandas does first
        with pytest.raises(Refused, match="changes too fast"):
            read(frame, columns=[column])

"""What hosts read of dataframes of pandas, and how."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mcp_notebook_server.agent.source.variables import Variables

from .shells import ask, describe, read, refuse


def column(frame: Any, name: str, **page: Any) -> list[Any]:
    return [row[0] for row in read(frame, columns=[name], **page)["rows"]]


FRAME = pd.DataFrame(
    {
        "n": [3, 1, None, 2],
        "word": ["c", "a", None, "b"],
        "time": pd.to_datetime(["2024-03-01", "2024-01-01", None, "2024-02-01 12:30"], format="ISO8601"),
        "zone": pd.to_datetime(["2024-03-01", None, "2024-01-01", "2024-02-01"]).tz_localize("Europe/Oslo"),
        "whole": pd.array([1, None, 2**60, 4], dtype="Int64"),
        "kind": pd.Categorical(["x", "y", None, "x"]),
        "flag": [True, False, True, False],
        "any": [1, "one", [1], None],
        "long": [2**60, 1, 2, 3],
        "gap": pd.to_timedelta([1, None, 2, 3], unit="h"),
        "period": pd.period_range("2024-01", periods=4, freq="M"),
        "inf": [float("inf"), float("-inf"), float("nan"), 0.5],
    }
)


class TestReadDataframe:
    @pytest.mark.parametrize(
        ("name", "cells"),
        [
            ("n", [3.0, 1.0, None, 2.0]),
            ("word", ["c", "a", None, "b"]),
            ("time", ["2024-03-01T00:00:00", "2024-01-01T00:00:00", None, "2024-02-01T12:30:00"]),
            ("zone", ["2024-03-01T00:00:00+01:00", None, "2024-01-01T00:00:00+01:00", "2024-02-01T00:00:00+01:00"]),
            ("whole", [1, None, "1152921504606846976", 4]),
            ("kind", ["x", "y", None, "x"]),
            ("flag", [True, False, True, False]),
            ("any", [1, "one", "[1]", None]),
            ("long", ["1152921504606846976", 1, 2, 3]),
            ("gap", ["0 days 01:00:00", None, "0 days 02:00:00", "0 days 03:00:00"]),
            ("period", ["2024-01", "2024-02", "2024-03", "2024-04"]),
            ("inf", ["inf", "-inf", None, 0.5]),
        ],
    )
    def test_cells_are_json(self, name: str, cells: list[Any]) -> None:
        assert column(FRAME, name) == cells

    @pytest.mark.parametrize(
        ("condition", "rows"),
        [
            ({"column": "n", "op": ">", "value": 1}, [0, 3]),
            ({"column": "n", "op": "=", "value": 1}, [1]),
            ({"column": "n", "op": "!=", "value": 1}, [0, 2, 3]),
            ({"column": "n", "op": "is_null"}, [2]),
            ({"column": "word", "op": "not_null"}, [0, 1, 3]),
            ({"column": "word", "op": "in", "value": ["a", "b"]}, [1, 3]),
            ({"column": "word", "op": "not_in", "value": ["a", "b"]}, [0, 2]),
            ({"column": "kind", "op": "contains", "value": "x"}, [0, 3]),
            ({"column": "word", "op": "starts_with", "value": "a"}, [1]),
            ({"column": "time", "op": "<=", "value": "2024-02-02"}, [1, 3]),
            ({"column": "time", "op": "=", "value": "2024-03-01"}, [0]),
            ({"column": "zone", "op": "=", "value": "2024-03-01"}, [0]),
            ({"column": "flag", "op": "=", "value": True}, [0, 2]),
        ],
    )
    def test_conditions_choose_rows(self, condition: dict[str, Any], rows: list[int]) -> None:
        frame = FRAME.assign(row=range(4))
        assert column(frame, "row", where=[condition]) == rows

    def test_all_conditions_must_hold(self) -> None:
        where = [{"column": "n", "op": ">", "value": 1}, {"column": "flag", "op": "=", "value": False}]
        assert column(FRAME, "n", where=where) == [2]

    @pytest.mark.parametrize("descending", [False, True])
    def test_nulls_come_last_in_either_order(self, descending: bool) -> None:
        for name in ("n", "word", "time"):
            cells = column(FRAME, name, sort=[{"column": name, "descending": descending}])
            assert cells == [*sorted((c for c in cells if c is not None), reverse=descending), None]

    def test_second_key_decides_among_equals(self) -> None:
        frame = pd.DataFrame({"a": [1, 0] * 3, "b": range(6)})
        sort = [{"column": "a"}, {"column": "b", "descending": True}]
        assert read(frame, sort=sort)["rows"] == [[0, 5], [0, 3], [0, 1], [1, 4], [1, 2], [1, 0]]

    @pytest.mark.parametrize(
        "page", [{}, {"sort": [{"column": "a"}]}, {"where": [{"column": "a", "op": ">=", "value": 0}]}]
    )
    def test_pages_follow_each_other(self, page: dict[str, Any]) -> None:
        frame = pd.DataFrame({"a": range(1500)})
        seen: list[int] = []
        offset = 0
        while True:
            answer = read(frame, offset=offset, limit=400, **page)
            seen += [row[0] for row in answer["rows"]]
            assert answer["total"] == 1500
            if "next_offset" not in answer:
                break
            offset = answer["next_offset"]
        assert seen == list(range(1500))

    def test_page_beyond_the_end_is_empty(self) -> None:
        assert read(FRAME, offset=99) == {"columns": list(FRAME.columns), "rows": [], "total": 4}

    def test_equal_names_are_told_apart(self) -> None:
        frame = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "a.1", 5])
        assert read(frame)["columns"] == ["a", "a.2", "a.1", "5"]
        assert column(frame, "a.2") == [2]

    def test_columns_of_several_levels_are_joined(self) -> None:
        frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]))
        assert read(frame)["columns"] == ["a.x", "a.y"]

    def test_index_that_says_something_is_shown(self) -> None:
        frame = FRAME[["word", "kind", "n"]].set_index(["word", "kind"])
        assert read(frame, limit=2) | {"total": 0} == {
            "columns": ["word", "kind", "n"],
            "rows": [["c", "x", 3.0], ["a", "y", 1.0]],
            "total": 0,
            "next_offset": 2,
            "linked": True,
        }
        assert read(pd.DataFrame({"n": [1]}, index=["a"]))["columns"] == ["index", "n"]

    def test_large_cells_make_a_shorter_page(self) -> None:
        frame = pd.DataFrame({f"c{i}": ["x" * 1000] * 500 for i in range(20)})
        answer = read(frame, limit=500)
        assert 1 <= len(answer["rows"]) < 500
        assert answer["next_offset"] == len(answer["rows"])

    def test_unknown_column_names_those_there_are(self) -> None:
        for page in ({"columns": ["no"]}, {"where": [{"column": "no", "op": "is_null"}]}, {"sort": [{"column": "no"}]}):
            refusal = refuse({"frame": FRAME}, "read_dataframe", name="frame", **page)
            assert refusal.kind == "unknown_column"
            assert "word" in refusal.message

    def test_what_is_no_frame_is_refused_and_frames_are_named(self) -> None:
        refusal = refuse({"x": 1, "frame": FRAME}, "read_dataframe", name="x")
        assert refusal.kind == "not_a_dataframe"
        assert "frame" in refusal.message

    def test_value_of_another_kind_is_refused(self) -> None:
        where = [{"column": "n", "op": "<", "value": "a"}]
        assert refuse({"frame": FRAME}, "read_dataframe", name="frame", where=where).kind == "bad_argument"

    def test_frame_in_a_container_is_found(self) -> None:
        assert ask({"data": {"train": FRAME}}, "read_dataframe", name='data["train"]')["total"] == 4

    def test_column_over_foreign_memory_is_not_touched(self) -> None:
        foreign = np.frombuffer(bytearray(16))
        answer = read(pd.DataFrame({"a": foreign}, copy=False))
        assert answer["rows"][0][0] in ("[cannot be read safely]", 0.0)


class TestDescribeDataframe:
    def test_figures_of_each_column(self) -> None:
        described = describe(FRAME)
        columns = {each["name"]: each for each in described["columns"]}
        assert (described["rows"], described["sampled"], described["lazy"]) == (4, False, False)
        assert columns["n"] == {"name": "n", "dtype": "float64", "nulls": 1, "unique": 3, "min": 1.0, "max": 3.0}
        assert columns["kind"]["top"] == [{"value": "x", "count": 2}, {"value": "y", "count": 1}]
        assert columns["time"]["max"] == "2024-03-01T00:00:00"

    def test_large_frame_is_sampled(self) -> None:
        frame = pd.DataFrame({"a": range(100_000)})
        assert describe(frame)["sampled"] is True
        assert describe(frame, sample=10)["columns"][0]["unique"] == 10


def test_sort_of_very_many_rows_waits_until_the_cell_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"x": range(300_000, 0, -1)})
    page: dict[str, Any] = {"name": "frame", "sort": [{"column": "x"}], "limit": 1}
    monkeypatch.setattr(Variables, "running", lambda _: {})
    assert refuse({"frame": frame}, "read_dataframe", offset=250_000, **page).kind == "busy"
    assert ask({"frame": frame}, "read_dataframe", offset=150_000, **page)["rows"] == [[150_001]]
    monkeypatch.undo()
    assert ask({"frame": frame}, "read_dataframe", offset=250_000, **page)["rows"] == [[250_001]]

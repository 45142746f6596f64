from __future__ import annotations

import ast
import collections
import datetime as dt
import os
import types
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mcp_notebook_server.agent.bundle import bundle_agent, read_sources
from mcp_notebook_server.agent.source.credentials import HIDDEN
from mcp_notebook_server.agent.source.refusals import Refused
from mcp_notebook_server.agent.source.variables import Variables

from .shells import ask


def inspect(path: str, **namespace: Any) -> dict[str, Any]:
    return ask(namespace, "inspect_variable", path=path)


def read(frame: Any, **page: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "read_dataframe", name="frame", **page)


def column(frame: Any, name: str, **page: Any) -> list[Any]:
    return [row[0] for row in read(frame, columns=[name], **page)["rows"]]


def describe(frame: Any, **arguments: Any) -> dict[str, Any]:
    return ask({"frame": frame}, "describe_dataframe", name="frame", **arguments)


def refuse(namespace: dict[str, Any], op: str, **arguments: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        ask(namespace, op, **arguments)
    return refusal.value


@dataclass
class Model:
    coef_: Any
    api_key: str = "plain words"

    @property
    def score(self) -> float:
        raise AssertionError


class Slotted:
    __slots__ = ("here", "unset")

    def __init__(self) -> None:
        self.here = 1


class TestListVariables:
    def test_names_come_sorted_with_type_shape_size_and_preview(self) -> None:
        namespace = {"b": [1, 2], "a": np.zeros((3, 4)), "c": pd.DataFrame({"x": [1]})}
        variables = ask(namespace, "list_variables")["variables"]
        assert [(each["name"], each["type"], each["shape"]) for each in variables] == [
            ("a", "numpy.ndarray", [3, 4]),
            ("b", "list", [2]),
            ("c", "pandas.DataFrame", [1, 1]),
        ]
        assert variables[0]["size"] == 96
        assert variables[1]["preview"] == "[1, 2]"

    def test_what_is_not_the_persons_data_is_left_out(self) -> None:
        namespace = {"_x": 1, "__name__": "n", "In": [], "Out": {}, "os": os, "environment": os.environ, "x": 1}
        assert [each["name"] for each in ask(namespace, "list_variables")["variables"]] == ["x"]

    def test_pattern_and_type_choose(self) -> None:
        namespace = {"df_a": pd.DataFrame(), "df_b": 1, "other": pd.DataFrame()}
        assert ask(namespace, "list_variables", pattern="df_*")["total"] == 2
        assert ask(namespace, "list_variables", type="DataFrame")["total"] == 2
        assert ask(namespace, "list_variables", type="DataFrame", pattern="df_*")["total"] == 1

    @pytest.mark.parametrize("wanted", ["", "int"])
    def test_pages_follow_each_other(self, wanted: str) -> None:
        namespace: dict[str, Any] = {f"v{i:03}": i for i in range(25)} | {"word": "x"}
        total, seen, cursor = 25 if wanted else 26, [], ""
        while True:
            page = ask(namespace, "list_variables", limit=10, cursor=cursor, type=wanted)
            seen += [each["name"] for each in page["variables"]]
            assert page["total"] == total
            if "next_cursor" not in page:
                break
            cursor = page["next_cursor"]
        assert len(seen) == len(set(seen)) == total


class TestInspectVariable:
    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("model.coef_", "[1, 2]"),
            ("model.coef_[1]", "2"),
            ('cfg["lr"]', "0.1"),
            ("cfg['deep']['er']", "None"),
            ("rows[-1]", "(1, 'two')"),
            ("array[1, 2]", "6.0"),
            ("array[1]", "float64 array of shape (4,): 4.0, 5.0, 6.0, 7.0"),
            ("slotted.here", "1"),
            ("counts", "collections.Counter{'a': 2}"),
            ("point", "collections.namedtuple"),
            ("day", "datetime.date(2024, 1, 31)"),
            ("moment", "2024-01-31T00:00:00"),
            ("big", "<int of 5001 bits>"),
        ],
    )
    def test_path_leads_to_a_value(self, path: str, text: str) -> None:
        point: Any = collections.namedtuple("Point", "x y")(1, 2)  # noqa: PYI024  what people write
        found = inspect(
            path,
            model=Model([1, 2]),
            cfg={"lr": 0.1, "deep": {"er": None}},
            rows=[1, (1, "two")],
            array=np.arange(12.0).reshape(3, 4),
            slotted=Slotted(),
            counts=collections.Counter("aa"),
            point=point,
            day=dt.date(2024, 1, 31),
            moment=dt.datetime(2024, 1, 31),  # noqa: DTZ001  as people write it
            big=1 << 5000,
        )
        assert found["path"] == path
        if path == "point":
            assert found["text"].endswith("Point(x=1, y=2)")
        else:
            assert found["text"] == text

    @pytest.mark.parametrize(
        "path",
        ["model.score", "model.nothing", "model()", "a + b", "cfg['no']", "rows[9]", "rows['x']", "1", "", "model["],
    )
    def test_path_that_leads_nowhere_is_refused(self, path: str) -> None:
        assert (
            refuse({"model": Model(1), "cfg": {"lr": 1}, "rows": [1]}, "inspect_variable", path=path).kind == "bad_path"
        )

    def test_unknown_variable_names_those_near(self) -> None:
        refusal = refuse({"weights": 1, "other": 2}, "inspect_variable", path="wieghts.x")
        assert refusal.kind == "unknown_variable"
        assert "weights" in refusal.message

    def test_object_shows_its_fields(self) -> None:
        found = inspect("model", model=Model([1, 2]))
        assert [field["name"] for field in found["fields"]] == ["coef_", "api_key"]

    def test_frame_shows_its_columns_and_a_series_its_first_values(self) -> None:
        frame = pd.DataFrame({"n": [1, 2], "word": ["a", "b"]}).astype({"word": object})
        assert inspect("frame", frame=frame)["text"] == "2 rows x 2 columns: n int64, word object"
        assert inspect("series", series=frame["n"])["text"] == "int64 series of 2: 1, 2"

    def test_long_text_is_cut_and_says_so(self) -> None:
        found = ask({"text": "line\n" * 10_000}, "inspect_variable", path="text", max_chars=100)
        assert (found["text"], found["truncated"], found["shape"]) == ("line\n" * 20, True, [50_000])

    def test_lone_surrogate_can_be_sent(self) -> None:
        inspect("text", text="\ud800")["text"].encode()


SECRETS = (
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
    "postgresql://user:hunter2@example.org/db",
)


class TestCredentials:
    @pytest.mark.parametrize("secret", SECRETS)
    def test_what_looks_like_one_is_hidden_everywhere(self, secret: str) -> None:
        part = "hunter2" if "hunter2" in secret else secret[-8:]
        namespace = {
            "x": secret,
            "pad": "." * 3980 + " " + secret,
            "nested": {"a": [secret], secret: 1},
            "bytes": secret.encode(),
            "model": Model(secret),
            "frame": pd.DataFrame({"c": [secret]}),
        }
        answers = [ask(namespace, "list_variables"), read(namespace["frame"]), describe(namespace["frame"])]
        answers += [ask(namespace, "inspect_variable", path=name) for name in namespace]
        assert not [answer for answer in answers if part in str(answer)]

    def test_what_is_called_so_is_hidden(self) -> None:
        namespace = {
            "db_password": "abc-plain",
            "cfg": {"api_key": "abc-plain", "tokens": ["abc-plain"]},
            "model": Model(1, "abc-plain"),
            "frame": pd.DataFrame({"secret": ["abc-plain"]}),
        }
        paths = ["db_password", "cfg", 'cfg["api_key"]', 'cfg["tokens"][0]', "model", "model.api_key", "frame"]
        answers = [ask(namespace, "list_variables"), read(namespace["frame"]), describe(namespace["frame"])]
        answers += [ask(namespace, "inspect_variable", path=path) for path in paths]
        assert "abc-plain" not in str(answers)
        assert HIDDEN in str(answers)

    def test_number_under_such_a_name_is_not(self) -> None:
        assert inspect("max_tokens", max_tokens=4096)["text"] == "4096"


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


class TestSource:
    def test_it_is_python_of_3_9(self) -> None:
        for text in read_sources().values():
            ast.parse(text, feature_version=(3, 9))

    def test_it_imports_the_standard_library_only(self) -> None:
        import sys  # noqa: PLC0415  for this test's own question

        for text in read_sources().values():
            for node in ast.walk(ast.parse(text)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level and node.module else []
                assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names

    def test_bundle_is_one_short_line(self) -> None:
        bundle = bundle_agent(directory="d", sockets="s", nonce="n", secret="x")  # noqa: S106  not one
        assert "\n" not in bundle
        assert len(bundle) < 64_000


def test_module_and_environment_inside_a_value_are_refused() -> None:
    for value in (types, os.environ):
        assert refuse({"x": [value]}, "inspect_variable", path="x[0]").kind == "bad_path"
    assert "PATH" not in str(inspect("x", x=[os.environ]))


def test_deep_sort_waits_until_the_cell_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"x": range(30_000, 0, -1)})
    page: dict[str, Any] = {"name": "frame", "sort": [{"column": "x"}], "limit": 1}
    monkeypatch.setattr(Variables, "running", lambda _: {})
    assert refuse({"frame": frame}, "read_dataframe", offset=20_000, **page).kind == "busy"
    assert ask({"frame": frame}, "read_dataframe", offset=9_000, **page)["rows"] == [[9_001]]
    monkeypatch.undo()
    assert ask({"frame": frame}, "read_dataframe", offset=20_000, **page)["rows"] == [[20_001]]

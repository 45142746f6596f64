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

from .shells import ask, describe, read, refuse


def inspect(path: str, **namespace: Any) -> dict[str, Any]:
    return ask(namespace, "inspect_variable", path=path)


@dataclass
class Model:
    coef_: Any
    api_key: str = "plain words"

    @property
    def score(self) -> float:
        raise AssertionError


class Undeclared:
    def __init__(self, coef: list[int]) -> None:
        self.coef_ = coef
        self.api_key = "plain words"


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
        found = inspect("model", model=Undeclared([1, 2]))
        assert [field["name"] for field in found["fields"]] == ["coef_", "api_key"]
        assert "fields" not in inspect("model", model=Model([1, 2])), "the text of a dataclass says them"

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

    def test_no_text_goes_over_lines_whose_indentation_changes_on_the_way(self) -> None:
        for text in read_sources().values():
            constants = [each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Constant)]
            parts = [part for each in constants for part in str(each.value).splitlines()[1:]]
            assert not any(part.startswith(" ") for part in parts)

    def test_bundle_is_one_short_line(self) -> None:
        bundle = bundle_agent(directory="d", sockets="s", nonce="n", secret="x")  # noqa: S106  not one
        assert "\n" not in bundle
        assert len(bundle) < 64_000


def test_module_and_environment_inside_a_value_are_refused() -> None:
    for value in (types, os.environ):
        assert refuse({"x": [value]}, "inspect_variable", path="x[0]").kind == "bad_path"
    assert "PATH" not in str(inspect("x", x=[os.environ]))

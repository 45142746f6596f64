from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from mcp_types import CallToolResult, TextContent

from mcp_notebook.errors import NotTabular
from mcp_notebook.results import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.session import Session


def result(*texts: str, structured: Any = None) -> Result:
    content = [TextContent(type="text", text=text) for text in texts]
    return Result(CallToolResult(content=list(content), structured_content=structured))


@pytest.fixture
def workshop(connect: Callable[..., Session], workshop_command: list[str]) -> Session:
    from mcp_notebook.config import StdioServer  # noqa: PLC0415

    return connect("workshop", StdioServer(workshop_command[0], tuple(workshop_command[1:])))


def test_a_table_is_shown_with_what_was_left_out_and_becomes_a_frame(workshop: Session) -> None:
    orders = workshop.call("orders")
    shown = orders._repr_mimebundle_()
    assert set(shown) == {"text/plain", "text/markdown", "text/html"}
    assert shown["text/plain"].splitlines()[:3] == ["id  wood", "0", "1   oak"]
    assert shown["text/plain"].endswith("… 10 more rows; .DataFrame() has them all")
    assert shown["text/markdown"].startswith("| id | wood |\n| --- | --- |\n| 0 |  |")
    frame = orders.DataFrame()
    assert frame.shape == (30, 2)
    assert frame["wood"].isna().sum() == 15


def test_an_image_is_shown_as_an_image(workshop: Session) -> None:
    shown = workshop.call("paint")._repr_mimebundle_()
    assert set(shown) == {"text/plain", "image/png"}
    assert shown["text/plain"].startswith("<image/png, ")


def test_rows_that_python_has_written_are_a_table() -> None:
    rows = result("[{'id': 1, 'name': None}, {'id': 2, 'name': \"it's\"}]")
    assert rows.DataFrame()["name"].tolist()[1] == "it's"
    assert repr(rows).splitlines() == ["id  name", "1", "2   it's"]
    for text in ("[{'id': open('x')}]", "{'id': ", "[" * 100_000, "[1, 2]", "{1, 2}"):
        with pytest.raises(NotTabular):
            result(text).DataFrame()


def test_one_of_several_tables_is_chosen_by_its_name() -> None:
    graph = result(structured={"nodes": [{"id": 1}, {"id": 2}], "edges": [{"from": 1}], "more": False})
    with pytest.raises(NotTabular) as error:
        graph.DataFrame()
    assert str(error.value) == (
        "This result is no table: it has structure. Of it, say .DataFrame('nodes') or .DataFrame('edges')."
    )
    assert graph.DataFrame("nodes")["id"].tolist() == [1, 2]
    assert graph.polars("edges").shape == (1, 1)
    with pytest.raises(NotTabular, match="it has no table 'more'"):
        graph.DataFrame("more")


def test_nothing_a_server_sends_runs(workshop: Session) -> None:
    shown = workshop.call("attack")._repr_mimebundle_()
    assert "\x1b" not in "".join(shown.values())
    assert "\x07" not in "".join(shown.values())
    assert "<script" not in shown["text/html"]
    assert shown["text/html"].count("<img ") == 1
    assert 'onerror="' not in shown["text/html"]
    assert shown["text/markdown"].startswith("````text\n")
    assert shown["text/markdown"].endswith("\n````")


def test_structure_is_a_tree_and_text_that_only_repeats_it_is_not_shown_twice() -> None:
    tree = result('{"a": {"b": 1}}', structured={"a": {"b": 1}})._repr_mimebundle_()
    assert tree["text/plain"] == '{\n  "a": {\n    "b": 1\n  }\n}'
    assert set(tree) == {"text/plain", "text/markdown", "text/html"}
    assert repr(result("3", structured={"result": 3})) == "3"


def test_a_long_text_says_how_much_is_left_out() -> None:
    shown = repr(result("x" * 12_345))
    assert shown.endswith("\n… 2,345 more characters; all of it is in .text")
    assert len(result("x" * 12_345).text) == 12_345
    assert repr(result(structured={"a": "x" * 20_000})).endswith("more characters; all of it is in .structured")


@pytest.mark.parametrize(
    ("structured", "columns", "rows"),
    [
        ([{"a": 1}, {"b": 2}], ["a", "b"], 2),
        ({"result": [{"a": 1}]}, ["a"], 1),
        ({"columns": ["x", "y"], "rows": [[1, 2], [3, 4]], "total": 2}, ["x", "y"], 2),
        ({"kernels": [{"id": "k"}], "total": 1}, ["id"], 1),
        ({"a": 1, "b": None}, ["a", "b"], 1),  # a flat object is one row
    ],
)
def test_tables_come_in_several_shapes(structured: Any, columns: list[str], rows: int) -> None:
    frame = result(structured=structured).DataFrame()
    assert list(frame.columns) == columns
    assert len(frame) == rows


def test_a_text_that_is_a_json_table_is_one() -> None:
    pd.testing.assert_frame_equal(result('[{"a": 1}, {"a": 2}]').DataFrame(), pd.DataFrame({"a": [1, 2]}))


@pytest.mark.parametrize(
    "structured", [None, 3, {}, {"result": 1}, {"a": {"b": 1}}, [], [1, 2], {"columns": ["a"], "rows": [[1, 2]]}]
)
def test_what_is_no_table_is_not_forced_into_one(structured: Any) -> None:
    with pytest.raises(NotTabular, match="This result is no table"):
        result("words", structured=structured).DataFrame()


def test_raw_is_what_was_on_the_wire(workshop: Session) -> None:
    raw = workshop.call("add", a=1).raw
    assert raw["structuredContent"] == {"result": 1}
    assert raw["content"] == [{"type": "text", "text": "1"}]

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
from mcp_types import Tool, ToolAnnotations

from mcp_notebook.arguments import read_arguments
from mcp_notebook.config import StdioServer
from mcp_notebook.errors import MissingArgument, UnknownTool
from mcp_notebook.tools import ToolPage, Tools, search_tools, tool_table
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.session import Session

WEATHER = Tool(
    name="get_weather",
    description="Get the weather.\n\nIn detail.",
    input_schema={
        "type": "object",
        "required": ["city", "units"],
        "properties": {
            "city": {"type": "string", "description": "Which city."},
            "units": {"enum": ["C", "F"]},
            "days": {"type": "integer", "default": 3},
        },
    },
    output_schema={"type": "object", "properties": {"degrees": {"type": "number"}}},
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=True),
)
FIND = Tool(name="find", title="Look for it", input_schema={"properties": {"weather": {"type": "string"}}})
DASHED = Tool(name="get-tide", input_schema={})


class Calls(list[tuple[str, dict[str, Any]]]):
    def __call__(self, name: str, arguments: dict[str, Any]) -> Any:
        self.append((name, arguments))


def new_tools(calls: Calls) -> Tools:
    listed = (WEATHER, FIND, DASHED)
    return Tools("sky", calls, current=lambda: listed, known=lambda: listed)


def test_a_tool_is_an_attribute_and_an_item() -> None:
    calls = Calls()
    tools = new_tools(calls)
    tools.get_weather(city="Seoul")
    tools["get-tide"]()
    tools.get_tide()
    tools["find"](weather="rain")
    assert calls == [
        ("get_weather", {"city": "Seoul"}),
        ("get-tide", {}),
        ("get-tide", {}),
        ("find", {"weather": "rain"}),
    ]


def test_what_tab_shows_are_the_tools() -> None:
    tools = new_tools(Calls())
    assert dir(tools) == ["find", "get", "get_tide", "get_weather", "names"]
    assert tools._ipython_key_completions_() == ["get_weather", "find", "get-tide"]


def test_tab_does_not_ask_a_server() -> None:
    def current() -> Any:
        raise AssertionError("asked")

    tools = Tools("sky", Calls(), current=current, known=lambda: (WEATHER,))
    assert "get_weather" in dir(tools)
    assert not hasattr(tools, "_repr_html_")


def test_an_unknown_attribute_says_what_there_is() -> None:
    tools = new_tools(Calls())
    with pytest.raises(AttributeError) as unknown:
        tools.get_wether()
    assert str(unknown.value) == "sky has no tool 'get_wether'. Did you mean 'get_weather'?"
    with pytest.raises(UnknownTool):
        tools["x"]


def test_iterating_gives_the_definitions() -> None:
    tools = new_tools(Calls())
    assert list(tools) == [WEATHER, FIND, DASHED]
    assert (len(tools), tools[0], tools.names) == (3, WEATHER, ("get_weather", "find", "get-tide"))


def test_a_search_looks_at_names_descriptions_and_arguments() -> None:
    tools = [(tool.name, tool) for tool in (WEATHER, FIND, DASHED)]

    def found(text: str) -> list[str]:
        return [name for name, _ in search_tools(tools, text)]

    assert found("weather") == ["get_weather", "find"]
    assert found("WEATHER detail") == ["get_weather"]
    assert found("look") == ["find"]
    assert found("") == ["get_weather", "find", "get-tide"]
    assert found("nothing") == []


def test_the_table_is_narrow() -> None:
    wide = Tool(
        name="wide", description="word " * 50, input_schema={"properties": {f"argument{n}": {} for n in range(20)}}
    )
    lines = repr(tool_table([("get_weather", WEATHER), ("wide", wide)])).splitlines()
    assert lines[0] == "tool         arguments" + " " * 53 + "what it does"
    assert lines[1] == "get_weather  city: str, units: C|F, days: int?" + " " * 29 + "Get the weather."
    assert max(map(len, lines)) <= 150


def test_one_tool_in_full() -> None:
    assert repr(ToolPage([("sky.get_weather", WEATHER)])).splitlines() == [
        "sky.get_weather",
        "Get the weather.",
        "",
        "In detail.",
        "argument  type        if left out  what it is",
        "city      string      needed       Which city.",
        'units     "C" or "F"  needed',
        "days      integer     3",
        "The server says: it only reads, it reaches beyond the server.",
        "gives",
        "degrees: number",
        "call it",
        "%mcp call sky.get_weather city=TEXT units=C",
    ]


def test_what_is_in_an_argument_is_said_and_the_line_has_all_of_it() -> None:
    edit = {
        "type": "object",
        "required": ["old", "new"],
        "properties": {"old": {"type": "string"}, "new": {"type": "string"}, "times": {"type": ["integer", "null"]}},
    }
    schema: dict[str, Any] = {
        "required": ["edits", "where", "tags", "any"],
        "properties": {
            "edits": {"type": "array", "items": edit},
            "where": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/Place"}]},
            "tags": {"type": "array", "items": {"enum": ["a b", "c"]}},
            "any": {},
        },
        "$defs": {"Place": {"type": "object", "properties": {"inside": {"$ref": "#/$defs/Place"}}}},
    }
    lines = repr(ToolPage([("edit", Tool(name="edit", input_schema=schema))])).splitlines()
    assert "array of {old: string, new: string, times?: integer or null}" in lines[3]
    example = lines[-1].removeprefix("%mcp call edit ")
    assert example.startswith('edits=[{"old": "TEXT", "new": "TEXT"}] where={"inside": ')
    assert example.endswith('} tags=["a b"] any=VALUE')
    assert read_arguments(split_words(example), "edit", schema, {})["edits"] == [{"old": "TEXT", "new": "TEXT"}]


def test_whole_schemas_are_shown_as_the_server_sent_them() -> None:
    page = ToolPage([("get_weather", WEATHER)], whole_schemas=True)
    assert '"required": [\n      "city",' in repr(page)
    assert '"degrees"' in page._repr_mimebundle_()["text/html"].replace("&quot;", '"')


def test_a_description_is_shown_and_never_run() -> None:
    evil = Tool(
        name="x",
        description="<script>alert(1)</script>\x1b]0;title\x07",
        input_schema={"properties": {"<b>": {"description": "<img src=x>"}}},
    )
    shown = ToolPage([("x", evil)])._repr_mimebundle_()
    assert "<script>" not in shown["text/html"]
    assert "<img" not in shown["text/html"]
    assert "\x1b" not in shown["text/plain"]


def test_tools_of_a_session_are_called(workshop: Session) -> None:
    assert workshop.tools.add(a=1, b=2).text == "3"
    assert workshop.tools["add"](a=1).text == "1"
    assert str(inspect.signature(workshop.tools.add)).startswith("(*, a: int, b: int = 0) -> ")
    assert "Args:\n    a (integer)" in str(workshop.tools.add.__doc__)
    with pytest.raises(MissingArgument):
        workshop.tools.add()


def test_an_argument_may_have_any_name(connect: Callable[..., Session]) -> None:
    time = connect("time", StdioServer("python", ("-m", "mcp_server_time")))
    assert time.tools.get_current_time({"timezone": "UTC"}).structured["timezone"] == "UTC"

from __future__ import annotations

import inspect
from typing import Any, Literal

import pytest
from mcp_types import Tool

from mcp_notebook.signatures import describe_tool, is_name, new_function, new_signature

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["city"],
    "properties": {
        "days": {"type": "integer", "default": 3, "description": "How many\n days."},
        "city": {"type": "string", "description": "Which \x1b[31mcity."},
        "units": {"enum": ["C", "F"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "label": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "extra": {},
    },
}


def parts(schema: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(one.name, one.annotation, one.default) for one in new_signature(schema).parameters.values()]


def test_a_signature_has_types_and_defaults_and_what_must_be_given_first() -> None:
    assert parts(SCHEMA) == [
        ("city", str, inspect.Parameter.empty),
        ("days", int, 3),
        ("units", Literal["C", "F"], ...),
        ("tags", list[str], ...),
        ("label", str | None, None),
        ("extra", Any, ...),
    ]
    assert {one.kind for one in new_signature(SCHEMA).parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}


def test_names_that_python_cannot_take_go_into_a_mapping() -> None:
    schema = {"properties": {"my-arg": {}, "class": {}, "fine": {}}}
    assert [name for name, *_ in parts(schema)] == ["arguments", "fine"]
    assert [is_name(name) for name in schema["properties"]] == [False, False, True]


def test_a_docstring_says_what_each_argument_is_and_hides_nothing() -> None:
    tool = Tool(name="get_weather", description="  Get the weather.\n\n  Today.", input_schema=SCHEMA)
    assert describe_tool(tool, "sky") == (
        "Get the weather.\n\nToday.\n\nArgs:\n"
        "    days (integer, 3 if left out): How many days.\n"
        "    city (string): Which city.\n"
        '    units ("C" or "F", optional)\n'
        "    tags (array of string, optional)\n"
        "    label (string or null, optional)\n"
        "    extra (anything, optional)\n\n"
        "Calls sky.get_weather."
    )
    assert describe_tool(Tool(name="now", input_schema={}), "sky") == "The tool now.\n\nCalls sky.now."


def test_a_function_calls_its_tool_with_what_was_given_only() -> None:
    calls: list[tuple[str, dict[str, Any]]] = []

    def call(name: str, arguments: dict[str, Any]) -> Any:
        calls.append((name, arguments))

    function = new_function(Tool(name="get-weather", input_schema=SCHEMA), "sky", call)
    function(city="Seoul")
    function({"my-arg": 1}, city="Seoul")
    assert calls == [("get-weather", {"city": "Seoul"}), ("get-weather", {"my-arg": 1, "city": "Seoul"})]
    assert function.__name__ == "get-weather"
    assert str(inspect.signature(function)).startswith("(*, city: str, days: int = 3, units: Literal['C', 'F']")


def test_positional_arguments_are_told_that_they_have_names() -> None:
    tool = Tool(name="tell", input_schema={"type": "object", "properties": {"zone": {"type": "string"}}})
    function = new_function(tool, "time", lambda *_: pytest.fail("called"))
    with pytest.raises(TypeError, match=r"^tell takes its arguments by name, such as zone=\.\.\.$"):
        function("Asia/Seoul")

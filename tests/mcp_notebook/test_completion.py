"""What Tab offers, as a function of a line and of what there is."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_types import Prompt, PromptArgument, Resource, ResourceTemplate, Tool

from mcp_notebook.completion import complete, complete_body
from mcp_notebook.offers import Completion, Known, Question

USAGES = {
    "": "%mcp",
    "connect": '%mcp connect NAME -- COMMAND ARGS... or NAME URL [-H "Header: value"]... or OBJECT '
    "[--era auto|legacy|modern] or --config [FILE] [NAME...|--all]",
    "tools": "%mcp tools [SERVER] [-s TEXT] [--schema]",
    "tool": "%mcp tool [SERVER.]TOOL",
    "call": "%mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME] [--df] [--timeout SECONDS]",
    "read": "%mcp read [SERVER] URI a=1 [-o NAME]",
    "prompt": "%mcp prompt [SERVER.]PROMPT a=1",
    "export": "%mcp export [NAME...] FILE",
    "help": "%mcp help [COMMAND]",
}


TIDE = "sea://{port}/tide/{day}"


def new_tool(name: str, required: tuple[str, ...] = (), **arguments: Any) -> Tool:
    return Tool(name=name, input_schema={"type": "object", "properties": arguments, "required": list(required)})


LISTS: dict[str, dict[str, list[Any]]] = {
    "tools": {
        "sky": [
            new_tool(
                "get_weather",
                ("city",),
                days={"type": "integer", "default": 3},
                city={"type": "string"},
                units={"enum": ["celsius", "in fahrenheit"]},
                wet={"anyOf": [{"type": "boolean"}, {"type": "null"}]},
                level={"enum": [1, 2]},
            ),
            new_tool("now"),
        ],
        "sea": [new_tool("now"), new_tool("get_tide", ("at",), at={"type": "object"})],
    },
    "resources": {"sky": [Resource(name="map", uri="sky://map")], "sea": [Resource(name="a b", uri="sea://a b")]},
    "templates": {"sea": [ResourceTemplate(name="tide", uri_template=TIDE)]},
    "prompts": {
        "sea": [Prompt(name="warn", arguments=[PromptArgument(name="how"), PromptArgument(name="whom", required=True)])]
    },
}


class Asked(list[Question]):
    """What servers were asked; they always suggest the same."""

    def __call__(self, question: Question) -> list[str]:
        self.append(question)
        return ["Busan", "Cape Town"]


def known(asked: Asked | None = None) -> Known:
    return Known(
        USAGES,
        ["sky", "sea"],
        ["df", "zone"],
        ["weather_server"],
        lambda kind: LISTS[kind],
        Asked() if asked is None else asked,
        lambda words: ["lake", "pond"] if "mcp.json" in words else ["brook"],
    )


def offered(line: str, asked: Asked | None = None) -> tuple[str, list[str]]:
    found = complete(line, len(line), known(asked))
    assert found is not None
    return found.fragment, [one.text for one in found.suggestions]


@pytest.mark.parametrize("before", ["", "x = ", "out << ", "    ", "a, b = ", "table['x'] = "])
def test_every_way_to_write_a_line_is_known(before: str) -> None:
    assert offered(f"{before}%mcp rea") == ("rea", ["read"])


def test_cell_magics_are_completed_too() -> None:
    assert offered("%%mcp ca") == ("ca", ["call"])


@pytest.mark.parametrize("line", ["mcp = 3", "%mcp", "%mcpx a", "x == %mcp ", "if x > %mcp ", "# %mcp ", "%time x"])
def test_other_lines_are_left_alone(line: str) -> None:
    assert complete(line, len(line), known()) is None


def test_what_follows_the_cursor_does_not_count() -> None:
    found = complete("%mcp he --schema", 7, known())
    assert found is not None
    assert [one.text for one in found.suggestions] == ["help"]


@pytest.mark.parametrize(
    ("line", "fragment", "texts"),
    [
        ("%mcp ", "", ["connect", "tools", "tool", "call", "read", "prompt", "export", "help"]),
        ("%mcp nothing ", "", []),
        ("%mcp help c", "c", ["connect", "call"]),
        ("%mcp tools s", "s", ["sky", "sea"]),
        ("%mcp tools sky ", "", ["-s", "--schema"]),
        ("%mcp tools sky --", "--", ["--schema"]),
        ("%mcp tools --schema -", "-", ["-s"]),
        ("%mcp connect ", "", ["sky", "sea", "weather_server"]),
        ("%mcp connect --config mcp.json lake ", "", ["pond"]),
        ("%mcp connect --config b", "b", ["brook"]),
        ("%mcp connect x http://x --era ", "", ["auto", "legacy", "modern"]),
        ("%mcp connect x http://x --era m", "m", ["modern"]),
        ("%mcp call ", "", ["get_weather", "get_tide", "sky.now", "sea.now"]),
        ("%mcp call get_w", "get_w", ["get_weather"]),
        ("%mcp call s", "s", ["sky.now", "sea.now", "sky.", "sea."]),
        ("%mcp call sky.", "sky.", ["sky.get_weather", "sky.now"]),
        ("%mcp tool sea.g", "sea.g", ["sea.get_tide"]),
        ("%mcp call get_weather -o ", "", ["df", "zone"]),
        ("%mcp call get_weather --t", "--t", ["--timeout"]),
        ("%mcp call sea.now ", "", ["-o", "--df", "--timeout"]),
    ],
)
def test_commands_options_servers_and_tools(line: str, fragment: str, texts: list[str]) -> None:
    assert offered(line) == (fragment, texts)


@pytest.mark.parametrize(
    ("words", "fragment", "texts"),
    [
        ("", "", ["city=", "days=", "units=", "wet=", "level="]),
        ("city=Seoul ", "", ["days=", "units=", "wet=", "level="]),
        ('city="New York" --timeout 3 d', "d", ["days="]),
        ("days=", "", ["3"]),
        ("units=", "", ["celsius", '"in fahrenheit"']),
        ("units=c", "c", ["celsius"]),
        ('units="in f', '"in f', ['"in fahrenheit"']),
        ("units='c", "'c", ['"celsius"']),
        ("units:=", "", ['"celsius"', '"in fahrenheit"']),
        ('units:="c', '"c', ['"celsius"']),
        ("wet=", "", ["true", "false"]),
        ("wet=t", "t", ["true"]),
        ("level=", "", ["1", "2"]),
        ("city=", "", ["$df", "$zone"]),
        ("city=$z", "$z", ["$zone"]),
        ("city=Se", "Se", []),
        ("nothing=", "", ["$df", "$zone"]),
    ],
)
def test_arguments_and_their_values(words: str, fragment: str, texts: list[str]) -> None:
    assert offered(f"x = %mcp call sky.get_weather {words}") == (fragment, texts)


def test_nothing_is_offered_inside_a_json_value() -> None:
    assert offered('%mcp call get_tide at={"a": 1, ')[1] == []
    assert offered('%mcp call get_tide at={"a": 1} ')[1] == ["-o", "--df", "--timeout"]


def test_uris_are_those_of_the_chosen_server() -> None:
    assert offered("%mcp read ") == ("", ["sky://map", '"sea://a b"', "sea://", TIDE, "sky", "sea"])
    assert offered("%mcp read sea ") == ("", ['"sea://a b"', "sea://", TIDE])
    assert offered("%mcp read sky sky://m") == ("sky://m", ["sky://map"])


def test_a_server_is_asked_for_values_of_a_template() -> None:
    asked = Asked()
    assert offered("%mcp read sea://B", asked) == ("sea://B", ["sea://Busan"])
    assert offered("%mcp read sea://Busan/tide/", asked)[1] == [
        "sea://Busan/tide/Busan",
        '"sea://Busan/tide/Cape Town"',
    ]
    assert asked == [
        Question("sea", "template", TIDE, "port", "B"),
        Question("sea", "template", TIDE, "day", "", {"port": "Busan"}),
    ]


@pytest.mark.parametrize("before", ["", "sea "])
def test_a_server_is_asked_for_values_that_fill_in_a_template(before: str) -> None:
    asked = Asked()
    assert offered(f"%mcp read {before}{TIDE} ", asked) == ("", ["port=", "day="])
    assert offered(f"%mcp read {before}{TIDE} port=1 day=C", asked) == ("C", ['"Cape Town"'])
    assert asked == [Question("sea", "template", TIDE, "day", "C", {"port": "1"})]


def test_a_server_is_asked_for_values_of_a_prompts_argument() -> None:
    asked = Asked()
    assert offered("%mcp prompt ") == ("", ["warn"])
    assert offered("%mcp prompt warn ") == ("", ["whom=", "how="])
    assert offered("%mcp prompt sea.warn whom=you how=B", asked) == ("B", ["Busan"])
    assert asked == [Question("sea", "prompt", "warn", "how", "B", {"whom": "you"})]


@pytest.mark.parametrize("line", ["%mcp connect x -- pyt", "%mcp export sky "])
def test_names_of_files_are_left_to_ipython(line: str) -> None:
    found = complete(line, len(line), known())
    assert found is not None
    assert found.files


def body_offered(body: str) -> tuple[str, list[str]]:
    found = complete_body("%%mcp call -o x get_weather", body, known())
    assert found is not None
    return found.fragment, [one.text for one in found.suggestions]


@pytest.mark.parametrize(
    ("body", "fragment", "texts"),
    [
        ("", "", ["city: ", "days: ", "units: ", "wet: ", "level: "]),
        ("city: Seoul\nu", "u", ["units: "]),
        ("city: Seoul\nunits: in", "in", ["in fahrenheit"]),
        ("wet: ", "", ["true", "false"]),
        ('{"ci', '"ci', ['"city": ']),
        ('{"city": "Seoul",\n "', '"', ['"days": ', '"units": ', '"wet": ', '"level": ']),
        ('{"units": "c', '"c', ['"celsius"']),
        ('{"wet": t', "t", ["true"]),
    ],
)
def test_arguments_below_a_cell_magic(body: str, fragment: str, texts: list[str]) -> None:
    assert body_offered(body) == (fragment, texts)


def test_text_below_a_cell_magic_is_left_alone() -> None:
    assert complete_body("%%mcp call get_weather", "city: Seoul, the", known()) == Completion("Seoul, the", [])
    assert complete_body("%%mcp call nothing", "c", known()) is None
    assert complete_body("%%time", "c", known()) is None

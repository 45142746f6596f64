from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.schemas import describe_arguments_briefly, find_choices

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["city", "where"],
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "default": 3},
        "units": {"enum": ["C", "F"]},
        "many": {"enum": [1, 2, 3, 4, 5]},
        "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "flag": {"type": ["boolean", "null"]},
        "where": {"$ref": "#/$defs/Place"},
        "free": True,
        "always": {"const": "x"},
    },
    "$defs": {"Place": {"type": "object", "properties": {}}},
}


def test_arguments_are_said_in_the_words_of_python() -> None:
    assert describe_arguments_briefly(SCHEMA) == (
        "city: str, days: int?, units: C|F?, many: 1|2|3|4|…?, label: str?, flag: bool?, where: dict, free: any?, "
        "always: x?"
    )
    assert describe_arguments_briefly({}) == ""


@pytest.mark.parametrize(
    ("schema", "choices"),
    [
        ({"enum": ["a", 1]}, ["a", 1]),
        ({"const": 3}, [3]),
        ({"type": "boolean", "default": False}, [True, False]),
        ({"type": ["boolean", "null"]}, [True, False]),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}], "default": "b"}, ["a", "b"]),
        ({"type": "string", "examples": ["x", "y"], "default": ""}, ["x", "y"]),
        ({"enum": [1, True]}, [1, True]),
        ({"$ref": "#/$defs/Unit"}, ["cm"]),
        ({"type": "string"}, []),
        (True, []),
    ],
)
def test_a_schema_suggests_values(schema: Any, choices: list[Any]) -> None:
    found = find_choices(schema, {"$defs": {"Unit": {"enum": ["cm"]}}})
    assert list(map(repr, found)) == list(map(repr, choices))

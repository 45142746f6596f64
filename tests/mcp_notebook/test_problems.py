from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.problems import find_problems

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["city", "a/b"],
    "properties": {
        "city": {"type": "string", "minLength": 2},
        "days": {"type": "array", "items": {"type": "integer", "maximum": 7}},
        "how": {
            "anyOf": [
                {"type": "object", "required": ["by"], "properties": {"by": {"enum": ["car", "train"]}}},
                {"type": "null"},
            ]
        },
    },
    "additionalProperties": True,
}


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"city": "Seoul", "a/b": 1}, {}),
        ({}, {"/city": "This is required.", "/a~1b": "This is required."}),
        ({"city": "S", "a/b": 1}, {"/city": "At least 2 characters."}),
        ({"city": 1, "a/b": 1, "days": [1, 8]}, {"/city": "This must be string.", "/days/1": "At most 7."}),
        ({"city": "Seoul", "a/b": 1, "how": {"by": "foot"}}, {"/how/by": 'This must be "car" or "train".'}),
        ({"city": "Seoul", "a/b": 1, "how": {}}, {"/how/by": "This is required."}),
        ({"city": "Seoul", "a/b": 1, "how": []}, {"/how": 'This must be {by: "car" or "train"} or null.'}),
    ],
)
def test_each_problem_is_said_where_it_is(value: Any, problems: dict[str, str]) -> None:
    assert {one["pointer"]: one["message"] for one in find_problems(value, SCHEMA)} == problems


@pytest.mark.parametrize("schema", [{"type": "strnig"}, {"$ref": "https://schemas.example/x"}, {"pattern": "("}])
def test_what_cannot_be_understood_is_left_to_the_server(schema: dict[str, Any]) -> None:
    assert find_problems("x", schema) == []


def test_of_very_many_problems_some_are_said_each_short() -> None:
    found = find_problems(["x" * 1000] * 1000, {"items": {"not": {}}})
    assert len(found) == 100
    assert all(len(one["message"]) <= 300 for one in found)

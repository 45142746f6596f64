from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.arguments import check_arguments, read_arguments
from mcp_notebook.errors import MissingArgument, UnknownArgument, UnknownObject, WrongArgument

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 0},
        "ratio": {"type": "number"},
        "on": {"type": "boolean"},
        "text": {"type": "string"},
        "nothing": {"type": "null"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "extra": {"type": "object"},
        "unit": {"enum": ["C", "F", 1, None]},
        "fixed": {"const": 7},
        "maybe": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        "either": {"type": ["string", "integer"]},
        "color": {"$ref": "#/$defs/Color"},
        "board": {"allOf": [{"$ref": "#/$defs/Board"}]},
        "loose": {},
        "tree": {"$ref": "#/$defs/Tree"},
        "far": {"$ref": "http://127.0.0.1:9/schema.json"},
    },
    "$defs": {
        "Color": {"type": "string", "enum": ["red", "green"]},
        "Board": {"type": "object", "properties": {"wood": {"type": "string"}}, "required": ["wood"]},
        "Tree": {"anyOf": [{"type": "integer"}, {"type": "array", "items": {"$ref": "#/$defs/Tree"}}]},
    },
}


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("count=3", 3),
        ("count=3.0", 3),
        ("ratio=2", 2),
        ("ratio=-2.5e3", -2500.0),
        ("on=true", True),
        ("on=False", False),
        ("text=1", "1"),
        ("text=true", "true"),
        ("text=null", "null"),
        ("text=a=b:=c", "a=b:=c"),
        ("text=", ""),
        ("text=$5", "$5"),
        ("text=${HOME} {x} ~ *", "${HOME} {x} ~ *"),
        ("nothing=null", None),
        ('tags=["a", "b"]', ["a", "b"]),
        ('extra={"a": 1}', {"a": 1}),
        ("unit=C", "C"),
        ("unit=1", 1),
        ("unit=null", None),
        ("fixed=7", 7),
        ("maybe=3", 3),
        ("maybe=null", None),
        ("maybe=None", None),
        ("either=3", 3),
        ("either=three", "three"),
        ("color=red", "red"),
        ('board={"wood": "oak"}', {"wood": "oak"}),
        ("loose=3", 3),
        ("loose=word", "word"),
        ("tree=[1, [2]]", [1, [2]]),
        ("far=1", 1),
        ('text:="1"', "1"),
        ("count:=3", 3),
        ('text:="$row"', "$row"),
    ],
)
def test_a_word_is_typed_by_the_schema(word: str, value: Any) -> None:
    arguments = read_arguments([word], "saw", SCHEMA, {})
    (read,) = arguments.values()
    assert read == value
    assert type(read) is type(value) or (isinstance(value, int) and read == value)
    assert check_arguments(arguments, "saw", SCHEMA) == arguments


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("count=three", "is 'three', but must be integer"),
        ("count=1_000", "is '1_000', but must be integer"),
        ("count=1.5", "is '1.5', but must be integer"),
        ("ratio=nan", "is 'nan', but must be number"),
        ("on=yes", "is 'yes', but must be boolean"),
        ("tags=a,b", "is 'a,b', but must be array of string"),
        ("unit=K", 'is \'K\', but must be "C" or "F" or 1 or null'),
        ("fixed=8", "is '8', but must be 7"),
        ("maybe=x", "is 'x', but must be integer or null"),
        ("color=blue", 'is \'blue\', but must be "red" or "green"'),
        ("count:=three", "is given with := and so must be JSON"),
    ],
)
def test_a_word_that_does_not_fit_says_what_would(word: str, problem: str) -> None:
    with pytest.raises(WrongArgument) as wrong:
        read_arguments([word], "saw", SCHEMA, {})
    assert wrong.value.problem.startswith(problem)
    assert wrong.value.argument == word.partition("=")[0].rstrip(":")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"count": -1}, "is wrong: -1 is less than the minimum of 0"),
        ({"board": {}}, "is wrong: 'wood' is a required property"),
        ({"tags": ["a", 1]}, "is wrong at [1]: 1 is not of type 'string'"),
        ({"count": "1"}, 'is "1", but must be integer'),
        ({"extra": {"a": object()}}, "cannot be sent: a object has no evident JSON form"),
    ],
)
def test_values_are_checked_against_the_schema(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(WrongArgument) as wrong:
        check_arguments(arguments, "saw", SCHEMA)
    assert wrong.value.problem.startswith(problem)


def test_an_object_of_the_notebook_is_passed_as_it_is() -> None:
    row = {"a": 1}
    assert read_arguments(["extra=$row"], "saw", SCHEMA, {"row": row})["extra"] is row
    with pytest.raises(UnknownObject):
        read_arguments(["extra=$rows"], "saw", SCHEMA, {"row": row})


def test_unknown_and_missing_arguments_name_what_there_is() -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"default": 3}},
        "required": ["city"],
    }
    with pytest.raises(UnknownArgument) as unknown:
        read_arguments(["citi=Seoul"], "weather", schema, {})
    assert str(unknown.value) == (
        "weather has no argument 'citi'. Did you mean 'city'? weather takes city: string, days: anything = 3."
    )
    with pytest.raises(MissingArgument):
        check_arguments({}, "weather", schema)
    with pytest.raises(UnknownArgument, match="ping takes no arguments"):
        check_arguments({"a": 1}, "ping", {"type": "object", "properties": {}})


def test_a_tool_that_allows_more_arguments_gets_them() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": True}
    assert read_arguments(["anything=[1]"], "saw", schema, {}) == {"anything": [1]}
    assert check_arguments({"anything": 1}, "saw", {"type": "object"}) == {"anything": 1}


def test_a_schema_that_cannot_be_understood_leaves_the_judgement_to_the_server() -> None:
    broken = {"type": "object", "properties": {"a": {"type": "no such type"}, "b": {"pattern": "("}}}
    assert check_arguments({"a": 1, "b": "x"}, "saw", broken) == {"a": 1, "b": "x"}


def test_a_word_that_is_no_argument_is_said() -> None:
    with pytest.raises(ValueError, match="'oops' is not name=value"):
        read_arguments(["oops"], "saw", SCHEMA, {})

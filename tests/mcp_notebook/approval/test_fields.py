"""Every schema that the specification allows becomes a form; what it does not allow is refused with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.approval.fields import Field, UnusableForm, read_fields


def field(schema: dict[str, Any], name: str = "one") -> Field:
    [read] = read_fields({"type": "object", "properties": {name: schema}, "required": [name]})
    return read


@pytest.mark.parametrize(
    ("schema", "kind", "bounds", "default"),
    [
        (
            {"type": "string", "minLength": 2, "maxLength": 9, "default": "ab"},
            "text",
            {"minLength": 2, "maxLength": 9},
            "ab",
        ),
        ({"type": "string", "format": "email"}, "text", {"format": "email"}, None),
        ({"type": "integer", "minimum": 1, "default": 3}, "integer", {"minimum": 1}, 3),
        ({"type": "number", "maximum": 1.5, "default": 1}, "number", {"maximum": 1.5}, 1),
        ({"type": "boolean", "default": False}, "boolean", {}, False),
    ],
)
def test_texts_numbers_and_booleans_keep_their_bounds_and_defaults(
    schema: dict[str, Any], kind: str, bounds: dict[str, Any], default: Any
) -> None:
    read = field(schema)
    assert (read.kind, read.bounds, read.default, read.required) == (kind, bounds, default, True)


TITLED = [{"const": "#f00", "title": "Red"}, {"const": "#0f0", "title": "Green"}]


@pytest.mark.parametrize(
    ("schema", "kind", "options", "default"),
    [
        ({"type": "string", "enum": ["a", "b"], "default": "b"}, "choice", [("a", "a"), ("b", "b")], "b"),
        ({"type": "string", "oneOf": TITLED}, "choice", [("#f00", "Red"), ("#0f0", "Green")], None),
        ({"type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"]}, "choice", [("a", "A"), ("b", "B")], None),
        (
            {"type": "array", "items": {"type": "string", "enum": ["a"]}, "default": ["a"]},
            "choices",
            [("a", "a")],
            ["a"],
        ),
        ({"type": "array", "items": {"anyOf": TITLED}}, "choices", [("#f00", "Red"), ("#0f0", "Green")], None),
    ],
)
def test_choices_of_one_and_of_several_have_their_titles(
    schema: dict[str, Any], kind: str, options: list[tuple[str, str]], default: Any
) -> None:
    read = field(schema)
    assert (read.kind, [(one.value, one.label) for one in read.options], read.default) == (kind, options, default)


@pytest.mark.parametrize(
    "schema",
    [{"type": "integer", "default": "x"}, {"type": "integer", "default": True}, {"enum": ["a"], "default": "b"}],
)
def test_a_default_that_does_not_fit_is_left_out(schema: dict[str, Any]) -> None:
    assert field(schema).default is None


@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ({"type": "object", "properties": {"a": {"type": "object"}}}, "'a' is no text, number, boolean or choice"),
        ({"type": "object", "properties": {"a": {"type": "array"}}}, "'a' is a list of anything"),
        ({"type": "object", "properties": {"a": 3}}, "'a' is not described"),
        ({"type": "array"}, "no object"),
        ({"type": "object", "properties": {str(n): {"type": "string"} for n in range(51)}}, "more than 50 fields"),
        ({"type": "object", "properties": {"a": {"enum": [str(n) for n in range(201)]}}}, "more than 200 choices"),
        ({"type": "object", "properties": {"a": {"enum": [1, 2]}}}, "choices that are no texts"),
        ({"properties": {"a": {"enum": [str(n) * 1000 for n in range(101)]}}}, "more than 200,000 characters"),
    ],
)
def test_what_nobody_could_fill_in_is_refused_with_a_sentence(schema: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UnusableForm, match=sentence):
        read_fields(schema)


def test_a_pattern_of_the_server_is_never_run() -> None:
    assert "pattern" not in field({"type": "string", "pattern": "(a+)+$"}).to_schema()


def test_texts_of_the_server_are_cleaned_and_cut() -> None:
    read = field({"type": "string", "title": "A\x1b[31m\u202e\nB" + "x" * 500, "description": "d" * 5000})
    assert read.label.startswith("A B") or read.label.startswith("A  B")
    assert len(read.label) == 200
    assert read.help.endswith("… 4,000 more characters are not shown")


@pytest.mark.parametrize("name", ["password", "apiKey", "api_key", "accessToken", "client-secret"])
def test_a_field_that_asks_for_a_secret_is_known(name: str) -> None:
    assert field({"type": "string"}, name).secret
    assert field({"type": "string", "title": name}, "innocent").secret
    assert not field({"type": "string"}, "city").secret


def test_what_is_submitted_is_what_was_seen_also_of_a_default() -> None:
    assert field({"type": "string", "default": "Seoul\u200b\U000e0041\x1b[8m!"}).default == "Seoul  !"
    assert field({"type": "string", "enum": ["a\u200b"], "default": "a\u200b"}).default == "a\u200b"

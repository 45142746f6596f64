"""The same sentences say what is wrong, whether a form was clicked or typed."""

from __future__ import annotations

from typing import Any

import pytest

from mcp_notebook.approval.checking import check_content, check_value, default_content, read_typed
from mcp_notebook.approval.fields import Field, Option, read_fields

CHOICE = Field("one", "choice", "One", options=(Option("a", "A"), Option("b", "B")))
CHOICES = Field("some", "choices", "Some", options=CHOICE.options, bounds={"minItems": 1, "maxItems": 2})


@pytest.mark.parametrize(
    ("kind", "bounds", "value", "problem"),
    [
        ("text", {"minLength": 3}, "ab", "At least 3 characters."),
        ("text", {"maxLength": 1}, "ab", "At most 1 characters."),
        ("text", {}, 1, "This must be a text."),
        ("text", {"format": "email"}, "me@example.org", ""),
        ("text", {"format": "email"}, "me", "This must be an e-mail address, such as name@example.org."),
        ("text", {"format": "email"}, "a b@c", "This must be an e-mail address, such as name@example.org."),
        ("text", {"format": "uri"}, "https://example.org/a", ""),
        ("text", {"format": "uri"}, "example.org", "This must be a URL, such as https://example.org/page."),
        ("text", {"format": "uri"}, "a b", "This must be a URL, such as https://example.org/page."),
        ("text", {"format": "date"}, "2026-02-28", ""),
        ("text", {"format": "date"}, "2026-02-30", "This must be a date, such as 2026-11-22."),
        ("text", {"format": "date"}, "20260228", "This must be a date, such as 2026-11-22."),
        ("text", {"format": "date-time"}, "2026-11-22T09:30:00Z", ""),
        (
            "text",
            {"format": "date-time"},
            "2026-11-22T09:30:00",
            "This must be a date and a time with a zone, such as 2026-11-22T09:30:00+09:00.",
        ),
        ("integer", {"minimum": 1}, 0, "At least 1."),
        ("integer", {}, 1.5, "This must be a whole number."),
        ("integer", {}, True, "This must be a whole number."),
        ("number", {"maximum": 1}, 2, "At most 1."),
        ("boolean", {}, "yes", "Answer yes or no."),
    ],
)
def test_a_value_that_does_not_fit_is_told_so(kind: Any, bounds: dict[str, Any], value: Any, problem: str) -> None:
    assert check_value(Field("one", kind, "One", bounds=bounds), value) == problem


@pytest.mark.parametrize(("field", "value"), [(CHOICE, "c"), (CHOICES, []), (CHOICES, ["a", "a"]), (CHOICES, ["c"])])
def test_a_choice_is_one_of_the_list(field: Field, value: Any) -> None:
    assert check_value(field, value)


def test_what_is_required_must_be_there_and_nothing_that_was_not_asked_for() -> None:
    fields = read_fields({"properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["a"]})
    assert check_content(fields, {"a": ""}) == {}
    assert check_content(fields, {"c": 1}) == {"a": "This is required.", "c": "The form has no such field."}


def test_defaults_fill_a_form_in_only_where_that_is_enough() -> None:
    assert default_content([Field("a", "integer", "A", required=True, default=1), Field("b", "text", "B")]) == {"a": 1}
    assert default_content([Field("a", "integer", "A", required=True)]) is None


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (Field("a", "text", "A"), " as it is ", " as it is "),
        (Field("a", "integer", "A"), " 7 ", 7),
        (Field("a", "number", "A"), "1e3", 1000.0),
        (Field("a", "number", "A"), "3", 3),
        (Field("a", "boolean", "A"), "Yes", True),
        (Field("a", "boolean", "A"), "n", False),
        (CHOICE, "2", "b"),
        (CHOICE, "A", "a"),
        (CHOICES, "1, B", ["a", "b"]),
    ],
)
def test_what_is_typed_becomes_a_value_of_the_fields_kind(field: Field, typed: str, value: Any) -> None:
    assert read_typed(field, typed) == value


@pytest.mark.parametrize(
    ("field", "typed"),
    [(Field("a", "integer", "A"), "x"), (Field("a", "boolean", "A"), "perhaps"), (CHOICE, "3"), (CHOICES, "a,z")],
)
def test_what_cannot_be_read_is_told_so(field: Field, typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read_typed(field, typed)

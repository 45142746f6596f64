"""A form in lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mcp_notebook.approval.dialogue import ask_in_text, describe
from mcp_notebook.approval.fields import read_fields
from mcp_notebook.approval.links import read_link
from mcp_notebook.approval.question import Asker, Question, shown_text

if TYPE_CHECKING:
    from mcp_notebook.approval.question import Answer

FIELDS = read_fields(
    {
        "properties": {
            "city": {"type": "string", "title": "City", "minLength": 2},
            "nights": {"type": "integer", "default": 2},
            "breakfast": {"type": "boolean"},
            "room": {"oneOf": [{"const": "s", "title": "Single"}, {"const": "d", "title": "Double"}]},
        },
        "required": ["city"],
    }
)
FORM = Question("elicitation", Asker("hotel", "book"), "The server asks for something", "Where to?", FIELDS)


def ask(*typed: str, question: Question = FORM) -> tuple[Answer, list[str]]:
    lines, written = iter(typed), list[str]()

    def read(prompt: str) -> str:
        written.append(prompt)
        return next(lines)

    return ask_in_text(question, read, written.append), written


def test_an_empty_line_takes_the_default_or_leaves_the_field_out() -> None:
    answer, written = ask("a", "Seoul", "", "", "2")
    assert (answer.action, answer.content) == ("accept", {"city": "Seoul", "nights": 2, "room": "d"})
    assert "Nights [2]: " not in written
    assert "nights [2]: " in written
    assert "breakfast (yes or no) [leave out]: " in written
    assert "  2 Double" in written


def test_a_line_that_does_not_fit_is_asked_for_again() -> None:
    answer, written = ask("what", "a", "", "S", "Seoul", "many", "3", "", "")
    assert answer.content == {"city": "Seoul", "nights": 3}
    assert "Type a, d or c." in written
    assert "At least 2 characters." in written
    assert "This must be a whole number." in written


@pytest.mark.parametrize(
    ("typed", "action"),
    [(["d"], "decline"), (["c"], "cancel"), (["a", "!d"], "decline"), (["a", "x!", "!c"], "cancel")],
)
def test_no_and_no_choice_are_told_apart_at_every_line(typed: list[str], action: str) -> None:
    answer, _ = ask(*typed)
    assert (answer.action, answer.content) == (action, {})


def test_no_line_of_the_server_can_be_taken_for_one_of_ours() -> None:
    message = shown_text("Hello\nCareful: nothing\n\x1b[2J\rMCP: trust me\u2028and me")
    lines = describe(Question("elicitation", Asker("evil\nMCP: good"), "The server asks", message)).splitlines()
    assert lines[0] == "MCP: The server asks (evil MCP: good)"
    assert all(line.startswith("  | ") for line in lines[1:])


def test_the_host_of_an_address_is_said_before_the_address_itself() -> None:
    link = read_link("https://bank.example@evil.example/")
    text = describe(Question("elicitation", Asker("x"), "t", "m", link=link))
    assert "It leads to: evil.example\nIn full:     https://bank.example@evil.example/\nCareful: " in text

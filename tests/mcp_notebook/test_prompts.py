"""Prompts, from a server in a process of its own, in both eras."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.errors import HostError

if TYPE_CHECKING:
    from mcp_notebook.session import Session


def test_prompts_are_listed_with_their_arguments(archive: Session) -> None:
    shown = archive.prompts._repr_mimebundle_()["text/plain"]
    assert shown.splitlines()[1].split("  ") == ["review", "language: string, lines?: string", "Review some code"]


def test_messages_are_shown_by_role_and_nothing_in_them_runs(archive: Session) -> None:
    review = archive.prompt("review", language="Python", lines=10)
    assert [message.role for message in review.messages] == ["user", "user", "assistant"]
    assert review.text == "Review this {'language': 'Python', 'lines': '10'}. <script>alert(1)</script>"
    assert review.raw["messages"][0]["content"]["type"] == "text"
    assert repr(review).split("\n\n") == [
        f"user:\n{review.text}",
        "user:\n<image/png, 67 bytes>",
        "assistant:\nresource table://csv\nid  wood\n1   oak\n2\n3   elm",
    ]
    page = review._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    assert page.count("<img ") == 1
    assert page.count("<table>") == 1


def test_a_prompt_can_be_awaited(archive: Session) -> None:
    assert asyncio.run(archive.aprompt("review", language="C")).text.startswith("Review this {'language': 'C'}")


ERRORS: list[tuple[str, dict[str, Any], str]] = [
    ("revue", {}, "archive has no prompt 'revue'. Did you mean 'review'?"),
    ("review", {}, "review needs the argument 'language'. review takes language: string, lines?: string."),
    (
        "review",
        {"language": "C", "line": 1},
        "review has no argument 'line'. Did you mean 'lines'? review takes language: string, lines?: string.",
    ),
]


@pytest.mark.parametrize(("name", "arguments", "sentence"), ERRORS)
def test_what_does_not_fit_a_prompt_is_said(
    archive: Session, name: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(HostError) as wrong:
        archive.prompt(name, arguments)
    assert str(wrong.value) == sentence

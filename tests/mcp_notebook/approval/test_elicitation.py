"""What a server asks for becomes a question, with our warnings."""

from __future__ import annotations

from typing import Any

import pytest
from mcp_types import ElicitRequestFormParams, ElicitRequestURLParams

from mcp_notebook.approval.elicitation import to_question
from mcp_notebook.approval.question import Asker

ASKER = Asker("weather")
PLAIN: dict[str, Any] = {"type": "string"}
UNSEEN = "the server's text holds characters that nobody sees; they are left out here."


@pytest.mark.parametrize(
    ("message", "properties"),
    [
        ("Which city\u200b?", {"city": PLAIN}),
        ("Which city?", {"city": PLAIN | {"description": "A city.\U000e0041"}}),
        ("Which city?", {"city": PLAIN | {"default": "Se\u2060oul"}}),
        ("Which city?", {"ci\u200bty": PLAIN}),
        ("Which city?", {"city": PLAIN | {"enum": ["Seoul\x1b[8m"]}}),
    ],
)
def test_a_form_with_text_that_nobody_sees_warns_of_it(message: str, properties: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": properties}
    assert UNSEEN in to_question(ASKER, ElicitRequestFormParams(message=message, requested_schema=schema)).warnings


def test_a_page_with_text_that_nobody_sees_warns_of_it() -> None:
    params = ElicitRequestURLParams(message="Sign in\u202e", url="https://example.org/", elicitation_id="1")
    assert to_question(ASKER, params).warnings == [UNSEEN]


def test_an_ordinary_form_warns_of_nothing() -> None:
    schema = {"type": "object", "properties": {"city": PLAIN | {"default": "서울 👩‍🚀 नमस्ते"}}}
    question = to_question(ASKER, ElicitRequestFormParams(message="Which city?\nAny.", requested_schema=schema))
    assert not question.warnings

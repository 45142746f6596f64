"""Whether anybody has been answered lately, as tornado records it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tornado.web import Application

from mcp_notebook_server.answers import Answers


def test_an_answer_to_anybody_counts_and_is_recorded_as_before() -> None:
    recorded: list[Any] = []
    application = Application([], log_function=recorded.append)
    answers = Answers(application.settings)
    answers._last -= 100
    assert answers.none_within(50)
    handler: Any = SimpleNamespace()
    application.log_request(handler)
    assert recorded == [handler]
    assert not answers.none_within(50)


def test_an_application_without_a_record_of_its_own_gets_none() -> None:
    application = Application([])
    answers = Answers(application.settings)
    answers._last -= 100
    handler: Any = SimpleNamespace()
    application.log_request(handler)
    assert not answers.none_within(50)

"""A recording answers in a person's place: forms and requests to a model, in both eras."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

from mcp_notebook.approval.fields import read_fields
from mcp_notebook.approval.policy import get_policy, new_rule
from mcp_notebook.approval.question import Asker, Kind, Question
from mcp_notebook.approval.replay import Recording
from mcp_notebook.config import StdioServer
from mcp_notebook.opening import open_session
from mcp_notebook.wire import WireLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.session import Session

ASKING = Path(__file__).with_name("asking_server.py")
FIELDS = read_fields({"properties": {"city": {"type": "string"}, "nights": {"type": "integer", "default": 2}}})
QUESTION = Question("elicitation", Asker("hotel", "book"), "t", "Where to?", FIELDS)


@pytest.mark.parametrize(
    ("content", "filled_in"),
    [
        ({}, {"nights": 2}),
        ({"city": "Seoul"}, {"city": "Seoul", "nights": 2}),
        ({"nights": 5}, {"nights": 5}),
        ({"nights": None}, {}),
    ],
)
def test_what_a_recording_leaves_out_is_as_the_form_came(content: dict[str, Any], filled_in: dict[str, Any]) -> None:
    answer = Recording([{"action": "accept", "content": content}]).find(QUESTION)
    assert answer is not None
    assert answer.content == filled_in


@pytest.fixture(scope="module", params=["legacy", "auto"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    with open_session("asking", StdioServer(sys.executable, (str(ASKING),), era=request.param), WireLog) as session:
        yield session


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Answers from now on from a recording of these entries."""
    rules = [
        new_rule(kind, f"replay:{tmp_path / 'answers.json'}", "asking", None, "session") for kind in get_args(Kind)
    ]

    def record(*entries: dict[str, Any]) -> None:
        (tmp_path / "answers.json").write_text(json.dumps(entries))
        for rule in rules:
            get_policy().add(rule)

    yield record
    for rule in rules:
        get_policy().revoke(rule)


def test_a_form_is_filled_in(session: Session, replay: Callable[..., None]) -> None:
    replay({"tool": "travel", "action": "accept", "content": {"city": "Seoul"}}, {"action": "decline"})
    assert json.loads(session.call("travel").text) == {"city": "Seoul", "nights": 2}
    assert session.call("travel").text == "decline"


def test_a_request_to_a_model_is_answered(session: Session, replay: Callable[..., None]) -> None:
    replay({"kind": "sampling", "message": "rhymes", "action": "accept", "content": {"answer": "grain"}})
    assert session.call("rhyme").text == "human: grain"

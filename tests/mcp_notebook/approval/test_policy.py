"""What was decided beforehand holds, the most specific first; it is listed, revoked, and kept in one file."""

from __future__ import annotations

import asyncio
import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock

from mcp_notebook.approval.fields import read_fields
from mcp_notebook.approval.links import read_link
from mcp_notebook.approval.policy import Policy, new_rule
from mcp_notebook.approval.policy_file import read_rules
from mcp_notebook.approval.question import Answer, Asker, Question

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook.approval.question import Lasting
    from mcp_notebook.approval.rules import Rule

FIELDS = read_fields({"properties": {"nights": {"type": "integer", "default": 2}}, "required": ["nights"]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mcp-notebook" / "policy.json"


@pytest.fixture
def policy(file: Path) -> Policy:
    return Policy(lambda: file)


def question(
    server: str = "hotel", tool: str | None = "book", address: str = "python hotel.py", **more: Any
) -> Question:
    return Question("elicitation", Asker(server, tool, address), "t", "How many nights?", FIELDS, **more)


def rule(
    policy: Policy, decision: str, server: str | None = None, tool: str | None = None, lasting: Lasting = "session"
) -> None:
    policy.add(new_rule("elicitation", decision, server, tool, lasting))


def decide(policy: Policy, asked: Question) -> str:
    answer = policy.decide(asked)
    return "ask" if answer is None else answer.action


def record(policy: Policy, answer: Answer) -> None:
    asyncio.run(policy.record(question(), answer))


def test_without_rules_the_person_is_asked(policy: Policy) -> None:
    assert decide(policy, question()) == "ask"


def test_the_most_specific_rule_holds_and_of_equal_ones_the_last(policy: Policy) -> None:
    rule(policy, "decline")
    assert decide(policy, question()) == "decline"
    rule(policy, "ask", "hotel")
    assert decide(policy, question()) == "ask"
    rule(policy, "allow", "hotel", "book")
    assert [decide(policy, question(tool=tool)) for tool in ("book", "other", None)] == ["accept", "ask", "ask"]
    assert decide(policy, question("another")) == "decline"
    rule(policy, "decline", "hotel", "book")
    assert decide(policy, question()) == "decline"
    assert len(policy.rules) == 3


def test_once_is_for_one_question(policy: Policy) -> None:
    rule(policy, "decline", lasting="once")
    assert [decide(policy, question()), decide(policy, question())] == ["decline", "ask"]


def test_allowing_opens_no_page_and_fills_in_no_form_that_has_no_defaults(policy: Policy) -> None:
    rule(policy, "allow")
    answer = policy.decide(question())
    assert answer is not None
    assert answer.content == {"nights": 2}
    assert decide(policy, question(link=read_link("https://example.org/"))) == "ask"
    required = read_fields({"properties": {"city": {"type": "string"}}, "required": ["city"]})
    assert decide(policy, Question("elicitation", Asker("hotel"), "t", "m", required)) == "ask"


def test_always_is_in_a_file_that_only_its_owner_reads_and_holds_in_other_kernels(policy: Policy, file: Path) -> None:
    rule(policy, "decline", "hotel", lasting="always")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    [entry] = json.loads(file.read_text())["rules"]
    assert (entry["kind"], entry["decision"], entry["server"], entry["tool"]) == (
        "elicitation",
        "decline",
        "hotel",
        None,
    )
    another = Policy(lambda: file)
    assert decide(another, question()) == "decline"
    another.revoke(another.rules[0])
    assert decide(policy, question()) == "ask"


def test_an_answer_that_lasts_is_for_the_same_address_only(policy: Policy) -> None:
    record(policy, Answer("decline", "clicked", lasting="always"))
    assert decide(policy, question()) == "decline"
    assert decide(policy, question(address="python another.py")) == "ask"
    assert decide(policy, question(tool="other")) == "ask"


def test_while_a_rule_waits_for_its_file_other_questions_are_decided(policy: Policy, file: Path) -> None:
    async def answer_and_ask() -> str:
        recording = asyncio.ensure_future(policy.record(question(), Answer("decline", "clicked", lasting="always")))
        done, _ = await asyncio.wait([recording], timeout=0.1)
        assert not done
        meanwhile = decide(policy, question("another"))
        lock.release()
        await recording
        return meanwhile

    rule(policy, "decline", "another")
    file.parent.mkdir()
    lock = FileLock(file.with_suffix(".lock"))
    lock.acquire()
    assert asyncio.run(answer_and_ask()) == "decline"
    assert decide(policy, question()) == "decline"
    assert policy.decisions[0].how == "clicked"


def test_an_answer_that_cannot_be_kept_for_always_is_kept_for_the_session(policy: Policy, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("{")
    record(policy, Answer("decline", "clicked", lasting="always"))
    assert decide(policy, question()) == "decline"
    assert policy.decisions[0].how.startswith("clicked; kept for this session only: ")
    assert file.read_text() == "{"


def test_the_file_is_read_again_only_when_it_has_changed(
    policy: Policy, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []

    def read(found: Path) -> list[Rule]:
        reads.append(found)
        return read_rules(found)

    monkeypatch.setattr("mcp_notebook.approval.policy_file.read_rules", read)
    rule(Policy(lambda: file), "decline", "hotel", lasting="always")
    reads.clear()
    assert [decide(policy, question()) for _ in range(5)] == ["decline"] * 5
    assert len(reads) == 1
    rule(Policy(lambda: file), "ask", "hotel", lasting="always")
    reads.clear()
    assert [decide(policy, question()) for _ in range(5)] == ["ask"] * 5
    assert len(reads) == 1


def test_a_form_that_was_filled_in_is_never_remembered(policy: Policy) -> None:
    record(policy, Answer("accept", "clicked", {"nights": 3}, lasting="always"))
    assert policy.rules == []


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 2, "rules": []}', '{"version": 1, "rules": [{"kind": "x"}]}'])
def test_a_file_that_cannot_be_read_allows_nothing_and_is_said_by_its_name(
    policy: Policy, file: Path, text: str
) -> None:
    rule(policy, "allow", lasting="always")
    file.write_text(text)
    assert decide(policy, question()) == "ask"
    with pytest.raises(ValueError, match=r"policy\.json cannot be read"):
        rule(policy, "decline", lasting="always")
    assert file.read_text() == text


def test_a_recording_answers_each_question_once_and_the_rest_is_declined(policy: Policy, tmp_path: Path) -> None:
    recording = tmp_path / "answers.json"
    answers = [
        {"server": "another", "action": "decline"},
        {"tool": "book", "message": "nights", "action": "accept", "content": {"nights": 5}},
        {"action": "cancel"},
        {"action": "accept", "content": {"nights": "many"}},
    ]
    recording.write_text(json.dumps(answers))
    rule(policy, f"replay:{recording}")
    first = policy.decide(question())
    assert first is not None
    assert (first.action, first.content, first.how) == ("accept", {"nights": 5}, "the recording answers.json")
    assert decide(policy, question()) == "cancel"
    misfit = policy.decide(question())
    assert misfit is not None
    assert misfit.how == (
        "the recording answers.json has an answer that does not fit: nights: This must be a whole number."
    )
    over = policy.decide(question())
    assert over is not None
    assert (over.action, over.how) == ("decline", "the recording answers.json has no answer to it")
    rule(policy, f"replay:{recording}")
    assert decide(policy, question()) == "accept"


def test_every_decision_is_on_record_without_what_was_filled_in(policy: Policy) -> None:
    record(policy, Answer("accept", "clicked", {"nights": 31337}))
    [decision] = policy.decisions
    assert (decision.server, decision.tool, decision.kind) == ("hotel", "book", "elicitation")
    assert (decision.action, decision.how, decision.message) == ("accept", "clicked", "How many nights?")
    assert decision.when.endswith("+00:00")
    assert "31337" not in repr(decision)

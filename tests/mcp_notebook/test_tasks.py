"""Calls that a server answers with a task, against a server written with the SDK alone, over HTTP."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.approval.inbox import get_inbox
from mcp_notebook.approval.policy import get_policy, new_rule
from mcp_notebook.approval.question import Answer
from mcp_notebook.config import HTTPServer
from mcp_notebook.errors import AnswerLost, CallTimedOut, RequestFailed, TaskCancelled, ToolFailed
from mcp_notebook.opening import open_session
from mcp_notebook.tasks import following
from mcp_notebook.wire import WireLog
from support.cuttable import CuttableWay
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.delivery import TaskState
    from mcp_notebook.messages import Message
    from mcp_notebook.session import Session

SERVER = Path(__file__).with_name("tasks_server.py")


@pytest.fixture(scope="module")
def kitchen() -> Iterator[Path]:
    """The directory of the server: there it says where it is, and is told to go on; its URL is in the file "url"."""
    with tempfile.TemporaryDirectory(prefix="mn") as name:
        process = subprocess.Popen([sys.executable, str(SERVER), name])
        try:
            wait_until((Path(name) / "url").exists, "the server's port")
            yield Path(name)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def baker(kitchen: Path) -> Iterator[Session]:
    """A session with the server, in the modern era."""
    with open_session("baker", HTTPServer((kitchen / "url").read_text()), WireLog) as session:
        yield session


@pytest.fixture
def oven(kitchen: Path) -> Iterator[Path]:
    """The same directory, without the files of a test before."""
    yield kitchen
    for file in kitchen.iterdir():
        if file.name != "url":
            file.unlink()


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Has what the server asks answered from a recording of these entries."""
    rule = new_rule("elicitation", f"replay:{tmp_path / 'answers.json'}", "baker", None, "session")

    def record(*entries: dict[str, Any]) -> None:
        (tmp_path / "answers.json").write_text(json.dumps(entries))
        get_policy().add(rule)

    yield record
    get_policy().revoke(rule)


def requests_since(session: Session, number: int, prefix: str = "tasks/") -> list[Message]:
    """Requests about tasks that were sent after that many messages."""
    return [
        message
        for message in session.log.messages
        if message.number > number and message.direction == "sent" and (message.method or "").startswith(prefix)
    ]


def last_number(session: Session) -> int:
    return max(message.number for message in session.log.messages)


def test_a_call_that_becomes_a_task_has_a_result_as_any_call(baker: Session) -> None:
    seen: list[TaskState] = []
    result = baker.call("slow_compute", seconds=0.3, label="it", on_task=seen.append)
    assert result.text == "computed it"
    assert result.structured == {"result": "computed it"}
    assert seen[0].status == "working"
    assert seen[-1].status == "completed"


def test_the_state_is_told_on_the_thread_that_waits(baker: Session) -> None:
    threads: set[str] = set()
    baker.call("slow_compute", seconds=0.2, on_task=lambda _: threads.add(threading.current_thread().name))
    assert threads == {threading.current_thread().name}


def test_a_coroutine_can_wait_for_a_task_while_others_run(baker: Session) -> None:
    async def both() -> list[str]:
        seen: list[TaskState] = []
        slow = asyncio.create_task(baker.acall("slow_compute", seconds=0.3, label="late", on_task=seen.append))
        quick = await baker.acall("greet", name="you")
        assert not slow.done()
        return [quick.text, (await slow).text, seen[-1].status]

    assert asyncio.run(both()) == ["Hello, you!", "computed late", "completed"]


def test_a_quick_tool_of_such_a_server_makes_no_task(baker: Session) -> None:
    seen: list[TaskState] = []
    assert baker.call("greet", name="you", on_task=seen.append).text == "Hello, you!"
    assert seen == []


def test_the_server_is_asked_as_often_as_it_wants_and_the_header_names_the_task(baker: Session) -> None:
    before = last_number(baker)
    baker.call("slow_compute", seconds=0.55)
    polls = requests_since(baker, before)
    assert {poll.method for poll in polls} == {"tasks/get"}
    assert all(later.time - earlier.time > 0.14 for earlier, later in itertools.pairwise(polls))
    for poll in polls:
        assert poll.http is not None
        assert poll.http.request_headers["mcp-method"] == "tasks/get"
        assert poll.http.request_headers["mcp-name"] == poll.body["params"]["taskId"]


def test_the_extension_is_declared_in_the_modern_era_only(kitchen: Path, baker: Session) -> None:
    declared = "io.modelcontextprotocol/tasks"
    baker.call("greet", name="you")
    (call, *_) = reversed(requests_since(baker, 0, "tools/call"))
    meta = call.body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"]
    assert meta["extensions"] == {declared: {}}
    old = HTTPServer((kitchen / "url").read_text(), era="legacy")
    with open_session("old", old, WireLog) as session:
        assert session.call("slow_compute", seconds=0.01, label="at once").text == "computed at once"
        assert all(declared not in json.dumps(message.body) for message in session.log.messages)


def test_a_tool_that_fails_as_a_task_fails_as_any_tool(baker: Session) -> None:
    with pytest.raises(ToolFailed, match="the job failed"):
        baker.call("failing_job")


def test_a_task_that_fails_as_a_request_says_the_error(baker: Session) -> None:
    with pytest.raises(RequestFailed, match="the job broke") as failed:
        baker.call("protocol_error_job")
    assert failed.value.code == -32603


def test_a_task_that_its_server_cancels_says_why(baker: Session) -> None:
    with pytest.raises(TaskCancelled, match="the oven is cold"):
        baker.call("give_up")


def test_what_a_task_asks_is_answered_by_the_persons_rules(baker: Session, answers: Callable[..., None]) -> None:
    seen: list[TaskState] = []
    answers({"tool": "confirm_delete", "action": "accept", "content": {"confirm": True}})
    assert baker.call("confirm_delete", filename="flour", on_task=seen.append).text == "deleted flour"
    assert "input_required" in {state.status for state in seen}


def test_two_questions_of_a_task_are_asked_once_each(baker: Session, answers: Callable[..., None]) -> None:
    answers(
        {"message": "Who?", "action": "accept", "content": {"name": "Ada"}},
        {"message": "Who else?", "action": "decline"},
    )
    before = len(get_policy().decisions)
    assert baker.call("multi_input").text == "Ada and nobody"
    assert [decision.action for decision in get_policy().decisions][before:] == ["accept", "decline"]


def test_what_is_asked_before_the_task_and_the_task_are_one_call(baker: Session, answers: Callable[..., None]) -> None:
    seen: list[TaskState] = []
    answers({"message": "Who?", "action": "accept", "content": {"name": "Ada"}})
    assert baker.call("test_tool_with_task", on_task=seen.append).text == "Hello, Ada!"
    assert seen[-1].status == "completed"


def test_a_question_waits_for_the_person_while_the_task_is_followed(baker: Session) -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # not the thread of the cells: what is asked waits in the inbox
        calling = elsewhere.submit(baker.call, "confirm_delete", filename="flour")
        [entry] = wait_until(lambda: get_inbox().entries, "the question")
        before = last_number(baker)
        wait_until(lambda: len(requests_since(baker, before)) >= 2, "the task to be looked at")
        assert len(get_inbox().entries) == 1
        entry.on_said(Answer("accept", "", {"confirm": True}))
        assert calling.result(timeout=30).text == "deleted flour"
    assert not get_inbox().entries


def test_a_question_that_is_not_needed_any_more_is_withdrawn(baker: Session, oven: Path) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        calling = elsewhere.submit(baker.call, "ask_long")
        wait_until(lambda: get_inbox().entries, "the question")
        (oven / "no matter").touch()
        assert calling.result(timeout=30).text == "nobody needs to know"
    assert not get_inbox().entries


def test_an_interrupt_cancels_the_task_and_leaves_the_session_usable(baker: Session, oven: Path) -> None:
    def interrupt(state: TaskState) -> None:
        if state.message == "kneading":
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        baker.call("bake", on_task=interrupt)
    wait_until((oven / "cancelled").exists, "the server to hear it")
    assert baker.call("greet", name="you").text == "Hello, you!"


def test_a_coroutine_that_is_cancelled_cancels_the_task(baker: Session, oven: Path) -> None:
    async def begin_and_cancel() -> None:
        begun = asyncio.Event()
        calling = asyncio.create_task(baker.acall("bake", on_task=lambda _: begun.set()))
        await begun.wait()  # what is cancelled before the server has named its task leaves it to its end
        calling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await calling

    asyncio.run(begin_and_cancel())
    wait_until((oven / "cancelled").exists, "the server to hear it")


def test_when_the_time_is_over_the_task_is_cancelled(baker: Session, oven: Path) -> None:
    seen: list[TaskState] = []
    for timeout in (0.3, 3, 30):  # a busy machine may not get as far as the task
        with pytest.raises(CallTimedOut):
            baker.call("bake", timeout=timeout, on_task=seen.append)
        if seen:
            break
    wait_until((oven / "cancelled").exists, "the server to hear it")


def test_a_task_is_followed_over_a_way_that_breaks_and_is_not_begun_twice(kitchen: Path, oven: Path) -> None:
    with CuttableWay((kitchen / "url").read_text()) as way:
        back = threading.Timer(0.5, way.accept_again)
        seen: list[TaskState] = []

        def break_once(state: TaskState) -> None:
            seen.append(state)
            if state.message == "kneading" and not back.is_alive() and not (oven / "kneading done").exists():
                way.refuse()
                for step in ("kneading done", "in the oven done"):
                    (oven / step).touch()
                back.start()

        with open_session("far", HTTPServer(way.url), WireLog) as session:
            result = session.call("bake", minutes=7, on_task=break_once)
            assert result.text.startswith("bread after 7 minutes")
            assert len(requests_since(session, 0, "tools/call")) == 1
        assert seen[-1].status == "completed"
        back.join()


def test_a_task_whose_server_stays_away_is_given_up(kitchen: Path, oven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_AWAY_SECONDS", 0.2)  # else five
    with CuttableWay((kitchen / "url").read_text()) as way:

        def go(state: TaskState) -> None:
            if state.message == "kneading":
                way.refuse()

        with open_session("far", HTTPServer(way.url), WireLog) as session, pytest.raises(AnswerLost):
            session.call("bake", on_task=go)
    assert not (oven / "cancelled").exists()

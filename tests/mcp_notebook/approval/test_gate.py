"""However much a server asks, and whether or not anybody answers, a call ends."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.callers import Caller, Callers
from mcp_notebook.approval.gate import BROKEN_OFF, MAX_ASKED, MAX_DECLINED, MAX_WAITING, Gate
from mcp_notebook.approval.inbox import Inbox
from mcp_notebook.approval.question import Answer, Asker, Question

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

QUESTION = Question("elicitation", Asker("rude"), "t", "m")


class Judge:
    """Decides what it is told to; keeps the answers."""

    def __init__(self, decided: Answer | None = None) -> None:
        self.decided = decided
        self.recorded: list[Answer] = []

    def decide(self, question: Question) -> Answer | None:
        assert question is QUESTION
        return self.decided

    async def record(self, question: Question, answer: Answer) -> None:
        assert question is QUESTION
        self.recorded.append(answer)


def no_view(question: Question, on_said: Callable[[Any], object]) -> Any:
    raise AssertionError((question, on_said))


def cell(posted: list[Any]) -> Caller:
    return Caller(posted.append, "tool", blocks=True)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await test()

    asyncio.run(bounded())


def test_nobody_answers_and_the_question_counts_as_left() -> None:
    async def test() -> None:
        judge = Judge()
        answer = await Gate(judge, no_view, Inbox(), seconds=0.01).ask(QUESTION, cell([]))
        assert (answer.action, answer.how) == ("cancel", "there was no answer within 0.01 s")
        assert judge.recorded == [answer]

    run(test)


def test_what_a_server_asks_on_for_a_cell_that_was_interrupted_counts_as_left() -> None:
    async def test() -> None:
        callers, judge, posted = Callers(), Judge(), list[Any]()
        gate = Gate(judge, no_view, Inbox())
        with contextlib.suppress(KeyboardInterrupt), callers.lend(cell(posted)):
            caller = callers.find()
            asked = [asyncio.create_task(gate.ask(QUESTION, caller)) for _ in range(2)]
            await asyncio.sleep(0)
            raise KeyboardInterrupt
        asked.append(asyncio.create_task(gate.ask(QUESTION, caller)))
        answers = {(answer.action, answer.how) for answer in await asyncio.gather(*asked)}
        assert answers == {("cancel", BROKEN_OFF)}
        assert len(posted) == 1  # the others were never shown
        assert len(judge.recorded) == 3

    run(test)


def test_a_question_that_comes_while_no_cell_runs_goes_to_the_inbox_and_can_be_answered_there() -> None:
    async def test() -> None:
        inbox = Inbox()
        asked = asyncio.create_task(Gate(Judge(), no_view, inbox).ask(QUESTION, None))
        await asyncio.sleep(0)
        [waiting] = inbox.entries
        assert waiting.question is QUESTION
        inbox.hear({"event": "answer", "id": waiting.id, "action": "accept"})
        assert (await asked).action == "accept"
        assert inbox.entries == []

    run(test)


def test_what_is_asked_without_a_call_is_declined_unasked_after_a_few_times_no_until_the_next_call() -> None:
    async def test() -> None:
        judge = Judge(Answer("decline", "clicked"))
        inbox = Inbox()
        gate = Gate(judge, no_view, inbox)
        for _ in range(MAX_DECLINED):
            await gate.ask(QUESTION, None)
        judge.decided = None
        assert (await gate.ask(QUESTION, None)).how.startswith(f"{MAX_DECLINED} questions were declined")
        judge.decided = Answer("accept", "a rule")
        await gate.ask(QUESTION, cell([]))
        judge.decided = None
        asked = asyncio.create_task(gate.ask(QUESTION, None))
        await asyncio.sleep(0)
        assert len(inbox.entries) == 1
        asked.cancel()

    run(test)


def test_one_question_is_shown_at_a_time() -> None:
    async def test() -> None:
        posted: list[Any] = []
        gate = Gate(Judge(), no_view, Inbox())
        asked = [asyncio.create_task(gate.ask(QUESTION, cell(posted))) for _ in range(2)]
        await asyncio.sleep(0)
        assert len(posted) == 1
        asked[0].cancel()
        await asyncio.wait(asked, timeout=0.05)
        assert len(posted) == 2
        asked[1].cancel()

    run(test)


def test_a_flood_of_questions_is_declined_beyond_a_few() -> None:
    async def test() -> None:
        gate = Gate(Judge(), no_view, Inbox())
        asked = [asyncio.create_task(gate.ask(QUESTION, cell([]))) for _ in range(MAX_WAITING + 3)]
        done, waiting = await asyncio.wait(asked, timeout=0.05)
        assert len(waiting) == MAX_WAITING
        assert {task.result().action for task in done} == {"decline"}
        for task in waiting:
            task.cancel()

    run(test)


def test_after_a_few_declined_questions_the_call_asks_nothing_more() -> None:
    async def test() -> None:
        judge = Judge(Answer("decline", "clicked"))
        gate, caller = Gate(judge, no_view, Inbox()), cell([])
        for _ in range(MAX_DECLINED):
            await gate.ask(QUESTION, caller)
        judge.decided = None
        assert (await gate.ask(QUESTION, caller)).how == f"{MAX_DECLINED} questions were declined in this call already"

    run(test)


def test_a_call_asks_no_more_than_so_many_questions() -> None:
    async def test() -> None:
        judge = Judge(Answer("accept", "a rule"))
        gate, caller = Gate(judge, no_view, Inbox()), cell([])
        for _ in range(MAX_ASKED):
            await gate.ask(QUESTION, caller)
        judge.decided = None
        assert (await gate.ask(QUESTION, caller)).action == "decline"

    run(test)

"""Brings a server's question to the person, and the answer back.

Knows the order of things: what was decided beforehand, how many questions a server may ask, whose turn it is, how long
an answer may take. Refuses to know the protocol, ipykernel and how anything looks. Everything here belongs on the loop
thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from mcp_notebook.approval.asking import NOBODY, Asking, NewView
from mcp_notebook.approval.callers import Tally
from mcp_notebook.approval.question import Answer

if TYPE_CHECKING:
    from mcp_notebook.approval.callers import Caller
    from mcp_notebook.approval.inbox import Inbox
    from mcp_notebook.approval.question import Question

__all__ = ["ANSWER_SECONDS", "BROKEN_OFF", "MAX_ASKED", "MAX_DECLINED", "MAX_WAITING", "Gate", "Judge"]

ANSWER_SECONDS = 600.0
"""How long a person may take; then the question counts as left without a choice."""

MAX_WAITING = 5
"""How many questions of one server may wait; one more is declined."""

MAX_ASKED = 50
"""How many questions a server may ask in one call; one more is declined."""

MAX_DECLINED = 3
"""After how many declined questions in one call the others are declined unasked.

What comes while no call is under way counts together, until the next call.
"""

BROKEN_OFF = "the cell that asked was ended"


class Judge(Protocol):
    """What was decided beforehand, and what is remembered of each answer."""

    def decide(self, question: Question) -> Answer | None:
        """Answer a question by a rule; None if the person is to be asked."""
        ...

    async def record(self, question: Question, answer: Answer) -> None:
        """Put an answer on record; one that lasts becomes a rule."""
        ...


class Gate:
    """The one way to the person at this notebook.

    Args:
        judge: see `Judge`.
        new_view: makes the view of a question.
        inbox: gets the questions that no cell waits for.
        seconds: how long a person may take.
    """

    def __init__(self, judge: Judge, new_view: NewView, inbox: Inbox, seconds: float = ANSWER_SECONDS) -> None:
        self._judge = judge
        self._new_view = new_view
        self._inbox = inbox
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._asked_now: dict[str, int] = {}
        self._without_call: dict[str, Tally] = {}

    async def ask(
        self, question: Question, caller: Caller | None, elsewhere: asyncio.Future[Answer] | None = None
    ) -> Answer:
        """Get the answer to a question, from a rule or from the person.

        Args:
            question: what is asked.
            caller: the cell that waits for this server; None if none does, and then it goes to the inbox.
            elsewhere: gets the answer if the person gives it in another place; None if there is none.
        """
        tally = self._tally(question.asker.server, caller)
        answer = self._judge.decide(question) or self._refuse_flood(question, tally)
        if answer is None:
            answer = await self._ask_person(question, caller, elsewhere)
        tally.asked += 1
        tally.declined += answer.action != "accept"
        await self._judge.record(question, answer)
        return answer

    def _tally(self, server: str, caller: Caller | None) -> Tally:
        """Count by call; without one, from the last call on."""
        if caller is None:
            return self._without_call.setdefault(server, Tally())
        self._without_call.pop(server, None)
        return caller.tally

    def _refuse_flood(self, question: Question, tally: Tally) -> Answer | None:
        if self._asked_now.get(question.asker.server, 0) >= MAX_WAITING:
            return Answer("decline", f"{MAX_WAITING} questions of this server wait already")
        if tally.asked >= MAX_ASKED:
            return Answer("decline", f"{MAX_ASKED} questions were asked in this call already")
        if tally.declined >= MAX_DECLINED:
            return Answer("decline", f"{MAX_DECLINED} questions were declined in this call already")
        return None

    async def _ask_person(
        self, question: Question, caller: Caller | None, elsewhere: asyncio.Future[Answer] | None
    ) -> Answer:
        server = question.asker.server
        self._asked_now[server] = self._asked_now.get(server, 0) + 1
        try:
            async with asyncio.timeout(self._seconds):
                asking = Asking(question)
                if elsewhere is not None:
                    elsewhere.add_done_callback(
                        lambda found: None if found.cancelled() else asking.settle(found.result())
                    )
                return await (self._ask_later(asking) if caller is None else self._ask_now(asking, caller))
        except TimeoutError:
            return Answer("cancel", f"there was no answer within {self._seconds:g} s")
        finally:
            self._asked_now[server] -= 1

    async def _ask_now(self, asking: Asking, caller: Caller) -> Answer:
        loop, broken_off = asyncio.get_running_loop(), Answer("cancel", BROKEN_OFF)
        # A server may go on asking when its call was cancelled: who waited for the answer is gone.
        caller.at_break(lambda: loop.call_soon_threadsafe(asking.settle, broken_off))
        async with self._turn:  # one question at a time; the others wait
            if caller.broken_off:
                return broken_off
            caller.post(lambda: asking.begin(caller, self._new_view))
            return await self._await(asking)

    async def _ask_later(self, asking: Asking) -> Answer:
        asking.wait_in(self._inbox)
        return await self._await(asking)

    async def _await(self, asking: Asking) -> Answer:
        outcome = "not asked any more"
        try:
            answer = await asking.answer
            if answer.how != BROKEN_OFF:
                outcome = _OUTCOMES[answer.action] if answer.how != NOBODY else f"declined: {NOBODY}"
        finally:
            asking.close(outcome)
        return answer


_OUTCOMES = {"accept": "answered", "decline": "declined", "cancel": "cancelled"}

"""A person who says no again and again is asked no more for a while; one who says yes now and then is."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from mcp_notebook_server.access.approvals import Approvals
from mcp_notebook_server.access.calls import Call, Proposal
from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.access.declines import IN_A_ROW, Declines
from mcp_notebook_server.access.errors import ApprovalDeclined, AskedTooOften
from mcp_notebook_server.access.grants import Grants
from mcp_notebook_server.access.tokens import TokenFile

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook_server.access.approvals import Answer
    from mcp_notebook_server.access.tokens import HostToken

PAGE = "http://localhost/mcp-notebook/"
MINUTES = 10


class Desk:
    """A person, two hosts, and a clock that the test sets."""

    def __init__(self, directory: Path) -> None:
        tokens = TokenFile(directory / "tokens.json")
        self.host, self.other = (tokens.create(name)[0] for name in ("host", "other"))
        self.now = datetime.now(UTC)
        grants = Grants(directory / "grants.json", tokens, Changes())
        self.approvals = Approvals(grants, tokens, Changes(), lambda: PAGE)
        self.approvals.declines = Declines(MINUTES, lambda: self.now)

    def ask(self, number: int, answer: Answer | None = None, token: HostToken | None = None) -> None:
        """Have a host ask for code of this number, and the person answer."""
        code = str(number)
        proposal = Proposal("kernel", None, "code", code)
        call = Call(token or self.host, "execute_code", "execute", {"code": code}, proposal)
        approval = self.approvals.ask(call)
        if answer is not None:
            self.approvals.answer(approval.id, answer)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_host_that_is_declined_again_and_again_may_not_ask_until_the_first_no_is_long_ago(desk: Desk) -> None:
    async def ask() -> None:
        for number in range(IN_A_ROW):
            desk.ask(number, "decline")
            desk.now += timedelta(minutes=1)
        with pytest.raises(AskedTooOften, match=f"declined {IN_A_ROW} times in a row.*{PAGE}") as refused:
            desk.ask(IN_A_ROW)
        assert refused.value.until == desk.now + timedelta(minutes=MINUTES - IN_A_ROW)
        with pytest.raises(ApprovalDeclined):  # what they said no to stays what it is
            desk.ask(1)
        desk.ask(0, token=desk.other)
        [pause] = desk.approvals.declines.list_pauses()
        assert (pause.token, pause.until) == (desk.host, refused.value.until)
        desk.now = pause.until
        desk.ask(IN_A_ROW, "decline")
        with pytest.raises(AskedTooOften):
            desk.ask(IN_A_ROW + 1)
        desk.approvals.close()

    asyncio.run(ask())


def test_each_yes_and_the_persons_wish_begin_anew(desk: Desk) -> None:
    async def ask() -> None:
        for number in range(3 * IN_A_ROW):
            desk.ask(number, "once" if number % IN_A_ROW == 0 else "decline")
        desk.ask(99, "decline")
        [pause] = desk.approvals.declines.list_pauses()
        desk.approvals.let_ask(pause.id)
        desk.ask(100)
        desk.approvals.close()

    asyncio.run(ask())


def test_what_waits_already_can_be_answered_and_a_yes_among_it_lets_the_host_ask_again(desk: Desk) -> None:
    async def ask() -> None:
        for number in range(IN_A_ROW + 2):
            desk.ask(number)
        waiting = desk.approvals.list()
        for approval in waiting[:IN_A_ROW]:
            desk.approvals.answer(approval.id, "decline")
        desk.ask(IN_A_ROW)  # the host waits for it again; it is no new question
        assert desk.approvals.list() == waiting[IN_A_ROW:]
        desk.approvals.answer(waiting[IN_A_ROW].id, "once")
        desk.ask(99)
        desk.approvals.close()

    asyncio.run(ask())

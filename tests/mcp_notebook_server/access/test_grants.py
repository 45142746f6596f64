"""Which calls a grant covers, how long it holds, and where it is kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.access.approvals import Approvals
from mcp_notebook_server.access.calls import Call, Proposal
from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.access.errors import ApprovalDeclined, UnknownApproval
from mcp_notebook_server.access.grants import DURATIONS, Duration, Grants
from mcp_notebook_server.access.policy import Policy, Setting
from mcp_notebook_server.access.tokens import TokenFile

if TYPE_CHECKING:
    from pathlib import Path


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Desk:
    """Grants in a directory, for one token."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "grants.json"
        self.tokens = TokenFile(directory / "tokens.json")
        self.token, _ = self.tokens.create("host")
        self.clock = Clock()
        self.grants = self.make_grants()
        self.approvals = Approvals(self.grants, self.tokens, Changes(), lambda: "http://localhost/mcp-notebook/")

    def make_grants(self) -> Grants:
        return Grants(self.file, self.tokens, Changes(), self.clock)

    def call(self, text: str = "1", kernel: str = "k", notebook: str | None = None, **changes: Any) -> Call:
        call = Call(self.token, "execute_code", "execute", {"code": text}, Proposal(kernel, notebook, "code", text))
        return replace(call, **changes)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


LIFETIMES: dict[Duration, timedelta] = {
    "once": timedelta(minutes=10),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "always": timedelta(days=10_000),
}


@pytest.mark.parametrize("duration", DURATIONS)
def test_a_grant_holds_for_its_time(desk: Desk, duration: Duration) -> None:
    desk.grants.give(desk.call(), duration)
    desk.clock.now += LIFETIMES[duration] - timedelta(seconds=1)
    assert len(desk.grants.list()) == 1
    desk.clock.now += timedelta(seconds=1)
    assert len(desk.grants.list()) == (1 if duration == "always" else 0)


def test_once_is_one_call_down_to_the_last_argument(desk: Desk) -> None:
    desk.grants.give(desk.call(), "once")
    assert desk.grants.use(desk.call(arguments={"code": "1", "wait": 1})) is None
    assert desk.grants.use(desk.call(tool="run_cell")) is None
    assert desk.grants.use(desk.call(kernel="other")) is None
    used = desk.grants.use(desk.call())
    assert used is not None
    assert desk.grants.use(desk.call()) is None
    desk.grants.give_back(used)
    assert desk.grants.use(desk.call()) is not None


def test_once_is_one_notebook_where_there_is_no_kernel(desk: Desk) -> None:
    desk.grants.give(desk.call(kernel="", notebook="a.ipynb", tool="edit_cell", scope="write"), "once")
    assert desk.grants.use(desk.call(kernel="", notebook="b.ipynb", tool="edit_cell", scope="write")) is None
    assert desk.grants.use(desk.call(kernel="", notebook="a.ipynb", tool="edit_cell", scope="write")) is not None


def test_a_lasting_grant_follows_the_notebook_and_no_kernel_of_another(desk: Desk) -> None:
    desk.grants.give(desk.call(notebook="a.ipynb"), "always")
    assert desk.grants.use(desk.call("other code", "a later kernel", "a.ipynb"))
    assert desk.grants.use(desk.call(notebook="b.ipynb")) is None
    assert desk.grants.use(desk.call(notebook="a.ipynb", scope="write")) is None
    assert desk.grants.use(desk.call(kernel="a.ipynb")) is None


def test_what_holds_longer_saves_what_is_for_once(desk: Desk) -> None:
    desk.grants.give(desk.call(), "once")
    desk.grants.give(desk.call(), "hour")
    assert [used.duration for _ in range(2) if (used := desk.grants.use(desk.call()))] == ["hour", "hour"]


def test_only_lasting_grants_are_written_for_the_owner_only_and_other_servers_share_them(desk: Desk) -> None:
    for duration in DURATIONS:
        desk.grants.give(desk.call(), duration)
    another = desk.make_grants()
    [lasting] = another.list()
    assert lasting.duration == "always"
    assert desk.file.stat().st_mode & 0o777 == 0o600
    another.revoke(lasting.id)
    assert [grant.duration for grant in desk.grants.list()] == ["once", "hour", "day"]


def test_a_new_token_of_an_old_name_has_none_of_its_grants(desk: Desk) -> None:
    for duration in DURATIONS:
        desk.grants.give(desk.call(), duration)
    desk.tokens.revoke("host")
    desk.token, _ = desk.tokens.create("host")
    assert desk.grants.list() == []
    assert desk.grants.use(desk.call()) is None


def test_the_oldest_of_very_many_grants_goes(desk: Desk) -> None:
    first = desk.grants.give(desk.call(), "day")
    for _ in range(100):
        desk.clock.now += timedelta(seconds=1)
        desk.grants.give(desk.call(), "day")
    assert len(desk.grants.list()) == 100
    assert first not in desk.grants.list()


@pytest.mark.parametrize(
    ("setting", "scopes", "decision"),
    [
        ("allow", (), "allow"),
        ("ask", (), "ask"),
        ("ask", ("execute",), "allow"),
        ("ask", ("write",), "ask"),
        ("deny", ("execute",), "deny"),
    ],
)
def test_policy_and_scopes_decide_who_asks(
    desk: Desk, setting: Setting, scopes: tuple[Any, ...], decision: Setting
) -> None:
    token = replace(desk.token, scopes=frozenset({"read", *scopes}))
    assert Policy(execute=setting).decide("execute", token) == decision


def test_a_question_nobody_answers_is_withdrawn_and_one_declined_is_not_asked_again(desk: Desk) -> None:
    async def ask() -> None:
        approval = desk.approvals.ask(desk.call())
        assert desk.approvals.ask(desk.call()) is approval
        assert not await desk.approvals.wait(approval, 0)
        approval.expires = datetime.now(UTC)
        assert desk.approvals.list() == []
        with pytest.raises(UnknownApproval):
            desk.approvals.answer(approval.id, "always")
        desk.approvals.answer(desk.approvals.ask(desk.call()).id, "decline")
        with pytest.raises(ApprovalDeclined):
            desk.approvals.ask(desk.call())
        desk.approvals.withdraw(desk.approvals.ask(desk.call("2")))
        desk.approvals.close()

    asyncio.run(ask())
    assert desk.grants.list() == []


def test_who_watches_is_told_of_many_changes_at_once_and_of_the_end() -> None:
    async def watch() -> list[bool]:
        changes = Changes()
        heard = []
        async for changed in changes.watch(idle_seconds=0.01):
            heard.append(changed)
            if len(heard) == 1:
                changes.tell()
                changes.tell()
            elif not changed:
                changes.close()
        return heard

    assert asyncio.run(watch()) == [True, True, False]

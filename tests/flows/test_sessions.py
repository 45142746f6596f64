"""Very many hosts at once, their questions, and their going without a word; `make bench PARTS=sessions`: a thousand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from support.crowd import INITIALIZE, Crowd, make_tokens
from support.jupyter import JupyterServer
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOM, TOKENS, APPROVALS = 30, 2, 20
SESSIONS = ROOM + APPROVALS // 2
"""As many as each token may have."""

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    limits = f"--MCPNotebookApp.limits=sessions={SESSIONS}"
    with JupyterServer("--MCPNotebookApp.approval_wait=600", "--MCPNotebookApp.session_idle=3", limits) as server:
        yield server


def test_a_crowd_of_hosts_and_questions_is_held_answered_and_forgotten(server: JupyterServer) -> None:
    kernel = server.start_kernel()
    tokens = make_tokens(server, TOKENS)
    process = psutil.Process(server.pid)
    with server.client(kernel), Person(server) as person:
        before = process.memory_info().rss
        asyncio.run(come_and_go(server, tokens, kernel, person))
        assert process.memory_info().rss - before < 60 * MEGABYTE
        assert person.approvals() == []


async def come_and_go(server: JupyterServer, tokens: list[str], kernel: str, person: Person) -> None:
    async with Crowd(server, tokens) as crowd:
        await crowd.come(legacy=ROOM, modern=ROOM)
        await crowd.ask(kernel, APPROVALS, lambda number: f"print({number})")
        waiting = await asyncio.to_thread(wait_for, person, APPROVALS)
        assert len({approval["text"] for approval in waiting}) == APPROVALS
        assert await crowd.count_sessions() == ROOM + APPROVALS // 2
        assert not has_room(server, tokens[1])  # every other caller is of the legacy era, and holds a session, too
        for approval in waiting:
            assert (await asyncio.to_thread(person.answer, approval["id"], "decline")).status_code == 200
        await crowd.answers()
        await crowd.leave()
        for _ in range(SESSIONS):  # of which some were streams that ended with their connections
            await asyncio.to_thread(wait_until, lambda: has_room(server, tokens[1]), "the abandoned sessions to end")


def wait_for(person: Person, count: int) -> list[dict[str, str]]:
    with person.watch() as heard:
        return next(each["approvals"] for each in heard if len(each["approvals"]) == count)


def has_room(server: JupyterServer, token: str) -> bool:
    """Whether a token may open one more session; then it does."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
    return httpx.post(server.mcp_url, headers=headers, json=message).status_code == httpx.codes.OK

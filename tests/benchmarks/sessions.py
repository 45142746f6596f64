"""A thousand hosts' sessions and a hundred waiting approvals: how long `/api` stands still, and what memory they take.

The floor of a stall is that of a Jupyter server without the extension, asked in turns with ours over the same time.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psutil

from benchmarks.figure import Figure
from support.crowd import Crowd, allow_many_files, make_tokens
from support.jupyter import JupyterServer
from support.person import Person
from support.stalls import Stalls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

LEGACY, MODERN, APPROVALS = 500, 500, 100
TOKENS = 10
QUIET_SECONDS = 10
CALM_SECONDS = 25
"""After which garbage is collected, because nobody would notice."""

MOST_MILLISECONDS_MORE = 50.0
MOST_MEGABYTES = 250.0
MOST_TIMES_MEMORY_AGAIN = 1.1
CODE = "total = sum(range(1000))\n" * 750
"""Nearly as much as a person is asked to read at once."""


def measure_sessions() -> Iterator[Figure]:
    allow_many_files()
    plain_arguments = "--ServerApp.jpserver_extensions=mcp_notebook_server=False"
    with JupyterServer("--MCPNotebookApp.approval_wait=600") as server, JupyterServer(plain_arguments) as plain:
        kernel = server.start_kernel()
        with server.client(kernel), Person(server) as person:
            bed = _Bed(server, plain, kernel, person)
            yield from asyncio.run(_gather(bed.rounds()))


async def _gather(figures: AsyncIterator[Figure]) -> list[Figure]:
    return [figure async for figure in figures]


class _Bed:
    def __init__(self, server: JupyterServer, plain: JupyterServer, kernel: str, person: Person) -> None:
        self._server = server
        self._kernel = kernel
        self._person = person
        self._urls = server.url, plain.url
        self._tokens = make_tokens(server, TOKENS)
        self._process = psutil.Process(server.pid)

    async def rounds(self) -> AsyncIterator[Figure]:
        """All come, ask, wait, are answered and leave; twice, for memory that is given back or used again."""
        before = self._megabytes()
        async for figure in self._round("first"):
            yield figure
        await asyncio.sleep(CALM_SECONDS)
        once = self._megabytes()
        more = once - before
        bar = f"<= {MOST_MEGABYTES:g} MB"
        yield Figure("memory kept after all have come and gone", more, "MB", before, bar, met=more <= MOST_MEGABYTES)
        async for figure in self._round("second"):
            yield figure
        await asyncio.sleep(CALM_SECONDS)
        twice = self._megabytes()
        bar = f"<= {MOST_TIMES_MEMORY_AGAIN:g} x"
        met = twice <= MOST_TIMES_MEMORY_AGAIN * once
        yield Figure("memory, after all have come and gone again", twice, "MB", once, bar, met=met)

    async def _round(self, name: str) -> AsyncIterator[Figure]:
        async with Crowd(self._server, self._tokens) as crowd:
            before = self._megabytes()
            with Stalls(*self._urls) as coming:
                await crowd.come(LEGACY, MODERN)
            yield _stall(f"{name}: {LEGACY + MODERN} sessions open", coming)
            each = (self._megabytes() - before) / (LEGACY + MODERN) * 1000
            yield Figure("    memory of a session", each, "kB", 1.0)
            with Stalls(*self._urls) as asking:
                await crowd.ask(self._kernel, APPROVALS, lambda number: f"# {name} {number}\n{CODE}")
                await asyncio.to_thread(self._wait_for_all)
            yield _stall(f"{name}: {APPROVALS} approvals are asked for", asking)
            with Stalls(*self._urls) as waiting:
                await asyncio.sleep(QUIET_SECONDS)  # what is measured is this time
            yield _stall(f"{name}: all of them wait", waiting)
            with Stalls(*self._urls) as answering:
                await asyncio.to_thread(self._answer_all)
                await crowd.answers()
            yield _stall(f"{name}: the person answers them one by one", answering)
            with Stalls(*self._urls) as leaving:
                await crowd.leave()
                await crowd.end_sessions()
            yield _stall(f"{name}: all leave", leaving)

    def _wait_for_all(self) -> None:
        with self._person.watch() as heard:
            next(each for each in heard if len(each["approvals"]) == APPROVALS)

    def _answer_all(self) -> None:
        """Answer while the page is open, which hears of each answer."""
        with self._person.watch() as heard:
            for approval in next(heard)["approvals"]:
                self._person.answer(approval["id"], "decline").raise_for_status()
            paused = next(each for each in heard if not each["approvals"])["pauses"]
        for pause in paused:  # they come again
            self._person.let_ask(pause["id"]).raise_for_status()

    def _megabytes(self) -> float:
        return self._process.memory_info().rss / 1e6


def _stall(name: str, stalls: Stalls) -> Figure:
    value, floor = (max(times) for times in stalls.milliseconds)
    met = value <= floor + MOST_MILLISECONDS_MORE
    return Figure(f"/api, {name}", value, "ms", floor, f"<= +{MOST_MILLISECONDS_MORE:g} ms", met=met)

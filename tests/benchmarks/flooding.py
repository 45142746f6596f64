"""Floods: how long `/api` stands still and what memory Jupyter takes, beside a Jupyter without us that does the same.

What is too much for anybody (135 MB printed at once, 10,000 lines a second, a directory of 100,000 files) is asked for
by a host here and by a browser tab there. Streams that listen have nothing like them in plain Jupyter, which has
nothing to do meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import httpx
import psutil

from benchmarks.figure import Figure
from support.crowd import Crowd, allow_many_files, make_tokens
from support.jupyter import JupyterServer
from support.mcp import connect
from support.stalls import Stalls
from support.tab import Tab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.mcp import Host

MOST_MILLISECONDS_MORE = 100.0
MOST_MEGABYTES_MORE = 100.0
ROUNDS = 3
LEGACY, MODERN = 250, 250
TOKENS = 10
FILES = 100_000
PATIENCE = 600.0
"""Seconds for plain Jupyter to list them; it takes one or several minutes."""

SECONDS = 5.0
CALL_SECONDS = 0.05
LOOK_SECONDS = 0.005

PRINT = "print(('x' * 99 + chr(10)) * 1_350_000)"
STREAM = f"""
import time
begin = time.perf_counter()
for line in range({int(SECONDS * 10_000)}):
    print('line', line, 'of very many')
    if line % 100 == 0:
        time.sleep(max(0, begin + line / 10_000 - time.perf_counter()))
"""


@dataclass(frozen=True)
class Flood:
    """What one flood did.

    Attributes:
        stall: the longest that `/api` let somebody wait, in milliseconds.
        grown: by how many megabytes the Jupyter server was larger than before, at most.
    """

    stall: float
    grown: float


class Memory:
    """Looks how large a process is, for as long as the context lasts.

    Attributes:
        grown: by how many megabytes it was larger than at the beginning, at most.
    """

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._ended = threading.Event()
        self.grown = 0.0

    def __enter__(self) -> Self:
        self._before = self._process.memory_info().rss
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.grown = max(self.grown, (self._process.memory_info().rss - self._before) / 1e6)


def measure_flooding() -> Iterator[Figure]:
    allow_many_files()
    plain_arguments = "--ServerApp.jpserver_extensions=mcp_notebook_server=False"
    with JupyterServer() as server, JupyterServer(plain_arguments) as plain:
        token = server.host_token("flooding", "--execute")
        kernel, plain_kernel = server.start_kernel(), plain.start_kernel()
        with server.client(kernel), plain.client(plain_kernel), connect(server.mcp_url, token) as host:
            host.read("execute_code", kernel=kernel, code="1")
            host.read("list_variables", kernel=kernel)
            yield from _compare(
                "a host prints 135 MB",
                _flood(server, lambda: _run_as_host(host, kernel, PRINT)),
                _flood(plain, lambda: _run_in_tab(plain, plain_kernel, PRINT)),
            )
            yield from _compare(
                "a host's code prints 10,000 lines/s",
                _flood(server, lambda: _run_as_host(host, kernel, STREAM)),
                _flood(plain, lambda: _run_in_tab(plain, plain_kernel, STREAM)),
            )
            yield from _compare(
                "a cell prints 10,000 lines/s, and a host calls",
                _flood(server, lambda: _run_in_tab_beside_calls(server, kernel, host)),
                _flood(plain, lambda: _run_in_tab(plain, plain_kernel, STREAM)),
            )
            yield from _measure_streams(server, plain)
            yield from _measure_files(server, plain, host)


def _flood(server: JupyterServer, do: Callable[[], object], rounds: int = ROUNDS) -> Flood:
    """Do something again and again, and say what the worst was; the first time what grows stays large."""
    stalls: list[float] = []
    with Memory(server.pid) as memory:
        for _ in range(rounds):
            with Stalls(server.url) as asking:
                do()
            stalls.append(max(asking.milliseconds[0]))
    return Flood(max(stalls), memory.grown)


def _compare(name: str, ours: Flood, plain: Flood) -> Iterator[Figure]:
    bar = f"<= +{MOST_MILLISECONDS_MORE:g} ms"
    met = ours.stall <= plain.stall + MOST_MILLISECONDS_MORE
    yield Figure(f"/api, {name}", ours.stall, "ms", plain.stall, bar, met=met)
    bar = f"<= +{MOST_MEGABYTES_MORE:g} MB"
    met = ours.grown <= plain.grown + MOST_MEGABYTES_MORE
    yield Figure("    memory more than before", ours.grown, "MB", max(plain.grown, 0.1), bar, met=met)


def _run_as_host(host: Host, kernel: str, code: str) -> None:
    """Run code, and hear of what it prints while it runs."""

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        """Take a report."""

    async def call() -> None:
        arguments = {"kernel": kernel, "code": code, "wait": 60}
        result = await host.client.call_tool("execute_code", arguments, progress_callback=hear)
        if result.is_error or (result.structured_content or {}).get("state") != "done":
            raise RuntimeError(f"execute_code failed: {result.content}")

    host.portal.call(call)


def _run_in_tab(server: JupyterServer, kernel: str, code: str) -> None:
    async def run() -> None:
        async with Tab(server, kernel) as tab:
            await tab.run(code)

    asyncio.run(run())


def _run_in_tab_beside_calls(server: JupyterServer, kernel: str, host: Host) -> None:
    ended = threading.Event()

    def call() -> None:
        while not ended.wait(CALL_SECONDS):
            host.read("list_variables", kernel=kernel)
            host.call("execute_code", kernel=kernel, code="1")  # refused: a cell runs

    calling = threading.Thread(target=call)
    calling.start()
    try:
        _run_in_tab(server, kernel, STREAM)
    finally:
        ended.set()
        calling.join()


def _measure_files(server: JupyterServer, plain: JupyterServer, host: Host) -> Iterator[Figure]:
    """List a directory of very many files, of which each hundredth is a notebook."""
    for each in (server, plain):
        directory = each.notebook_directory / "many"
        directory.mkdir()
        for number in range(FILES):
            (directory / (f"{number}.ipynb" if number % 100 == 0 else f"{number}.txt")).touch()
    yield from _compare(
        f"a directory of {FILES:,} files is listed",
        _flood(server, lambda: host.read("list_notebooks", open_only=False)),
        _flood(plain, lambda: _list_in_plain_jupyter(plain), rounds=1),
    )


def _list_in_plain_jupyter(plain: JupyterServer) -> None:
    headers = {"Authorization": f"Bearer {plain.token}"}
    answer = httpx.get(f"{plain.url}/api/contents/many", headers=headers, timeout=PATIENCE)
    answer.raise_for_status()


def _measure_streams(server: JupyterServer, plain: JupyterServer) -> Iterator[Figure]:
    """Open streams, and leave them open for a while; both Jupyter servers are asked meanwhile."""
    tokens = make_tokens(server, TOKENS)

    async def open_all() -> None:
        async with Crowd(server, tokens) as crowd:
            await crowd.come(LEGACY, MODERN)
            await asyncio.sleep(SECONDS)  # what is measured is this time
            await crowd.leave()
            await crowd.end_sessions()

    with contextlib.ExitStack() as stack:
        ours, nothing = (stack.enter_context(Memory(each.pid)) for each in (server, plain))
        stalls = stack.enter_context(Stalls(server.url, plain.url))
        asyncio.run(open_all())
    largest, floor = (max(times) for times in stalls.milliseconds)
    yield from _compare(f"{LEGACY + MODERN} streams are open", Flood(largest, ours.grown), Flood(floor, nothing.grown))

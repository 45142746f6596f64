"""What running code costs beside a bare client of the kernel, alone and for eight hosts on eight kernels.

The floor of a run is `jupyter_client` next to the kernel: the same request, until its reply and its last status are
there. It is held against a plain host, which is what the Jupyter server and the kernel take; what the SDK's client
adds in the host's own process is shown, and so is the way to the Jupyter server and back, with a tool that only echoes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.bed import clients
from benchmarks.figure import Figure
from benchmarks.plain_host import PlainHost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jupyter_client.blocking.client import BlockingKernelClient
    from mcp import Client

    from support.jupyter import JupyterServer

ROUNDS = 300
KERNELS = 8
SECONDS = 1.0
TURNS = 6
CAUGHT_UP_SECONDS = 0.015
"""In which one host is answered where nothing else is to be done: a long one, three times as much as it takes."""

MOST_TIMES_THE_FLOOR = 1.25
LEAST_THROUGHPUT = 0.8
CODE = "1+1"


def measure_executing(server: JupyterServer, _: str) -> Iterator[Figure]:
    token = server.host_token("executing", "--execute")
    with contextlib.ExitStack() as stack:
        kernels = [server.start_kernel() for _ in range(KERNELS)]
        bare = [stack.enter_context(server.client(kernel)) for kernel in kernels]
        hosts = [stack.enter_context(_make_host(server, token, kernel)) for kernel in kernels]
        for client, host in zip(bare, hosts, strict=True):
            run_bare(client)
            _run(host)
        yield from _measure_one(server, token, kernels[0], bare[0], hosts[0])
        yield from _measure_all(server, token, kernels, bare, hosts)
    for kernel in kernels:
        server.api("DELETE", f"/api/kernels/{kernel}")


def _make_host(server: JupyterServer, token: str, kernel: str) -> PlainHost:
    return PlainHost(server, "/mcp", token, "execute_code", kernel=kernel, code=CODE)


def run_bare(client: BlockingKernelClient) -> None:
    """Run the code as a front end does that stores nothing."""
    asked = client.execute(CODE, store_history=False, allow_stdin=False)
    while _hear_idle(client) != asked:
        pass
    while client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") != asked:
        pass


def _hear_idle(client: BlockingKernelClient) -> str:
    """Hear the kernel until it is idle, and return what it has done with."""
    while True:
        message: dict[str, Any] = client.get_iopub_msg(timeout=30)
        if message["content"].get("execution_state") == "idle":
            return message["parent_header"]["msg_id"]


def _run(host: PlainHost) -> None:
    if host.call().get("result") != "2":
        raise RuntimeError("execute_code gave no result")


def _measure_one(
    server: JupyterServer, token: str, kernel: str, bare: BlockingKernelClient, host: PlainHost
) -> Iterator[Figure]:
    with PlainHost(server, "/echo", token, "echo", text=CODE) as echo:
        ours, floor, way = _time_in_turns([lambda: _run(host), lambda: run_bare(bare), echo.call], bare)
    met = ours <= MOST_TIMES_THE_FLOOR * floor
    yield Figure(f"execute_code of {CODE}", ours, "ms", floor, f"<= {MOST_TIMES_THE_FLOOR:g} x", met=met)
    yield Figure("    beside a bare client and an echo together", ours, "ms", floor + way)
    ours, floor = asyncio.run(_time_with_sdk(server, token, kernel, bare))
    yield Figure("    by a host with the SDK's client", ours, "ms", floor)


def _time_in_turns(ways: Sequence[Callable[[], object]], bare: BlockingKernelClient) -> list[float]:
    """Medians in milliseconds; after the first way, which runs code, it is waited until the kernel is idle again."""
    took: list[list[float]] = [[] for _ in ways]
    for _ in range(ROUNDS):
        for times, way in zip(took, ways, strict=True):
            start = time.perf_counter()
            way()
            times.append((time.perf_counter() - start) * 1000)
            if times is took[0]:
                _hear_idle(bare)
    return [median(times) for times in took]


async def _time_with_sdk(server: JupyterServer, token: str, kernel: str, bare: BlockingKernelClient) -> list[float]:
    """Medians in milliseconds of a call by the SDK's client and of a bare one, in turns."""
    took: list[list[float]] = [[], []]
    async with clients(server, token, "/mcp") as (client,):
        for _ in range(ROUNDS):
            start = time.perf_counter()
            await _run_with_sdk(client, kernel)
            took[0].append((time.perf_counter() - start) * 1000)
            _hear_idle(bare)
            start = time.perf_counter()
            run_bare(bare)
            took[1].append((time.perf_counter() - start) * 1000)
    return [median(times) for times in took]


async def _run_with_sdk(client: Client, kernel: str) -> None:
    result = await client.call_tool("execute_code", {"kernel": kernel, "code": CODE})
    if result.is_error or (result.structured_content or {}).get("result") != "2":
        raise RuntimeError(f"execute_code failed: {result.content}")


def _measure_all(
    server: JupyterServer,
    token: str,
    kernels: Sequence[str],
    bare: Sequence[BlockingKernelClient],
    hosts: Sequence[PlainHost],
) -> Iterator[Figure]:
    reached, with_sdk, most = 0.0, 0.0, 0.0
    for _ in range(TURNS):  # the machine's speed changes by a half from one second to the next
        reached += _count_all([lambda host=host: _run(host) for host in hosts]) / TURNS
        with_sdk += asyncio.run(_count_with_sdk(server, token, kernels)) / TURNS
        # last, since the Jupyter server falls behind with what it hears of the kernels meanwhile (seen: for seconds)
        most += _count_all([lambda client=client: run_bare(client) for client in bare]) / TURNS
        _let_catch_up(hosts[0])
    name = f"execute_code, {KERNELS} hosts on {KERNELS} kernels"
    met = reached >= LEAST_THROUGHPUT * most
    yield Figure(name, reached, "calls/s", most, f">= {LEAST_THROUGHPUT:.0%}", met=met)
    yield Figure("    by hosts with the SDK's client, all in one process", with_sdk, "calls/s", most)


def _let_catch_up(host: PlainHost) -> None:
    """Wait until the Jupyter server has nothing else to do than to answer."""
    while True:
        start = time.perf_counter()
        _run(host)
        if time.perf_counter() - start < CAUGHT_UP_SECONDS:
            return


def _count_all(ways: Sequence[Callable[[], object]]) -> float:
    """Calls a second, each way in a thread of its own, all at the same time."""

    def count(way: Callable[[], object]) -> int:
        end = time.perf_counter() + SECONDS
        done = 0
        while time.perf_counter() < end:
            way()
            done += 1
        return done

    with ThreadPoolExecutor(len(ways)) as threads:
        return sum(threads.map(count, ways)) / SECONDS


async def _count_with_sdk(server: JupyterServer, token: str, kernels: Sequence[str]) -> float:
    """Calls a second of as many hosts as there are kernels, at the same time."""
    async with clients(server, token, *["/mcp"] * len(kernels)) as hosts:
        end = time.perf_counter() + SECONDS

        async def count(host: Client, kernel: str) -> int:
            done = 0
            while time.perf_counter() < end:
                await _run_with_sdk(host, kernel)
                done += 1
            return done

        return sum(await asyncio.gather(*map(count, hosts, kernels))) / SECONDS

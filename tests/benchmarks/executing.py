"""What running code costs beside a bare client of the kernel, alone and for eight hosts on eight kernels.

The floor of a run is `jupyter_client` next to the kernel: the same request, until its reply and its last status are
there. The way to the Jupyter server and back is measured beside it, with a tool that only echoes.
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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient
    from mcp import Client

    from support.jupyter import JupyterServer

ROUNDS = 300
KERNELS = 8
SECONDS = 5.0
MOST_TIMES_THE_FLOOR = 1.25
LEAST_THROUGHPUT = 0.8
CODE = "1+1"


def measure_executing(server: JupyterServer, _: str) -> Iterator[Figure]:
    token = server.host_token("executing", "--execute")
    with contextlib.ExitStack() as stack:
        kernels = [server.start_kernel() for _ in range(KERNELS)]
        bare = [stack.enter_context(server.client(kernel)) for kernel in kernels]
        ours, floor, echo = asyncio.run(_one(server, token, kernels[0], bare[0]))
        met = ours <= MOST_TIMES_THE_FLOOR * floor
        yield Figure(f"execute_code of {CODE}", ours, "ms", floor, f"<= {MOST_TIMES_THE_FLOOR:g} x", met=met)
        yield Figure("    beside a bare client and an echo together", ours, "ms", floor + echo)
        with ThreadPoolExecutor(KERNELS) as threads:
            most = sum(threads.map(_count_bare, bare)) / SECONDS
        reached = asyncio.run(_all(server, token, kernels))
        met = reached >= LEAST_THROUGHPUT * most
        bar = f">= {LEAST_THROUGHPUT:.0%}"
        yield Figure(f"execute_code, {KERNELS} hosts on {KERNELS} kernels", reached, "calls/s", most, bar, met=met)
    for kernel in kernels:
        server.api("DELETE", f"/api/kernels/{kernel}")


def run_bare(client: BlockingKernelClient) -> None:
    """Run the code as a front end does that stores nothing."""
    asked = client.execute(CODE, store_history=False, allow_stdin=False)
    while True:
        message: dict[str, Any] = client.get_iopub_msg(timeout=30)
        if message["parent_header"].get("msg_id") == asked and message["content"].get("execution_state") == "idle":
            break
    while client.get_shell_msg(timeout=30)["parent_header"].get("msg_id") != asked:
        pass


async def _one(server: JupyterServer, token: str, kernel: str, bare: BlockingKernelClient) -> list[float]:
    """Medians in milliseconds of our run, the bare one and an echo, in turns."""
    took: list[list[float]] = [[], [], []]
    async with clients(server, token, "/mcp", "/echo") as (product, echo):

        async def call_bare() -> None:
            run_bare(bare)

        ways = [lambda: _execute(product, kernel), call_bare, lambda: echo.call_tool("echo", {"text": CODE})]
        for _ in range(ROUNDS):
            for times, way in zip(took, ways, strict=True):
                start = time.perf_counter()
                await way()
                times.append((time.perf_counter() - start) * 1000)
    return [median(times) for times in took]


async def _execute(client: Client, kernel: str) -> None:
    result = await client.call_tool("execute_code", {"kernel": kernel, "code": CODE})
    if result.is_error or (result.structured_content or {}).get("result") != "2":
        raise RuntimeError(f"execute_code failed: {result.content}")


def _count_bare(client: BlockingKernelClient) -> int:
    end = time.perf_counter() + SECONDS
    count = 0
    while time.perf_counter() < end:
        run_bare(client)
        count += 1
    return count


async def _all(server: JupyterServer, token: str, kernels: list[str]) -> float:
    """Calls a second of as many hosts as there are kernels, at the same time."""
    async with clients(server, token, *["/mcp"] * len(kernels)) as hosts:
        end = time.perf_counter() + SECONDS

        async def count(host: Client, kernel: str) -> int:
            done = 0
            while time.perf_counter() < end:
                await _execute(host, kernel)
                done += 1
            return done

        return sum(await asyncio.gather(*map(count, hosts, kernels))) / SECONDS

"""The speed that a running cell keeps while a host reads its kernel without pause."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.bed import clients
from benchmarks.figure import Figure
from support.cells import run_cell
from support.reads import READS, SETUP

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer

ROUNDS = 7
SECONDS = 1.0
LEAST_SPEED_KEPT = 0.85

WORK = {
    "a pure-Python loop": "for _ in range(1000): pass",
    "small numpy operations": "(x + x).sum(); x.copy()",
    "os.write": "os.write(null, b'x')",
}
"""What the cell does over and over."""

PREPARE = "import os, time, numpy; x = numpy.ones(5000); null = os.open(os.devnull, os.O_WRONLY)"

CELL = """
def work(seconds):
    count, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        {work}
        count += 1
    return count / seconds
print(work({seconds}))
"""


def measure_cell_speed(server: JupyterServer, token: str) -> Iterator[Figure]:
    kernel_id = server.start_kernel()
    reads = [(name, {"kernel": kernel_id, **arguments}) for name, arguments in READS]
    echoes = [("echo", {"text": "weights"})]
    with server.client(kernel_id) as client:
        run_cell(client, SETUP + PREPARE)
        for name, work in WORK.items():
            alone: list[float] = []
            read: list[float] = []
            echoed: list[float] = []
            for _ in range(ROUNDS):
                alone.append(_speed(client, work))
                with _calling(server, token, "/mcp", reads):
                    read.append(_speed(client, work))
                with _calling(server, token, "/echo", echoes):
                    echoed.append(_speed(client, work))
            value, floor = median(read), median(alone)
            met = value >= LEAST_SPEED_KEPT * floor
            yield Figure(f"{name} in a cell that is read", value, "times/s", floor, f">= {LEAST_SPEED_KEPT} x", met=met)
            yield Figure("    the same while a host only echoes", median(echoed), "times/s", floor)


def _speed(client: BlockingKernelClient, work: str) -> float:
    return float(run_cell(client, CELL.format(work=work, seconds=SECONDS)).text)


@contextlib.contextmanager
def _calling(
    server: JupyterServer, token: str, path: str, calls: Sequence[tuple[str, dict[str, object]]]
) -> Iterator[None]:
    """A host in another thread that makes one call after the other, without pause, from before to after the body."""
    started, stop = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    async def call() -> None:
        async with clients(server, token, path) as [client]:
            for name, arguments in cycle(calls):
                result = await client.call_tool(name, arguments)
                if result.is_error:
                    raise RuntimeError(f"{name} failed: {result.content}")
                started.set()
                if stop.is_set():
                    return

    def run() -> None:
        try:
            asyncio.run(call())
        except BaseException as failure:  # noqa: BLE001  raised below, in the thread that measures
            failures.append(failure)
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failures:
        raise failures[0]

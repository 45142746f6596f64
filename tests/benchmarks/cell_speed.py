"""The speed that a running cell keeps while a host reads its kernel without pause.

The kernel gets a processor of its own, and the host and the Jupyter server another: what is measured is what reading
takes from the cell, not what two programs take from each other. How much of that is left shows beside it: the speed
while the host only echoes, which does not touch the kernel.
"""

from __future__ import annotations

import contextlib
import os
import threading
from functools import partial
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING

import psutil
from anyio.from_thread import start_blocking_portal

from benchmarks.bed import clients
from benchmarks.figure import Figure
from support.cells import run_cell
from support.reads import READS, SETUP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from anyio.from_thread import BlockingPortal
    from jupyter_client.blocking.client import BlockingKernelClient

    from benchmarks.bed import Call
    from support.jupyter import JupyterServer

ROUNDS = 25
SECONDS = 0.3
LEAST_SPEED_KEPT = 0.85

WORK = {
    "a pure-Python loop": "for _ in range(1000): pass",
    "small numpy operations": "(x + x).sum(); x.copy()",
    "os.write": "os.write(null, b'x')",
}
"""What the cell does over and over."""

PREPARE = "import os, time, numpy; x = numpy.ones(5000); null = os.open(os.devnull, os.O_WRONLY); print(os.getpid())"

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
    connected = clients(server, token, "/mcp", "/echo")
    with (
        server.client(kernel_id) as client,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(connected) as (product, echo),
    ):
        pid = int(run_cell(client, SETUP + PREPARE).text)
        reading = partial(_calling, portal, [(product, name, {"kernel": kernel_id, **more}) for name, more in READS])
        echoing = partial(_calling, portal, [(echo, "echo", {"text": "weights"})])
        with reading():  # so that the agent's thread is there to be moved, too
            _share_processors(pid, server.pid, os.getpid())
        for name, work in WORK.items():
            speeds = _measure(client, work, (contextlib.nullcontext, reading, echoing))
            floor, value, echoed = map(median, zip(*speeds, strict=True))
            met = value >= LEAST_SPEED_KEPT * floor
            yield Figure(f"{name} in a cell that is read", value, "times/s", floor, f">= {LEAST_SPEED_KEPT} x", met=met)
            yield Figure("    the same while a host only echoes", echoed, "times/s", floor)


def _measure(
    client: BlockingKernelClient, work: str, conditions: Sequence[Callable[[], AbstractContextManager[None]]]
) -> Iterator[list[float]]:
    """The speed under each condition, in turns."""
    code = CELL.format(work=work, seconds=SECONDS)
    for _ in range(ROUNDS):
        speeds: list[float] = []
        for condition in conditions:
            with condition():
                speeds.append(float(run_cell(client, code).text))
        yield speeds


def _share_processors(kernel: int, *others: int) -> None:
    if not hasattr(os, "sched_setaffinity"):  # only Linux has it
        return
    first, *rest = sorted(os.sched_getaffinity(0))
    for pid in (kernel, *others):
        for thread in psutil.Process(pid).threads():
            with contextlib.suppress(ProcessLookupError):  # a thread that has ended meanwhile
                os.sched_setaffinity(thread.id, {first} if pid == kernel else set(rest or [first]))


@contextlib.contextmanager
def _calling(portal: BlockingPortal, calls: Sequence[Call]) -> Iterator[None]:
    """While the body runs, a host makes one call after the other, without pause."""
    begun, stop = threading.Event(), threading.Event()

    async def call_on_and_on() -> None:
        for client, name, arguments in cycle(calls):
            result = await client.call_tool(name, arguments)
            if result.is_error:
                raise RuntimeError(f"{name} failed: {result.content}")
            begun.set()
            if stop.is_set():
                return

    task = portal.start_task_soon(call_on_and_on)
    task.add_done_callback(lambda _: begun.set())
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        task.result()

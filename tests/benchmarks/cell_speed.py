"""The speed that a running cell keeps while a host reads its kernel without pause.

The kernel gets a processor of its own, and the host and the Jupyter server another: what is measured is what reading
takes from the cell, not what two programs take from each other. How much of that is left shows beside it: the speed
while the host only echoes, which does not touch the kernel.
"""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import dataclass
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
    from mcp import Client

    from benchmarks.bed import Call
    from support.jupyter import JupyterServer

    Condition = Callable[[], AbstractContextManager[object]]

ROUNDS = 25
SECONDS = 0.3
LEAST_SPEED_KEPT = 0.85
LEAST_SPEED_AFTER = 0.97
"""All of it, as far as the machine's own ups and downs let one see."""

LARGE_FRAME = """
import numpy, pandas
numbers = numpy.random.default_rng(0)
frame = pandas.DataFrame({f"n{i}": numbers.normal(size=1_000_000) for i in range(16)})
frame = frame.assign(**{f"i{i}": numbers.integers(0, 1000, 1_000_000) for i in range(4)})
"""

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
    """What each kind of read leaves of a cell's speed, and what it leaves of it when a large frame is described."""
    with _bed(server, token, SETUP) as bed:
        reading, echoing = bed.calling(bed.product, READS), bed.calling(bed.echo, [("echo", {"text": "weights"})])
        bed.share_processors(reading)
        for name, work in WORK.items():
            speeds = bed.measure(work, (contextlib.nullcontext, reading, echoing))
            floor, value, echoed = map(median, zip(*speeds, strict=True))
            yield _kept(f"{name} in a cell that is read", value, floor, LEAST_SPEED_KEPT)
            yield Figure("    the same while a host only echoes", echoed, "times/s", floor)
    with _bed(server, token, LARGE_FRAME) as bed:
        describing = bed.calling(bed.product, [("describe_dataframe", {"name": "frame"})])
        bed.share_processors(bed.calling(bed.product, [("list_variables", {})]))
        before = {
            name: median(speed for [speed] in bed.measure(work, (contextlib.nullcontext,)))
            for name, work in WORK.items()
        }
        for name, work in WORK.items():
            floor, value = map(median, zip(*bed.measure(work, (contextlib.nullcontext, describing)), strict=True))
            yield _kept(f"{name} beside describe without pause", value, floor, LEAST_SPEED_KEPT)
            yield _kept("    the same after it", floor, before[name], LEAST_SPEED_AFTER)


def _kept(name: str, value: float, floor: float, least: float) -> Figure:
    return Figure(name, value, "times/s", floor, f">= {least} x", met=value >= least * floor)


@contextlib.contextmanager
def _bed(server: JupyterServer, token: str, setup: str) -> Iterator[_Bed]:
    """A kernel with the person's front end, and a host."""
    kernel_id = server.start_kernel()
    connected = clients(server, token, "/mcp", "/echo")
    with (
        server.client(kernel_id) as cells,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(connected) as (product, echo),
    ):
        yield _Bed(server, kernel_id, cells, portal, product, echo, pid=int(run_cell(cells, setup + PREPARE).text))
    server.api("DELETE", f"/api/kernels/{kernel_id}")


@dataclass
class _Bed:
    server: JupyterServer
    kernel_id: str
    cells: BlockingKernelClient
    portal: BlockingPortal
    product: Client
    echo: Client
    pid: int

    def calling(self, client: Client, calls: Sequence[tuple[str, dict[str, object]]]) -> Condition:
        """Return what, entered, has the host make these calls one after the other, without pause."""
        kernel = {"kernel": self.kernel_id} if client is self.product else {}
        return partial(_calling, self.portal, [(client, name, {**kernel, **more}) for name, more in calls])

    def measure(self, work: str, conditions: Sequence[Condition]) -> Iterator[list[float]]:
        """The speed of the work under each condition, in turns."""
        code = CELL.format(work=work, seconds=SECONDS)
        for _ in range(ROUNDS):
            speeds: list[float] = []
            for condition in conditions:
                with condition():
                    speeds.append(float(run_cell(self.cells, code).text))
            yield speeds

    def share_processors(self, first_contact: Condition) -> None:
        """Give the kernel a processor, and all others the others; when the agent is there, whose thread moves, too."""
        with first_contact():
            pass
        if not hasattr(os, "sched_setaffinity"):  # only Linux has it
            return
        first, *rest = sorted(os.sched_getaffinity(0))
        for pid in (self.pid, self.server.pid, os.getpid()):
            for thread in psutil.Process(pid).threads():
                with contextlib.suppress(ProcessLookupError):  # a thread that has ended meanwhile
                    os.sched_setaffinity(thread.id, {first} if pid == self.pid else set(rest or [first]))


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

"""A kernel in which the person's cell runs, beside a host that calls without pause.

The kernel gets a processor of its own, and the host and the Jupyter server another: what is measured is what reading
takes from the cell, not what two programs take from each other. How much of that is left shows in what a cell keeps
beside a host that only echoes, which does not touch the kernel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import cache, partial
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING

import psutil
from anyio.from_thread import start_blocking_portal

from benchmarks.bed import clients
from benchmarks.figure import Figure
from support.cells import run_cell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from anyio.from_thread import BlockingPortal
    from jupyter_client.blocking.client import BlockingKernelClient
    from mcp import Client

    from support.jupyter import JupyterServer

    Condition = Callable[[], AbstractContextManager[object]]
    """What, entered, makes a condition under which a cell's speed is measured."""

__all__ = ["ROUNDS", "KernelBed", "kept", "open_kernel_bed"]

ROUNDS = 25
_RECENT = 50
"""Calls whose median is the pace of the host that only echoes."""

_PREPARE = "import os; print(os.getpid())"


@contextlib.contextmanager
def open_kernel_bed(server: JupyterServer, token: str, setup: str = "") -> Generator[KernelBed]:
    """Start a kernel, run `setup` in it as the person's front end does, and connect a host."""
    kernel_id = server.start_kernel()
    connected = clients(server, token, "/mcp", "/echo")
    with (
        server.client(kernel_id) as cells,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(connected) as (product, echo),
    ):
        pid = int(run_cell(cells, f"{setup}\n{_PREPARE}").text)
        yield KernelBed(server, kernel_id, cells, portal, product, echo, pid)
    server.api("DELETE", f"/api/kernels/{kernel_id}")


@dataclass
class KernelBed:
    """The kernel, the person's front end and the host's clients.

    Attributes:
        server: the Jupyter server.
        kernel_id: the kernel.
        cells: the front end's client.
        portal: to the event loop of the host's clients.
        product: the host's client of the product.
        echo: the host's client of a server that only echoes.
        pid: the kernel's process.
    """

    server: JupyterServer
    kernel_id: str
    cells: BlockingKernelClient
    portal: BlockingPortal
    product: Client
    echo: Client
    pid: int

    def reading(self, *calls: tuple[str, dict[str, object]]) -> Callable[[], Awaitable[None]]:
        """Return what calls the next of these tools of the product."""
        turns = cycle(calls)

        async def read() -> None:
            name, arguments = next(turns)
            result = await self.product.call_tool(name, {"kernel": self.kernel_id, **arguments})
            if result.is_error:
                raise RuntimeError(f"{name} failed: {result.content}")

        return read

    def repeating(self, call: Callable[[], Awaitable[None]]) -> Condition:
        """The host awaits `call` over and over."""
        return partial(_repeating, self.portal, call)

    def repeating_and_echoing(self, call: Callable[[], Awaitable[None]]) -> tuple[Condition, Condition]:
        """The host awaits `call` over and over; and instead, as often, it calls a server that only echoes."""
        took: deque[float] = deque([0.0], _RECENT)

        async def timed() -> None:
            began = time.perf_counter()
            await call()
            took.append(time.perf_counter() - began)

        async def echo() -> None:
            began = time.perf_counter()
            await self.echo.call_tool("echo", {"text": "weights"})
            await asyncio.sleep(median(took) - (time.perf_counter() - began))  # this host has the other one's pace

        return self.repeating(timed), self.repeating(echo)

    def measure(self, cell: str, conditions: Sequence[Condition]) -> Iterator[list[float]]:
        """The number that a cell prints under each condition, in turns.

        Raises:
            RuntimeError: an operation of the cell failed.
        """
        for _ in range(ROUNDS):
            speeds: list[float] = []
            for condition in conditions:
                with condition():
                    speeds.append(self.run(cell))
            yield speeds

    def run(self, cell: str) -> float:
        """Run a cell and return the number that it prints; raises as `measure` does."""
        finished = run_cell(self.cells, cell)
        if finished.reply["status"] != "ok":
            raise RuntimeError(f"an operation of the cell failed: {finished.reply['evalue']}")
        return float(finished.text)

    def share_processors(self) -> None:
        """Give the kernel a processor, and all others the others; when the agent is there, whose thread moves, too."""
        self.portal.call(self.reading(("list_variables", {})))
        if not hasattr(os, "sched_setaffinity"):  # only Linux has it
            return
        first, *rest = _get_processors()
        for pid in (self.pid, self.server.pid, os.getpid()):
            for thread in psutil.Process(pid).threads():
                with contextlib.suppress(ProcessLookupError):  # a thread that has ended meanwhile
                    os.sched_setaffinity(thread.id, {first} if pid == self.pid else set(rest or [first]))


@cache
def _get_processors() -> list[int]:
    """Return the processors that there were at first: afterwards this process itself has but the others."""
    return sorted(os.sched_getaffinity(0))


def kept(name: str, speeds: Iterable[tuple[float, float]], least: float) -> Figure:
    """The share of its speed that a cell keeps: the median of the rounds' shares, of the median floor.

    Args:
        name: of the figure.
        speeds: of each round the speed, and its floor.
        least: the share that is promised.
    """
    rounds = list(speeds)
    floor = median(floor for _, floor in rounds)
    value = floor * median(speed / floor for speed, floor in rounds)
    return Figure(name, value, "times/s", floor, f">= {least} x", met=value >= least * floor)


@contextlib.contextmanager
def _repeating(portal: BlockingPortal, call: Callable[[], Awaitable[None]]) -> Generator[None]:
    """While the body runs, and once before, `call` is awaited over and over."""
    begun, stop = threading.Event(), threading.Event()

    async def repeat() -> None:
        while not stop.is_set():
            await call()
            begun.set()

    task = portal.start_task_soon(repeat)
    task.add_done_callback(lambda _: begun.set())
    begun.wait()
    try:
        yield
    finally:
        stop.set()
        task.result()

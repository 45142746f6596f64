"""How long a host waits for a variable's shape, beside a tool that only echoes as many bytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.bed import clients, find_floor, time_in_turns
from benchmarks.figure import Figure
from support.cells import finish_cell, run_cell, start_cell
from support.reads import SETUP
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bed import Call
    from support.jupyter import JupyterServer

PAIRS = 300
MOST_TIMES_THE_FLOOR = 1.3
MOST_MILLISECONDS_MORE = 15.0

SLEEP = "import time; time.sleep(60)"
LOOP = "n = 0\nwhile True: n += 1"


def measure_reading(server: JupyterServer, token: str) -> Iterator[Figure]:
    kernel_id = server.start_kernel()
    with server.client(kernel_id) as client:
        run_cell(client, SETUP)

        value, floor = asyncio.run(_pairs(server, token, kernel_id))
        yield _times_the_floor("inspect_variable, kernel idle", value, floor)

        for name, code in (("during time.sleep(60)", SLEEP), ("beside a pure-Python loop", LOOP)):
            cell = start_cell(client, code)
            wait_until(lambda: server.kernel_state(kernel_id) == "busy", "the cell to start")
            value, floor = asyncio.run(_pairs(server, token, kernel_id))
            server.api("POST", f"/api/kernels/{kernel_id}/interrupt")
            finish_cell(client, cell)
            judge = _times_the_floor if code is SLEEP else _more_than_the_floor
            yield judge(f"inspect_variable, {name}", value, floor)


def _times_the_floor(name: str, value: float, floor: float) -> Figure:
    return Figure(name, value, "ms", floor, f"<= {MOST_TIMES_THE_FLOOR} x", met=value <= MOST_TIMES_THE_FLOOR * floor)


def _more_than_the_floor(name: str, value: float, floor: float) -> Figure:
    more = value - floor
    return Figure(name, value, "ms", floor, f"<= +{MOST_MILLISECONDS_MORE:g} ms", met=more <= MOST_MILLISECONDS_MORE)


async def _pairs(server: JupyterServer, token: str, kernel_id: str) -> list[float]:
    """Medians in milliseconds of reading and of echoing, in turns."""
    async with clients(server, token, "/mcp", "/echo") as (product, echo):
        inspect: Call = (product, "inspect_variable", {"kernel": kernel_id, "path": "weights"})
        return await time_in_turns([inspect, await find_floor(echo, inspect)], PAIRS)

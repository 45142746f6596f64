"""How long a host waits for a cell, beside a tool that echoes as many bytes: of a file, and of a shared notebook."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import nbformat

from benchmarks.bed import clients, find_floor, time_in_turns
from benchmarks.figure import Figure
from support.echo import make_echo_server
from support.shared_tab import SharedTab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.bed import Call
    from support.jupyter import JupyterServer

PATH = "long.ipynb"
CELLS = 200
PAIRS = 300
MOST_TIMES_THE_FLOOR = 1.5


def measure_cells(server: JupyterServer, token: str) -> Iterator[Figure]:
    _write(server)
    yield _measure("read_cell, of a file", server, token)
    with make_echo_server(collaboration=True) as sharing:
        _write(sharing)
        with SharedTab(sharing, PATH):
            yield _measure("read_cell, of a notebook that is open and shared", sharing, sharing.host_token())


def _write(server: JupyterServer) -> None:
    cells = [nbformat.v4.new_code_cell(f"x = {n}\nprint(x)", id=f"cell-{n}") for n in range(CELLS)]
    for n, cell in enumerate(cells):
        cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{n}\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), server.notebook_directory / PATH)


def _measure(name: str, server: JupyterServer, token: str) -> Figure:
    value, floor = asyncio.run(_pairs(server, token))
    met = value <= MOST_TIMES_THE_FLOOR * floor
    return Figure(f"{name} ({CELLS} cells)", value, "ms", floor, f"<= {MOST_TIMES_THE_FLOOR} x", met=met)


async def _pairs(server: JupyterServer, token: str) -> list[float]:
    """Medians in milliseconds of reading and of echoing, in turns."""
    async with clients(server, token, "/mcp", "/echo") as (product, echo):
        read: Call = (product, "read_cell", {"notebook": PATH, "cell": f"cell-{CELLS // 2}"})
        return await time_in_turns([read, await find_floor(echo, read)], PAIRS)

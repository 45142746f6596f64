"""What `%mcp call` and connecting cost beside the SDK's own client, over each transport and in each era.

The floor of a call is the SDK's client behind a blocking portal: one hop to another thread and back, nothing else.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from anyio.from_thread import start_blocking_portal
from IPython.core.interactiveshell import InteractiveShell
from mcp import Client, StdioServerParameters
from mcp.client._memory import InMemoryTransport
from mcp.server.mcpserver import MCPServer

import mcp_notebook
from benchmarks.figure import Figure
from mcp_notebook.host import get_host
from support.paths import CHECKOUT
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.config import Era

WORKSHOP = CHECKOUT / "tests" / "mcp_notebook" / "workshop_server.py"
CALLS = 300
CALL = "call bench.add a=1 b=2"
MOST_MILLISECONDS_MORE = 0.5
SETTLING_SECONDS = 0.003
MOST_TIMES_THE_FLOOR = 1.1


@dataclass(frozen=True)
class Way:
    """One way to a server, for the SDK's client and for ours.

    Attributes:
        name: for the table.
        bare: makes what the SDK's client takes.
        mode: the SDK's word for the era.
        ours: what our host takes.
        connects: how often connecting is measured.
    """

    name: str
    bare: Callable[[], Any]
    mode: str
    ours: Any
    connects: int


def measure_calling() -> Iterator[Figure]:
    shell: Any = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "mcp_notebook")
    try:
        with tempfile.TemporaryDirectory(prefix="mn") as directory, _workshop(Path(directory)) as url:
            for way in _ways(url, directory):
                yield from _measure_call(shell, way)
            for way in _ways(url, directory):
                yield _measure_connect(way)
    finally:
        shell.run_line_magic("unload_ext", "mcp_notebook")


def _ways(url: str, directory: str) -> list[Way]:
    words = [str(WORKSHOP), "stdio", directory]
    server = MCPServer("bench")

    @server.tool()
    def add(a: int, b: int = 0) -> int:
        return a + b

    def http(era: Era, mode: str) -> Way:
        return Way(f"HTTP, {era}", lambda: url, mode, mcp_notebook.HTTPServer(url, era=era), 60)

    return [
        Way(
            "stdio",
            lambda: StdioServerParameters(command=sys.executable, args=words),
            "auto",
            mcp_notebook.StdioServer(sys.executable, tuple(words)),
            15,
        ),
        http("legacy", "legacy"),
        http("modern", "auto"),
        Way("in process", lambda: InMemoryTransport(server), "auto", server, 400),
    ]


@contextlib.contextmanager
def _workshop(directory: Path) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, str(WORKSHOP), "http", str(directory)], stderr=subprocess.DEVNULL)
    try:
        wait_until((directory / "url").exists, "the workshop's port")
        yield (directory / "url").read_text()
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _bare(way: Way) -> Iterator[Callable[..., Any]]:
    """The SDK's client, called from this thread."""
    client = Client(way.bare(), mode=way.mode, cache=None)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(client):
        portal.call(client.list_tools)
        yield lambda: portal.call(client.call_tool, "add", {"a": 1, "b": 2})


def _measure_call(shell: Any, way: Way) -> Iterator[Figure]:
    mcp_notebook.connect("bench", way.ours)
    with _bare(way) as bare:
        calls: tuple[Callable[[], Any], ...] = (lambda: shell.run_line_magic("mcp", CALL), bare)
        value, floor = _medians(calls, CALLS)
        result = shell.run_line_magic("mcp", CALL)
    get_host().disconnect("bench")
    met = value - floor <= MOST_MILLISECONDS_MORE
    yield Figure(f"%mcp call, {way.name}", value, "ms", floor, f"<= +{MOST_MILLISECONDS_MORE:g} ms", met=met)
    rendering, plain = _medians((lambda: shell.display_formatter.format(result), lambda: repr(result)), CALLS)
    yield Figure("    showing its result", rendering, "ms", plain)


def _measure_connect(way: Way) -> Figure:
    took: tuple[list[float], list[float]] = ([], [])
    with start_blocking_portal() as portal:
        for _ in range(way.connects):
            # What the last close has left to its thread must not be measured as a part of the next connect.
            time.sleep(SETTLING_SECONDS)
            start = time.perf_counter()
            mcp_notebook.connect("bench", way.ours)
            took[0].append(time.perf_counter() - start)
            get_host().disconnect("bench")
            time.sleep(SETTLING_SECONDS)
            start = time.perf_counter()
            with portal.wrap_async_context_manager(Client(way.bare(), mode=way.mode, cache=None)):
                took[1].append(time.perf_counter() - start)
    value, floor = (1000 * median(times) for times in took)
    met = value <= MOST_TIMES_THE_FLOOR * floor
    return Figure(f"connecting, {way.name}", value, "ms", floor, f"<= {MOST_TIMES_THE_FLOOR:g} x", met=met)


def _medians(functions: tuple[Callable[[], Any], ...], times: int) -> list[float]:
    """Medians in milliseconds, measured in turns."""
    took: list[list[float]] = [[] for _ in functions]
    for _ in range(times):
        for mine, function in zip(took, functions, strict=True):
            start = time.perf_counter()
            function()
            mine.append(1000 * (time.perf_counter() - start))
    return [median(mine) for mine in took]

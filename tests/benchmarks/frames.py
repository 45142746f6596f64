"""How long a host waits for a page of a large frame, and for its description; and for the list of tools."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.bed import clients, time_in_turns
from benchmarks.figure import Figure
from support.cells import run_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp import Client

    from support.jupyter import JupyterServer

PAIRS = 200
DESCRIPTIONS = 7
MOST_TIMES_A_SHORT_FRAME = 1.2
MOST_TIMES_THE_BARE_SDK = 1.2
MOST_MILLISECONDS_TO_DESCRIBE = 300

FRAMES = """
import numpy, pandas
numbers = numpy.random.default_rng(0)
def make(rows):
    return pandas.DataFrame({"n": numbers.normal(size=rows), "i": numpy.arange(rows), "b": numpy.arange(rows) % 3 == 0})
short, long = make(1_000), make(10_000_000)
wide = pandas.DataFrame({f"n{i}": numbers.normal(size=1_000_000) for i in range(14)})
wide = wide.mask(wide > 4)
wide = wide.assign(**{f"i{i}": numbers.integers(0, 1000, 1_000_000) for i in range(4)})
wide["day"] = pandas.Timestamp("2020-01-01") + pandas.to_timedelta(numbers.integers(0, 1000, 1_000_000), unit="D")
wide["kind"] = pandas.Categorical.from_codes(numbers.integers(0, 5, 1_000_000), list("abcde"))
"""


def measure_frames(server: JupyterServer, token: str) -> Iterator[Figure]:
    kernel_id = server.start_kernel()
    with server.client(kernel_id) as client:
        run_cell(client, FRAMES)
        long, short, described = asyncio.run(_read(server, token, kernel_id))
        bar = f"<= {MOST_TIMES_A_SHORT_FRAME} x"
        met = long <= MOST_TIMES_A_SHORT_FRAME * short
        yield Figure("first page of 10 million rows, to that of 1,000", long, "ms", short, bar, met=met)
        bar = f"<= {MOST_MILLISECONDS_TO_DESCRIBE} ms"
        met = described <= MOST_MILLISECONDS_TO_DESCRIBE
        yield Figure("describe 1 million rows x 20 columns, to a page", described, "ms", short, bar, met=met)
    server.api("DELETE", f"/api/kernels/{kernel_id}")


async def _read(server: JupyterServer, token: str, kernel_id: str) -> tuple[float, float, float]:
    async with clients(server, token, "/mcp") as [product]:
        page: list[Any] = [
            (product, "read_dataframe", {"kernel": kernel_id, "name": name}) for name in ("long", "short")
        ]
        describe: Any = (product, "describe_dataframe", {"kernel": kernel_id, "name": "wide"})
        long, short = await time_in_turns(page, PAIRS)
        [described] = await time_in_turns([describe], DESCRIPTIONS)
        return long, short, described


def measure_listing_of_tools(server: JupyterServer, token: str) -> Iterator[Figure]:
    value, floor = asyncio.run(_list_tools(server, token))
    met = value <= MOST_TIMES_THE_BARE_SDK * floor
    yield Figure("tools/list, to the bare SDK", value, "ms", floor, f"<= {MOST_TIMES_THE_BARE_SDK} x", met=met)


async def _list_tools(server: JupyterServer, token: str) -> list[float]:
    async with clients(server, token, "/mcp", "/same-tools") as pair:
        took: list[list[float]] = [[], []]
        for _ in range(PAIRS):
            for times, client in zip(took, pair, strict=True):
                times.append(await _time_list(client))
        return [median(times) for times in took]


async def _time_list(client: Client) -> float:
    start = time.perf_counter()
    await client.list_tools(cache_mode="refresh")
    return (time.perf_counter() - start) * 1000

"""What a page of 100,000 variables costs, and a read of one variable of each kind, beside an echo of as many bytes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from benchmarks.bed import clients, find_floor, time_in_turns
from benchmarks.figure import Figure
from support.cells import run_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer

ROUNDS = 200
LISTED = 100_000
MOST_TIMES_FOR_A_PAGE = 2.0
MOST_TIMES_FOR_A_READ = 1.3

MANY = f"""
import numpy, pandas, random
kinds = [lambda i: i, lambda i: str(i) * 5, lambda i: [i] * 3, lambda i: {{"row": i}}, lambda i: numpy.zeros(2)]
globals().update((f"value_{{i}}", kinds[i % 5](i)) for i in random.Random(0).sample(range({LISTED}), {LISTED}))
"""

PAGES: dict[str, dict[str, Any]] = {
    "first page": {},
    "first page of a pattern": {"pattern": "value_1*"},
    "page in the middle": {"cursor": "value_54321"},
    "last page": {"cursor": "value_9998"},
    "page in the middle, by type": {"type": "ndarray", "cursor": "value_54321"},
}
LONGER_PAGES: dict[str, dict[str, Any]] = {
    "first page, of 100": {"limit": 100},
    "page in the middle, by type, of 100": {**PAGES["page in the middle, by type"], "limit": 100},
}
"""Which a host gets that asks for so many; no bar."""

VALUES = """
import collections, dataclasses, numpy, pandas
from sklearn.linear_model import LinearRegression
@dataclasses.dataclass
class Run:
    name: str
    losses: list
number = 3.5
text = "All work and no play. " * 1000
rows = [{"id": i, "word": "word" * 3, "flags": (True, None)} for i in range(10_000)]
nested = {"a": {"b": {"c": [1, 2, {"d": rows}]}}}
run = Run("first", list(range(1000)))
weights = numpy.random.default_rng(0).random((1000, 1000))
huge = numpy.zeros((40_000, 40_000))
series = pandas.Series(range(1_000_000))
frame = pandas.DataFrame(weights)
model = LinearRegression().fit(weights[:100, :5], weights[:100, 5])
def train(data, *, rate=0.1): "Fits."
"""
NAMES = ("number", "text", "rows", "nested", "run", "weights", "huge", "series", "frame", "model", "train")


def measure_listing(server: JupyterServer, token: str) -> Iterator[Figure]:
    kernel_id = server.start_kernel()
    with server.client(kernel_id) as client:
        run_cell(client, VALUES)
        most = {"kernel": kernel_id, "max_chars": 20_000}
        reads = {f"inspect_variable, {name}": ("inspect_variable", {"path": name} | most) for name in NAMES}
        yield from _compare(server, token, reads, MOST_TIMES_FOR_A_READ)

        run_cell(client, MANY)
        pages = {f"list_variables, {page}": ("list_variables", {"kernel": kernel_id} | PAGES[page]) for page in PAGES}
        yield from _compare(server, token, pages, MOST_TIMES_FOR_A_PAGE)
        longer = {
            f"    {name}": ("list_variables", {"kernel": kernel_id} | page) for name, page in LONGER_PAGES.items()
        }
        yield from _compare(server, token, longer, None)


def _compare(
    server: JupyterServer, token: str, calls: dict[str, tuple[str, dict[str, Any]]], most: float | None
) -> Iterator[Figure]:
    for name, (value, floor) in asyncio.run(_measure(server, token, calls)).items():
        if most is None:
            yield Figure(name, value, "ms", floor)
        else:
            yield Figure(name, value, "ms", floor, f"<= {most:g} x", met=value <= most * floor)


async def _measure(
    server: JupyterServer, token: str, calls: dict[str, tuple[str, dict[str, Any]]]
) -> dict[str, list[float]]:
    """Medians in milliseconds of each call and of an echo with a reply of as many bytes, in turns."""
    async with clients(server, token, "/mcp", "/echo") as (product, echo):
        return {
            name: await time_in_turns([(product, *call), await find_floor(echo, (product, *call))], ROUNDS)
            for name, call in calls.items()
        }

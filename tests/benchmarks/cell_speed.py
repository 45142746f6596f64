"""The speed that a running cell keeps while a host reads its kernel without pause, and afterwards.

What it keeps beside quick reads is of what it has beside a host that only echoes, as often. What it has after a large
frame was described is of what the same cell has, in turns, in a second kernel in which none was.
"""

from __future__ import annotations

import contextlib
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figure import Figure
from benchmarks.kernel_bed import kept, open_kernel_bed
from support.reads import READS, SETUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer

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

PREPARE = "\nimport os, time, numpy; x = numpy.ones(5000); null = os.open(os.devnull, os.O_WRONLY)"

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
    with open_kernel_bed(server, token, SETUP + PREPARE) as bed:
        bed.share_processors()
        for name, work in WORK.items():
            conditions = (contextlib.nullcontext, *bed.repeating_and_echoing(bed.reading(*READS)))
            rounds = list(bed.measure(_cell_of(work), conditions))
            during = [(read, echoed) for _, read, echoed in rounds]
            yield kept(f"{name} in a cell that is read", during, LEAST_SPEED_KEPT)
            alone, _, echoed = map(median, zip(*rounds, strict=True))
            yield Figure("    the same while a host only echoes", echoed, "times/s", alone)
    large = LARGE_FRAME + PREPARE
    with open_kernel_bed(server, token, large) as bed, open_kernel_bed(server, token, large) as never_described:
        bed.share_processors()
        never_described.share_processors()
        describing = bed.repeating(bed.reading(("describe_dataframe", {"name": "frame"})))
        for name, work in WORK.items():
            cell = _cell_of(work)
            both = zip(
                bed.measure(cell, (contextlib.nullcontext, describing)),
                never_described.measure(cell, (contextlib.nullcontext,)),
                strict=True,
            )
            rounds = [(after, during, never) for (after, during), [never] in both]
            during = [(during, after) for after, during, _ in rounds]
            yield kept(f"{name} beside describe without pause", during, LEAST_SPEED_KEPT)
            after = [(after, never) for after, _, never in rounds]
            yield kept("    the same after it, and in a kernel never described", after, LEAST_SPEED_AFTER)


def _cell_of(work: str) -> str:
    return CELL.format(work=work, seconds=SECONDS)

"""Thousands of reads of what the running cell changes over and over: how many are answered, what speed the cell keeps.

An answer that cannot be true, or an operation of the cell that fails, ends the run with an error.
"""

from __future__ import annotations

import asyncio
import contextlib
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figure import Figure
from benchmarks.kernel_bed import kept, open_kernel_bed
from support.changing import CHANGES, cell_of, is_answer
from support.changing_frames import EXPORTED, FRAME_CHANGES, is_exported, open_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.kernel_bed import KernelBed
    from support.changing import Change
    from support.jupyter import JupyterServer

READS = 10_000
LEAST_ANSWERED = 0.95
LEAST_SPEED_KEPT = 0.85
SECONDS = 0.4
"""Of a cell whose speed is measured."""

SECONDS_ON = 5.0
"""Of a cell beside the reads that are left when its speed is known."""


def measure_changing(server: JupyterServer, token: str) -> Iterator[Figure]:
    """Of each kind of change: reads answered, and what its cell keeps while and after it is read.

    The floor of the first is what the cell has beside a host that only echoes, as often as the other one is answered;
    the floor of the second, what it had before.
    """
    for kind, change in {**CHANGES, **FRAME_CHANGES, "a frame, exported": EXPORTED}.items():
        with open_kernel_bed(server, token) as bed:
            bed.run(cell_of(change, SECONDS))
            bed.share_processors()
            yield from _measure(kind, change, bed, _Host(bed, change))


def _measure(kind: str, change: Change, bed: KernelBed, host: _Host) -> Iterator[Figure]:
    alone = contextlib.nullcontext
    reading, echoing = bed.repeating_and_echoing(host.read)
    conditions = (alone, reading, echoing, alone)
    rounds = list(bed.measure(cell_of(change, SECONDS), conditions))
    while len(host.answers) < READS:
        with reading():
            bed.run(cell_of(change, SECONDS_ON))
    answered = sum(host.answers)
    met = answered >= LEAST_ANSWERED * len(host.answers)
    yield Figure(f"{kind}: answered", answered, "reads", len(host.answers), f">= {LEAST_ANSWERED} x", met=met)
    during = [(read, echoed) for _, read, echoed, _ in rounds]
    yield kept("    its cell while it is read", during, LEAST_SPEED_KEPT)
    before, _, echoed, _ = map(median, zip(*rounds, strict=True))
    yield Figure("    the same while a host only echoes", echoed, "times/s", before)
    yield kept("    its cell afterwards", [(after, before) for before, _, _, after in rounds], LEAST_SPEED_KEPT)


class _Host:
    """Reads `value`.

    Args:
        bed: where.
        change: what is read, and what must be so.
    """

    def __init__(self, bed: KernelBed, change: Change) -> None:
        self._bed = bed
        self._change = change
        self._feed = open_feed(bed.server, bed.kernel_id)
        self.answers: list[bool] = []

    async def read(self) -> None:
        self.answers.append(await self._is_answered())

    async def _is_answered(self) -> bool:
        if self._change is EXPORTED:
            return await asyncio.to_thread(is_exported, self._feed)
        arguments = {"kernel": self._bed.kernel_id, **self._change.arguments}
        return is_answer(self._change, await self._bed.product.call_tool(self._change.tool, arguments))

"""Thousands of reads of what the running cell changes over and over: how many are answered, what speed the cell keeps.

An answer that cannot be true, or an operation of the cell that fails, ends the run with an error.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.bed import clients
from benchmarks.figure import Figure
from support.cells import finish_cell, run_cell, start_cell
from support.changing import CHANGES, cell_of, is_answer
from support.changing_frames import EXPORTED, FRAME_CHANGES, is_exported, open_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.changing import Change
    from support.jupyter import JupyterServer

READS = 10_000
LEAST_ANSWERED = 0.95
LEAST_SPEED_KEPT = 0.85
SECONDS_ALONE = 0.5
SECONDS_READ = 4.0


def measure_changing(server: JupyterServer, token: str) -> Iterator[Figure]:
    for kind, change in {**CHANGES, **FRAME_CHANGES, "a frame, exported": EXPORTED}.items():
        kernel_id = server.start_kernel()
        with server.client(kernel_id) as client:
            run_cell(client, cell_of(change, SECONDS_ALONE))
            answers, speeds = asyncio.run(_read(server, token, kernel_id, client, change))
        server.api("DELETE", f"/api/kernels/{kernel_id}")
        share = sum(answers) / len(answers)
        yield Figure(f"{kind}: answered", sum(answers), "reads", len(answers), ">= 0.95 x", met=share >= LEAST_ANSWERED)
        before, during, after = (median(each) for each in zip(*speeds, strict=True))
        for when, speed in (("while it is read", during), ("afterwards", after)):
            met = speed >= LEAST_SPEED_KEPT * before
            yield Figure(f"    its cell {when}", speed, "times/s", before, f">= {LEAST_SPEED_KEPT} x", met=met)


async def _read(
    server: JupyterServer, token: str, kernel_id: str, client: BlockingKernelClient, change: Change
) -> tuple[list[bool], list[tuple[float, float, float]]]:
    """Whether each read was answered; the cell's operations a second before, during and after, again and again."""
    answers: list[bool] = []
    speeds: list[tuple[float, float, float]] = []
    async with clients(server, token, "/mcp") as (product,):
        await product.call_tool("list_variables", {"kernel": kernel_id})  # from now on its agent is there
        feed = open_feed(server, kernel_id)

        async def read() -> bool:
            if change is EXPORTED:
                return await asyncio.to_thread(is_exported, feed)
            return is_answer(change, await product.call_tool(change.tool, {"kernel": kernel_id, **change.arguments}))

        while len(answers) < READS:
            before = await _speed(client, change, SECONDS_ALONE)
            cell = asyncio.ensure_future(_speed(client, change, SECONDS_READ))
            while not cell.done():
                answers.append(await read())
            speeds.append((before, await cell, await _speed(client, change, SECONDS_ALONE)))
    return answers, speeds


async def _speed(client: BlockingKernelClient, change: Change, seconds: float) -> float:
    finished = await asyncio.to_thread(
        lambda: finish_cell(client, start_cell(client, cell_of(change, seconds)), seconds=60)
    )
    if finished.reply["status"] != "ok":
        raise RuntimeError(f"an operation of the cell failed: {finished.reply['evalue']}")
    return float(finished.text)

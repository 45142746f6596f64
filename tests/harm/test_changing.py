"""What the running cell changes over and over can be read: no answer is wrong, and no operation of the cell fails.

`make bench PARTS=changing` does the same with thousands of reads and measures what the cell keeps of its speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.changing import CHANGES, cell_until, is_answer
from support.changing_frames import EXPORTED, FRAME_CHANGES, is_exported, open_feed
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.changing import Change
    from support.jupyter import JupyterServer
    from support.mcp import Host

pytestmark = pytest.mark.alone  # how many reads are answered hangs on the processor

QUICK = {**CHANGES, **{kind: FRAME_CHANGES[kind] for kind in FRAME_CHANGES if kind.startswith("a short frame")}}
READS = 40
READS_OF_FRAMES = 100
LEAST_ANSWERED = 0.95


@pytest.fixture(scope="module")
def changing_kernel(jupyter_server: JupyterServer) -> Iterator[ChangingKernel]:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        yield ChangingKernel(jupyter_server, kernel_id, client)


@pytest.mark.parametrize("kind", QUICK)
def test_what_changes_is_read_and_the_cell_goes_on(
    kind: str, changing_kernel: ChangingKernel, host: Host, tmp_path: Path
) -> None:
    change = QUICK[kind]

    def read() -> bool:
        return is_answer(change, host.call(change.tool, kernel=changing_kernel.id, **change.arguments))

    host.read("list_variables", kernel=changing_kernel.id)
    changing_kernel.read_while_it_changes(change, read, tmp_path / "end")


def test_a_frame_that_changes_is_exported_whole(changing_kernel: ChangingKernel, host: Host, tmp_path: Path) -> None:
    host.read("list_variables", kernel=changing_kernel.id)
    feed = open_feed(changing_kernel.server, changing_kernel.id)
    changing_kernel.read_while_it_changes(EXPORTED, lambda: is_exported(feed), tmp_path / "end")


@dataclass
class ChangingKernel:
    server: JupyterServer
    id: str
    client: BlockingKernelClient

    def read_while_it_changes(self, change: Change, read: Callable[[], bool], end: Path) -> None:
        run_cell(self.client, f"import numpy\n{change.prepare}")
        cell = start_cell(self.client, cell_until(change, end))
        wait_until(lambda: self.server.kernel_state(self.id) == "busy", "the cell to start")
        try:
            answers = [read() for _ in range(READS if change in CHANGES.values() else READS_OF_FRAMES)]
        finally:
            end.touch()
        finished = finish_cell(self.client, cell)
        assert finished.reply["status"] == "ok", finished.reply.get("evalue")
        assert sum(answers) >= LEAST_ANSWERED * len(answers)

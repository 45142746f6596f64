"""What the running cell changes over and over can be read: no answer is wrong, and no operation of the cell fails.

`make bench PARTS=changing` does the same with thousands of reads and measures what the cell keeps of its speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, start_cell
from support.changing import CHANGES, cell_of, is_answer
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer
    from support.mcp import Host

SECONDS = 1.2
READS_AT_ONCE = 15


@pytest.fixture(scope="module")
def changing_kernel(jupyter_server: JupyterServer) -> Iterator[tuple[str, BlockingKernelClient]]:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        yield kernel_id, client


@pytest.mark.parametrize("kind", CHANGES)
def test_what_changes_is_read_and_the_cell_goes_on(
    kind: str, changing_kernel: tuple[str, BlockingKernelClient], jupyter_server: JupyterServer, host: Host
) -> None:
    kernel_id, client = changing_kernel
    host.read("list_variables", kernel=kernel_id)
    change = CHANGES[kind]
    cell = start_cell(client, cell_of(change, SECONDS))
    wait_until(lambda: jupyter_server.kernel_state(kernel_id) == "busy", "the cell to start")
    answers: list[bool] = []
    while jupyter_server.kernel_state(kernel_id) == "busy":
        results = [host.call("inspect_variable", kernel=kernel_id, path="value") for _ in range(READS_AT_ONCE)]
        answers += [is_answer(change, result) for result in results]
    finished = finish_cell(client, cell)
    assert finished.reply["status"] == "ok", finished.reply.get("evalue")
    assert len(answers) >= 2 * READS_AT_ONCE
    assert sum(answers) >= 0.95 * len(answers)

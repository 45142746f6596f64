"""Whatever a host reads while a cell runs, the cell and its outputs are as without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.cells import finish_cell, run_cell, start_cell
from support.reads import read_all

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

    from support.cells import Gate
    from support.jupyter import JupyterServer
    from support.mcp import Host


def test_half_drawn_plot_is_finished_and_shown_once_under_its_cell(
    kernel_client: BlockingKernelClient, read_kernel: str, host: Host, gate: Gate
) -> None:
    run_cell(kernel_client, "%matplotlib inline\nimport matplotlib.pyplot as plt")
    half = start_cell(kernel_client, f"plt.plot([1, 2])\n{gate.code}\nplt.plot([2, 1]); print(len(plt.gca().lines))")
    gate.wait()
    assert len(list(read_all(host, read_kernel, 100))) == 100
    gate.open()
    cell = finish_cell(kernel_client, half)
    assert cell.text == "2\n"
    [display] = cell.of_type("display_data")
    assert "image/png" in display["data"]
    assert cell.strangers == []


def test_kernel_is_busy_to_everybody_until_its_cell_ends(
    jupyter_server: JupyterServer, kernel_client: BlockingKernelClient, read_kernel: str, host: Host, gate: Gate
) -> None:
    cell = start_cell(kernel_client, gate.code)
    gate.wait()
    states = {jupyter_server.kernel_state(read_kernel) for _ in read_all(host, read_kernel, 100)}
    gate.open()
    assert states == {"busy"}
    assert finish_cell(kernel_client, cell).reply["status"] == "ok"


def test_cells_queued_behind_a_read_cell_run_in_order(
    kernel_client: BlockingKernelClient, read_kernel: str, host: Host, gate: Gate
) -> None:
    cells = [start_cell(kernel_client, code) for code in (gate.code, "print('second')", "print('third')")]
    gate.wait()
    assert len(list(read_all(host, read_kernel, 20))) == 20
    gate.open()
    assert [finish_cell(kernel_client, cell).text for cell in cells] == ["", "second\n", "third\n"]

"""The whole way: magics in one kernel, the Jupyter server, the agent in another kernel that is running a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.reads import SETUP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.cells import FinishedCell, Gate
    from support.jupyter import JupyterServer


@pytest.fixture
def notebook(jupyter_server: JupyterServer, host_token: str, kernel_name: str) -> Iterator[BlockingKernelClient]:
    """A kernel in which a person has connected to the Jupyter server's endpoint."""
    kernel_id = jupyter_server.start_kernel(kernel_name)
    with jupyter_server.client(kernel_id) as client:
        check(run_cell(client, "%load_ext mcp_notebook"))
        line = f'%mcp connect jupyter {jupyter_server.mcp_url} -H "Authorization: Bearer {host_token}"'
        check(run_cell(client, line))
        yield client
    jupyter_server.api("DELETE", f"/api/kernels/{kernel_id}")


def check(cell: FinishedCell) -> FinishedCell:
    assert cell.reply["status"] == "ok", cell.reply
    return cell


def shown(cell: FinishedCell) -> str:
    """All that a person reads under the cell."""
    displays = [*cell.of_type("display_data"), *cell.of_type("execute_result")]
    errors = ["\n".join(error["traceback"]) for error in cell.of_type("error")]
    return "\n".join([cell.text, *(display["data"]["text/plain"] for display in displays), *errors])


def test_notebook_reads_a_kernel_that_runs_a_cell(
    notebook: BlockingKernelClient, kernel_client: BlockingKernelClient, kernel_id: str, gate: Gate
) -> None:
    check(run_cell(kernel_client, SETUP))
    assert "jupyter" in shown(check(run_cell(notebook, "%mcp")))
    assert "read_dataframe" in shown(check(run_cell(notebook, "%mcp tools")))
    cell = start_cell(kernel_client, gate.code)
    gate.wait()
    page = check(
        run_cell(notebook, f"x = %mcp call read_dataframe kernel={kernel_id} name=frame limit=2\nx.structured")
    )
    weights = check(run_cell(notebook, f"%mcp call inspect_variable kernel={kernel_id} path=weights"))
    gate.open()
    assert check(finish_cell(kernel_client, cell)).strangers == []
    assert "'rows': [['Oslo', 0], ['Lima', 1]]" in shown(page)
    assert "3x4" in shown(weights)
    check(run_cell(notebook, "%mcp disconnect jupyter"))


WRONG = {
    "inspect_variable kernel={kernel} path=wieghts": "weights",
    'read_dataframe kernel={kernel} name=frame columns:=["rian"]': "rain",
    "list_variables kernel=nobody.ipynb": "{kernel}",
    "inspect_varable kernel={kernel} path=weights": "inspect_variable",
    "inspect_variable kernel={kernel} paht=weights": "path",
}
"""Calls that cannot succeed, and what the person must be told that exists."""


def test_what_goes_wrong_is_one_red_line_that_says_what_exists(
    notebook: BlockingKernelClient, kernel_client: BlockingKernelClient, kernel_id: str
) -> None:
    check(run_cell(kernel_client, SETUP))
    for call, exists in WRONG.items():
        cell = run_cell(notebook, f"%mcp call {call.format(kernel=kernel_id)}")
        [error] = cell.of_type("error")
        assert len(error["traceback"]) == 1
        assert exists.format(kernel=kernel_id) in shown(cell)
        assert cell.reply["status"] == "error"

"""Reads neither have a kernel culled in the middle of its cell nor keep an idle one alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.jupyter import JupyterServer
from support.kernelspecs import add_kernelspecs
from support.mcp import connect
from support.reads import SETUP, read_all
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.mcp import Host

TIMEOUT = 5
"""Seconds without activity after which the Jupyter server culls a kernel."""


@pytest.fixture(scope="module")
def culling_server() -> Iterator[JupyterServer]:
    manager = "--MappingKernelManager"
    culling = (f"{manager}.cull_idle_timeout={TIMEOUT}", f"{manager}.cull_interval=1", f"{manager}.cull_connected=True")
    with JupyterServer(*culling) as server:
        add_kernelspecs(server.data_directory)
        yield server


@pytest.fixture(scope="module")
def host(culling_server: JupyterServer) -> Iterator[Host]:
    with connect(culling_server.mcp_url, culling_server.host_token("reader", "--read")) as host:
        yield host


def is_running(server: JupyterServer, kernel_id: str) -> bool:
    return any(kernel["id"] == kernel_id for kernel in server.api("GET", "/api/kernels"))


def test_kernel_whose_cell_outlasts_the_timeout_is_not_culled(
    culling_server: JupyterServer, host: Host, kernel_name: str
) -> None:
    kernel_id = culling_server.start_kernel(kernel_name)
    with culling_server.client(kernel_id) as client:
        run_cell(client, SETUP)
        list(read_all(host, kernel_id))
        cell = start_cell(client, f"import time; time.sleep({2 * TIMEOUT}); print('done')")
        wait_until(lambda: culling_server.kernel_state(kernel_id) == "busy", "the cell to start")
        while culling_server.kernel_state(kernel_id) == "busy":  # a culled kernel answers 404, which raises
            list(read_all(host, kernel_id))
        assert finish_cell(client, cell).text == "done\n"


def test_idle_kernel_is_culled_while_a_host_reads_it(
    culling_server: JupyterServer, host: Host, kernel_name: str
) -> None:
    kernel_id = culling_server.start_kernel(kernel_name)
    with culling_server.client(kernel_id) as client:
        run_cell(client, SETUP)
    list(read_all(host, kernel_id))

    def culled_after_a_read() -> bool:
        host.call("inspect_variable", kernel=kernel_id, path="weights")
        return not is_running(culling_server, kernel_id)

    wait_until(culled_after_a_read, "the kernel to be culled", seconds=2 * TIMEOUT)
    assert host.call("inspect_variable", kernel=kernel_id, path="weights").is_error

"""A host that comes while a cell runs, in a kernel that nobody has read before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.jupyter import JupyterServer
from support.kernelspecs import IPYKERNEL_6, LINES, add_kernelspecs
from support.mcp import connect, text_of
from support.reads import SETUP, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cells import Gate
    from support.mcp import Host


@pytest.fixture(scope="module")
def kernels() -> Iterator[tuple[JupyterServer, Host, dict[str, str]]]:
    """A Jupyter server with a kernel of each line, all started before there was any host token."""
    with JupyterServer() as server:
        add_kernelspecs(server.data_directory)
        ids = {name: server.start_kernel(name) for name in LINES}
        with connect(server.mcp_url, server.host_token("reader", "--read")) as host:
            yield server, host, ids


def test_half_drawn_plot_survives_and_the_answer_is_clear(
    kernels: tuple[JupyterServer, Host, dict[str, str]], kernel_name: str, gate: Gate
) -> None:
    server, host, ids = kernels
    kernel_id = ids[kernel_name]
    with server.client(kernel_id) as client:
        run_cell(client, SETUP + "\n%matplotlib inline\nimport matplotlib.pyplot as plt")
        half = start_cell(client, f"plt.plot([1, 2])\n{gate.code}\nplt.plot([2, 1]); print(len(plt.gca().lines))")
        gate.wait()
        first = host.call("list_variables", kernel=kernel_id)
        state = server.kernel_state(kernel_id)
        gate.open()
        cell = finish_cell(client, half)
        assert state == "busy"
        assert cell.text == "2\n"
        assert len(cell.of_type("display_data")) == 1
        assert {message["msg_type"] for message in cell.strangers} <= {"status"}
        if kernel_name == IPYKERNEL_6:  # it has no subshell over which the agent could come in
            assert first.is_error
            assert "busy" in text_of(first)
        else:
            assert not first.is_error
        assert len(list(read_all(host, kernel_id))) > 0

"""Both eras of the protocol, through the same endpoint."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

import mcp_notebook
from mcp_notebook.errors.calling import RequestFailed
from support.cells import run_cell
from support.echo import make_echo_server
from support.mcp import MODES, connect, text_of
from support.reads import READS, SETUP, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer

pytestmark = pytest.mark.parametrize("mode", MODES)


@pytest.fixture(scope="module")
def echo_server() -> Iterator[JupyterServer]:
    with make_echo_server() as server:
        yield server


def test_every_tool_answers(
    jupyter_server: JupyterServer, host_token: str, kernel_client: BlockingKernelClient, kernel_id: str, mode: str
) -> None:
    run_cell(kernel_client, SETUP)
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        assert (host.client.protocol_version < "2026") == (mode == "legacy")
        tools = {tool.name for tool in host.portal.call(host.client.list_tools).tools}
        assert {name for name, _ in READS} | {"list_kernels"} <= tools
        kernels = host.read("list_kernels")["kernels"]
        assert kernel_id in {kernel["id"] for kernel in kernels}
        assert [bool(answer) for answer in read_all(host, kernel_id)] == [True] * len(READS)


UNKNOWN = (
    ("inspect_variable", {"path": "wieghts"}, "weights"),
    ("describe_dataframe", {"name": "fraem"}, "frame"),
    ("describe_dataframe", {"name": "weights"}, "weights"),
    ("read_dataframe", {"name": "frame", "columns": ["rian"]}, "rain"),
)
"""A tool, arguments that name nothing there is, and what the answer must name instead."""


def test_what_is_unknown_is_answered_with_what_exists(
    jupyter_server: JupyterServer, host_token: str, kernel_client: BlockingKernelClient, kernel_id: str, mode: str
) -> None:
    run_cell(kernel_client, SETUP)
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        for tool, arguments, exists in UNKNOWN:
            answer = host.call(tool, kernel=kernel_id, **arguments)
            assert answer.is_error
            assert exists in text_of(answer)


def test_unknown_kernel_is_answered_with_the_running_ones(
    jupyter_server: JupyterServer, host_token: str, mode: str
) -> None:
    running = jupyter_server.start_kernel()
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        answer = host.call("list_variables", kernel="nobody.ipynb")
    jupyter_server.api("DELETE", f"/api/kernels/{running}")
    assert answer.is_error
    assert running in text_of(answer)


def test_unknown_resource_is_said_in_the_servers_words_also_where_http_has_a_status_for_it(
    jupyter_server: JupyterServer, host_token: str, kernel_client: BlockingKernelClient, kernel_id: str, mode: str
) -> None:
    assert kernel_client.is_alive()
    headers = {"Authorization": f"Bearer {host_token}"}
    with mcp_notebook.connect("jupyter", jupyter_server.mcp_url, headers=headers, era=mode) as session:
        with pytest.raises(RequestFailed, match="There is no variable `nothing`"):
            session.read(f"jupyter://kernels/{kernel_id}/variables/nothing")
        assert session.call("list_kernels").structured["kernels"]


def test_progress_is_heard_before_the_call_ends(echo_server: JupyterServer, mode: str) -> None:
    heard = threading.Event()

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        assert (progress, total, message) == (1, 2, "begun")
        heard.set()

    with connect(f"{echo_server.url}/echo", echo_server.host_token(mode), mode=mode) as host:

        async def hold() -> bool:
            return (await host.client.call_tool("hold", progress_callback=hear)).is_error

        holding = host.portal.start_task_soon(hold)
        assert heard.wait(10)
        assert not holding.done()
        host.call("release")
        assert holding.result(10) is False

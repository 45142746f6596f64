"""Code of a host whose token ends is interrupted, since nobody may read what comes of it; the person's never is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError

from support.cells import Gate, finish_cell, run_cell, start_cell
from support.mcp import MODES, connect
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    return jupyter_server.start_kernel()


@pytest.fixture
def client(jupyter_server: JupyterServer, kernel: str) -> Iterator[BlockingKernelClient]:
    with jupyter_server.client(kernel) as client:
        yield client


def call_soon(host: Any, **arguments: object) -> Any:
    return host.portal.start_task_soon(host.client.call_tool, "execute_code", arguments)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("waits", [True, False], ids=["its host waits", "its host has gone"])
def test_code_of_a_revoked_token_is_interrupted(
    jupyter_server: JupyterServer, kernel: str, client: BlockingKernelClient, tmp_path: Path, mode: str, *, waits: bool
) -> None:
    name = f"{mode}-{waits}"
    gate = Gate(tmp_path)
    with connect(jupyter_server.mcp_url, jupyter_server.host_token(name, "--execute"), mode=mode) as host:
        calling = call_soon(host, kernel=kernel, code=gate.code, wait=60 if waits else 0)
        gate.wait()
        if not waits:
            assert calling.result(30).structured_content["state"] in ("queued", "running")
        assert jupyter_server.run_cli("token", "revoke", name).returncode == 0
        wait_until(lambda: jupyter_server.kernel_state(kernel) == "idle", "the code to be interrupted", seconds=10)
        if waits:
            with pytest.raises(MCPError):
                calling.result(30)
    assert run_cell(client, "1").reply["status"] == "ok"


def test_a_cell_of_the_person_goes_on_and_what_the_revoked_token_queued_behind_it_never_runs(
    jupyter_server: JupyterServer, kernel: str, client: BlockingKernelClient, tmp_path: Path
) -> None:
    gate, mark = Gate(tmp_path), tmp_path / "ran"
    cell = start_cell(client, gate.code + "print('whole')")
    gate.wait()
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("queues", "--execute")) as host:
        code = f"open({str(mark)!r}, 'x')"
        queued = host.read("execute_code", kernel=kernel, code=code, when_busy="queue", wait=0)
        assert queued["state"] == "queued"
        assert jupyter_server.run_cli("token", "revoke", "queues").returncode == 0
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("looks", "--execute")) as other:

        def state() -> str:
            return other.read("read_execution", execution=queued["execution"], wait=0)["state"]

        wait_until(lambda: state() != "queued", "it to be taken out of the queue", seconds=10)
    gate.open()
    finished = finish_cell(client, cell)
    assert (finished.reply["status"], finished.text) == ("ok", "whole\n")
    assert run_cell(client, "1").reply["status"] == "ok"
    assert not mark.exists()

"""Kernels that die, stop or speak another language in a run: a clear answer, and the next call works."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

STUCK = "sum(range(10**8)); sum(range(10**8))"
"""Two calls of C code, a second or so each, in which Python's lock is held."""


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer) -> Iterator[Host]:
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("unlucky", "--execute")) as host:
        yield host


@pytest.fixture
def kernel(jupyter_server: JupyterServer, host: Host) -> Iterator[str]:
    kernel = jupyter_server.start_kernel()
    host.read("execute_code", kernel=kernel, code="1")
    yield kernel
    jupyter_server.api("DELETE", f"/api/kernels/{kernel}")


def start(host: Host, kernel: str, code: str, **more: Any) -> str:
    return host.read("execute_code", kernel=kernel, code=code, wait=0, **more)["execution"]


def check_works_again(host: Host, kernel: str) -> None:
    """Until Jupyter has started the kernel anew, the answer is an error that says so."""

    def works() -> bool:
        result = host.call("execute_code", kernel=kernel, code="6 * 7", when_busy="queue", wait=20)
        if result.is_error:
            assert "died or was restarted" in text_of(result), text_of(result)
            return False
        assert result.structured_content is not None
        assert result.structured_content["state"] == "done", "it waits for what the dead kernel was at"
        return result.structured_content["result"] == "42"

    wait_until(works, "the kernel to run code again", seconds=30)


def test_a_kernel_that_dies_in_the_middle_of_output_keeps_what_it_said(host: Host, kernel: str) -> None:
    code = "import os, time\nprint('so far', flush=True)\ntime.sleep(0.5)\nos.kill(os.getpid(), 9)"
    execution = start(host, kernel, code)
    waiting = start(host, kernel, "1", when_busy="queue")
    ended = host.call("read_execution", execution=execution)
    assert ended.is_error
    assert text_of(ended).startswith("so far\nKernel ")
    assert "died or was restarted" in text_of(ended)
    assert "died or was restarted" in text_of(host.call("read_execution", execution=waiting))
    check_works_again(host, kernel)


def test_a_kernel_that_has_died_in_a_run_is_busy_no_more(jupyter_server: JupyterServer, host: Host) -> None:
    kernels = [jupyter_server.start_kernel() for _ in range(3)]  # Jupyter missed it in one death of four
    for kernel in kernels:
        start(host, kernel, "import os, time; time.sleep(0.3); os.kill(os.getpid(), 9)")
    for kernel in kernels:
        check_works_again(host, kernel)
        wait_until(lambda: jupyter_server.kernel_state(kernel) == "idle", "it to be idle")  # noqa: B023  in this turn
        jupyter_server.api("DELETE", f"/api/kernels/{kernel}")


def test_a_kernel_that_somebody_restarts_ends_the_run(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    execution = start(host, kernel, "import time; time.sleep(60)")
    jupyter_server.api("POST", f"/api/kernels/{kernel}/restart")
    assert "died or was restarted" in text_of(host.call("read_execution", execution=execution))
    check_works_again(host, kernel)


def test_a_kernel_that_lets_nothing_run_is_waited_for_and_then_interrupted(host: Host, kernel: str) -> None:
    execution = start(host, kernel, STUCK + "\nimport time\ntime.sleep(60)")
    assert host.read("read_execution", execution=execution, wait=0.2)["state"] in ("queued", "running")
    host.read("cancel_execution", execution=execution)
    ended = host.read("read_execution", execution=execution, wait=30)
    assert ended["state"] == "interrupted"
    check_works_again(host, kernel)


def test_code_of_another_language_runs_fails_and_is_interrupted(jupyter_server: JupyterServer, host: Host) -> None:
    pytest.importorskip("bash_kernel")
    directory = jupyter_server.data_directory / "kernels" / "bash"
    directory.mkdir(parents=True)
    argv = [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"]
    (directory / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Bash", "language": "bash"}))
    kernel = host.read("start_kernel", name="bash")["kernel"]
    assert text_of(host.call("execute_code", kernel=kernel, code="x=5; echo $((x * 2))")) == "10"
    assert host.call("execute_code", kernel=kernel, code="false").structured_content["state"] == "error"
    execution = start(host, kernel, "sleep 60")
    wait_until(
        lambda: host.call("read_execution", execution=execution, wait=0).structured_content["state"] == "running",
        "the code to begin",
    )
    assert host.read("cancel_execution", execution=execution)["state"] == "interrupted"
    assert text_of(host.call("execute_code", kernel=kernel, code="echo $x")) == "5"
    host.read("shutdown_kernel", kernel=kernel)


def test_after_a_restart_of_the_jupyter_server_an_old_execution_is_said_to_be_gone() -> None:
    with JupyterServer() as server:
        token = server.host_token("stays", "--execute")
        kernel = server.start_kernel()
        with connect(server.mcp_url, token) as host:
            execution = start(host, kernel, "import time; time.sleep(60)")
        server.kill()
        server._start()
        with connect(server.mcp_url, token) as host:
            assert f"There is no execution '{execution}'" in text_of(host.call("read_execution", execution=execution))
            assert "There is no kernel" in text_of(host.call("execute_code", kernel=kernel, code="1"))
            fresh = host.read("start_kernel")["kernel"]
            assert host.read("execute_code", kernel=fresh, code="6 * 7")["result"] == "42"

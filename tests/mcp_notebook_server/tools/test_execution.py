"""Code that a host runs: what it gets back, and what the person's notebook never notices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psutil
import pytest

from support.cells import Gate, finish_cell, run_cell, start_cell
from support.mcp import Host, connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient
    from mcp_types import CallToolResult

    from support.jupyter import JupyterServer


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    return jupyter_server.start_kernel()


@pytest.fixture(scope="module")
def person(jupyter_server: JupyterServer, kernel: str) -> Iterator[BlockingKernelClient]:
    with jupyter_server.client(kernel) as client:
        run_cell(client, "rate = 0.25")
        yield client


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer, person: object) -> Iterator[Host]:  # noqa: ARG001 - the kernel is ready then
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("runner", "--execute")) as host:
        yield host


def failure(result: CallToolResult) -> dict[str, Any]:
    assert result.is_error
    return result.structured_content or {}


def test_outputs_and_the_result_come_back_in_order(host: Host, kernel: str) -> None:
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay('shown')\nrate * 2"
    run = host.read("execute_code", kernel=kernel, code=code)
    assert run["state"] == "done"
    assert [output["type"] for output in run["outputs"]] == ["stream", "display", "result"]
    assert run["outputs"][0]["text"] == "out\nerr\n"
    assert run["result"] == "0.5"


def test_a_richer_form_is_named(host: Host, kernel: str) -> None:
    run = host.read("execute_code", kernel=kernel, code="from IPython.display import HTML\nHTML('<b>x</b>')")
    assert run["outputs"][0]["mime"] == "text/html"


def test_an_exception_is_an_error_with_a_traceback_without_colours(host: Host, kernel: str) -> None:
    result = host.call("execute_code", kernel=kernel, code="print('before')\n1 / 0")
    run = failure(result)
    assert (run["state"], run["error"]["name"]) == ("error", "ZeroDivisionError")
    assert "\x1b" not in text_of(result)
    assert text_of(result).startswith("before\n")
    assert "ZeroDivisionError: division by zero" in text_of(result)


def test_code_that_asks_the_person_for_a_line_is_told_that_nobody_answers(host: Host, kernel: str) -> None:
    run = failure(host.call("execute_code", kernel=kernel, code="input()"))
    assert run["error"]["name"] == "StdinNotImplementedError"


def test_endless_output_is_cut_and_counted(host: Host, kernel: str) -> None:
    result = host.call("execute_code", kernel=kernel, code="for _ in range(50): print('x' * 9999)")
    assert "… 480000 more characters were left out here …" in text_of(result)
    assert len(text_of(result)) < 31_000


def test_neither_history_nor_the_count_of_cells_is_touched(
    host: Host, kernel: str, person: BlockingKernelClient
) -> None:
    before = run_cell(person, "1").reply["execution_count"]
    host.read("execute_code", kernel=kernel, code="40 + 2")
    after = run_cell(person, "print(_, In[-2:])")
    assert after.reply["execution_count"] == before + 1
    assert "40 + 2" not in after.text


def test_a_failing_host_aborts_no_queued_cell(
    host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Any
) -> None:
    gate = Gate(tmp_path)
    running = host.portal.start_task_soon(
        host.client.call_tool, "execute_code", {"kernel": kernel, "code": gate.code + "1 / 0"}
    )
    gate.wait()
    cell = start_cell(person, "print('mine')")
    gate.open()
    assert running.result(30).is_error
    assert finish_cell(person, cell).text == "mine\n"


def test_a_busy_kernel_is_refused_with_what_it_runs_and_since_when(
    jupyter_server: JupyterServer, host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Any
) -> None:
    host.read("list_variables", kernel=kernel)  # the agent is in, so it can say
    gate = Gate(tmp_path)
    cell = start_cell(person, gate.code + "print('done')")
    gate.wait()
    wait_until(lambda: jupyter_server.kernel_state(kernel) == "busy", "the Jupyter server to hear of the cell")
    result = host.call("execute_code", kernel=kernel, code="1")
    gate.open()
    assert finish_cell(person, cell).text == "done\n"
    assert result.is_error
    assert f"Kernel {kernel} is busy with " in text_of(result)
    assert " since 20" in text_of(result)
    assert "Nothing was run" in text_of(result)


def test_a_host_that_waits_no_longer_leaves_its_run_to_its_end_and_others_out(
    jupyter_server: JupyterServer, host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Any
) -> None:
    gate = Gate(tmp_path)
    code = f"print('so far', flush=True)\n{gate.code}ended = True"
    with connect(jupyter_server.mcp_url, jupyter_server.host_token("leaves", "--execute")) as leaving:
        run = leaving.read("execute_code", kernel=kernel, code=code, wait=0.5)
    assert run["state"] == "running"
    gate.wait()
    refused = host.call("execute_code", kernel=kernel, code="1")
    assert "busy with code that a host runs since 20" in text_of(refused)
    gate.open()
    assert run_cell(person, "print(ended)").text == "True\n"
    wait_until(lambda: not host.call("execute_code", kernel=kernel, code="1").is_error, "the kernel to be idle")


def test_a_kernel_that_dies_ends_the_call(jupyter_server: JupyterServer, host: Host) -> None:
    doomed = jupyter_server.start_kernel()
    with jupyter_server.client(doomed):
        pid = int(host.read("execute_code", kernel=doomed, code="import os; os.getpid()")["result"])
        running = host.portal.start_task_soon(
            host.client.call_tool,
            "execute_code",
            {"kernel": doomed, "code": "print('up')\nimport time; time.sleep(99)"},
        )
        wait_until(lambda: jupyter_server.kernel_state(doomed) == "busy", "the run to begin")
        psutil.Process(pid).kill()
        assert "died or was restarted during the call" in text_of(running.result(30))
    jupyter_server.api("DELETE", f"/api/kernels/{doomed}")

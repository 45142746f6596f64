"""Waiting for code, reading on, queueing and ending it: whatever a host does, the person's cells run untouched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.access.tokens import TokenFile
from support.cells import Gate, finish_cell, run_cell, start_cell
from support.mcp import MODES, Host, connect, text_of
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer

SLEEP = "import time; time.sleep(60)"


def token(server: JupyterServer, name: str, *scopes: Any) -> str:
    return TokenFile(server.data_directory / "mcp-notebook" / "tokens.json").create(name, scopes=scopes)[1]


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    return jupyter_server.start_kernel()


@pytest.fixture(scope="module")
def person(jupyter_server: JupyterServer, kernel: str) -> Iterator[BlockingKernelClient]:
    with jupyter_server.client(kernel) as client:
        yield client


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer, person: object) -> Iterator[Host]:  # noqa: ARG001 - the kernel is ready then
    with connect(jupyter_server.mcp_url, token(jupyter_server, "runs", "execute")) as host:
        yield host


def start(host: Host, kernel: str, code: str, **more: Any) -> str:
    """Have code run without waiting for its end."""
    return host.read("execute_code", kernel=kernel, code=code, wait=0, **more)["execution"]


def wait_until_running(host: Host, execution: str) -> None:
    def state() -> bool:
        return host.call("read_execution", execution=execution, wait=0).structured_content["state"] == "running"

    wait_until(state, "the code to begin")


def test_a_host_that_waits_no_longer_reads_on_and_nothing_is_lost_or_given_twice(
    host: Host, kernel: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    execution = start(host, kernel, f"print('before', flush=True)\n{gate.code}print('after')\n40 + 2")
    gate.wait()
    first = host.read("read_execution", execution=execution, wait=0.3)
    assert (first["state"], first["outputs"]) == ("running", [{"type": "stream", "text": "before\n"}])
    gate.open()
    second = host.read("read_execution", execution=execution, since=first["next"])
    assert (second["state"], second["result"]) == ("done", "42")
    assert [output["text"] for output in second["outputs"]] == ["after\n", "42"]
    whole = host.read("read_execution", execution=execution)
    assert [output["text"] for output in whole["outputs"]] == ["before\n", "after\n", "42"]
    assert host.read("read_execution", execution=execution, since=whole["next"])["outputs"] == []


def test_code_waits_for_all_cells_that_were_sent_before_it(
    host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    cells = [start_cell(person, gate.code + "order = ['first']"), start_cell(person, "order.append('second')")]
    gate.wait()
    execution = start(host, kernel, "order.append('host')", when_busy="queue")
    queued = host.call("read_execution", execution=execution, wait=0)
    assert queued.structured_content["state"] == "queued"
    assert "waits for what runs there" in text_of(queued)
    gate.open()
    assert host.read("read_execution", execution=execution)["state"] == "done"
    for cell in cells:
        finish_cell(person, cell)
    assert run_cell(person, "print(order)").text == "['first', 'second', 'host']\n"


def test_queued_code_that_is_cancelled_is_never_run_and_the_cell_goes_on(
    host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    cell = start_cell(person, gate.code + "print('whole')")
    gate.wait()
    execution = start(host, kernel, "ran = True", when_busy="queue")
    cancelled = host.call("cancel_execution", execution=execution)
    assert cancelled.structured_content["state"] == "interrupted"
    assert "nothing of it was run" in text_of(cancelled)
    gate.open()
    assert finish_cell(person, cell).text == "whole\n"
    assert run_cell(person, "print('ran' in globals())").text == "False\n"


def test_running_code_that_is_cancelled_is_interrupted_and_the_cell_behind_it_is_not(
    host: Host, kernel: str, person: BlockingKernelClient
) -> None:
    execution = start(host, kernel, f"print('begun', flush=True)\n{SLEEP}")
    wait_until_running(host, execution)
    cell = start_cell(person, "import time; time.sleep(0.3); print('whole')")
    assert host.read("cancel_execution", execution=execution)["state"] == "interrupted"
    assert finish_cell(person, cell).text == "whole\n"
    read = host.call("read_execution", execution=execution)
    assert "It was cancelled" in text_of(read)
    assert not read.is_error
    again = host.call("cancel_execution", execution=execution)
    assert text_of(again) == "It had ended before: interrupted."


def test_cancelling_right_at_the_end_never_hits_the_cell_that_comes_next(
    host: Host, kernel: str, person: BlockingKernelClient
) -> None:
    for round_ in range(15):
        execution = start(host, kernel, f"import time; time.sleep({round_ / 1000})")
        cell = start_cell(person, "for n in range(20): time.sleep(0.001)\nprint('whole')")
        host.read("cancel_execution", execution=execution)
        assert finish_cell(person, cell).text == "whole\n", round_


def test_code_that_catches_the_interrupt_is_said_to_go_on(host: Host, kernel: str, tmp_path: Path) -> None:
    gate = Gate(tmp_path)
    stubborn = f"import time\ntry: time.sleep(60)\nexcept KeyboardInterrupt: pass\n{gate.code}print('done')"
    execution = start(host, kernel, stubborn)
    wait_until_running(host, execution)
    answer = host.call("cancel_execution", execution=execution)
    assert answer.structured_content["state"] == "running"
    assert "has not ended yet" in text_of(answer)
    gate.open()
    assert host.read("read_execution", execution=execution)["state"] == "done"


def test_the_person_who_interrupts_is_told_of(jupyter_server: JupyterServer, host: Host, kernel: str) -> None:
    execution = start(host, kernel, f"print('so far', flush=True)\n{SLEEP}")
    wait_until_running(host, execution)
    jupyter_server.api("POST", f"/api/kernels/{kernel}/interrupt")
    read = host.call("read_execution", execution=execution)
    assert read.is_error
    assert text_of(read).startswith("so far\nThe person (or somebody else at this kernel) interrupted it")


def test_a_run_is_activity_of_the_kernel_for_as_long_as_it_prints(
    jupyter_server: JupyterServer, host: Host, kernel: str, tmp_path: Path
) -> None:
    def last_activity() -> str:
        return jupyter_server.api("GET", f"/api/kernels/{kernel}")["last_activity"]

    gate = Gate(tmp_path)
    endless = "import time\nwhile True: print('on', flush=True); time.sleep(0.1)"
    execution = start(host, kernel, gate.code + endless)
    gate.wait()
    wait_until(lambda: jupyter_server.kernel_state(kernel) == "busy", "the Jupyter server to hear of the run")
    begun = last_activity()
    gate.open()
    first = wait_until(lambda: (now := last_activity()) > begun and now, "an output to count")
    wait_until(lambda: last_activity() > first, "another one to count")
    assert jupyter_server.kernel_state(kernel) == "busy"
    host.read("cancel_execution", execution=execution)
    wait_until(lambda: jupyter_server.kernel_state(kernel) == "idle", "the Jupyter server to hear of its end")


def test_a_host_that_gives_its_call_up_or_vanishes_leaves_its_code_to_its_end(
    jupyter_server: JupyterServer, host: Host, kernel: str, person: BlockingKernelClient, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    with connect(jupyter_server.mcp_url, token(jupyter_server, "vanishes", "execute")) as vanishing:
        arguments = {"kernel": kernel, "code": gate.code + "survived = True"}
        call = vanishing.portal.start_task_soon(vanishing.client.call_tool, "execute_code", arguments)
        gate.wait()
        call.cancel()
    refused = host.call("execute_code", kernel=kernel, code="1")
    assert "busy with code that a host runs since 20" in text_of(refused)
    gate.open()
    assert run_cell(person, "print(survived)").text == "True\n"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("leaves", ["times out", "cancels", "vanishes"])
def test_a_host_that_leaves_while_its_code_waits_interrupts_no_cell_and_aborts_none(
    jupyter_server: JupyterServer,
    host: Host,
    kernel: str,
    person: BlockingKernelClient,
    tmp_path: Path,
    mode: str,
    leaves: str,
) -> None:
    def try_to_run() -> str:
        return text_of(host.call("execute_code", kernel=kernel, code="1"))

    gate = Gate(tmp_path)
    cells = [start_cell(person, f"{gate.code}print('whole')"), start_cell(person, "print('next')")]
    gate.wait()
    wait = 0 if leaves == "times out" else 60
    arguments = {"kernel": kernel, "code": "raise ValueError", "when_busy": "queue", "wait": wait}
    secret = token(jupyter_server, f"{mode}-{leaves[:4]}", "execute")
    try:
        # else what is tried below is not refused, and waits behind the cell
        wait_until(lambda: jupyter_server.kernel_state(kernel) == "busy", "the Jupyter server to hear of the cell")
        with connect(jupyter_server.mcp_url, secret, mode=mode) as leaving:
            call = leaving.portal.start_task_soon(leaving.client.call_tool, "execute_code", arguments)
            wait_until(lambda: "code that a host runs" in try_to_run(), "the code to wait")
            if leaves == "times out":
                assert (call.result(30).structured_content or {})["state"] == "queued"
            elif leaves == "cancels":
                call.cancel()
    finally:
        gate.open()  # also where that failed: other tests use the kernel, too
    assert [finish_cell(person, cell).text for cell in cells] == ["whole\n", "next\n"]
    wait_until(lambda: try_to_run() == "1", "the code that waited to have run")


def test_another_hosts_code_is_ended_only_with_the_persons_permission(
    jupyter_server: JupyterServer, host: Host, kernel: str
) -> None:
    execution = start(host, kernel, SLEEP)
    with connect(jupyter_server.mcp_url, token(jupyter_server, "other")) as other:
        assert other.read("read_execution", execution=execution, wait=0)["execution"] == execution
        call = other.portal.start_task_soon(other.client.call_tool, "cancel_execution", {"execution": execution})
        with Person(jupyter_server) as person:
            approval = person.wait_for_approval()
            assert approval["text"] == f"End this code of runs:\n{SLEEP}"
            person.answer(approval["id"], "once")
        assert call.result(30).structured_content["state"] == "interrupted"


def test_results_outs_and_the_count_are_the_persons(host: Host, kernel: str, person: BlockingKernelClient) -> None:
    before = run_cell(person, "'mine'").reply["execution_count"]
    assert host.read("execute_code", kernel=kernel, code="'the host'")["result"] == "'the host'"
    after = run_cell(person, "print(repr(_), list(Out)[-1], repr(Out[list(Out)[-1]]), repr(In[-2]))")
    assert after.text == f"'mine' {before} 'mine' \"'mine'\"\n"
    assert after.reply["execution_count"] == before + 1


def test_an_execution_that_there_is_not_is_said(host: Host) -> None:
    for tool in ("read_execution", "cancel_execution"):
        assert "There is no execution 'guessed' (any more)" in text_of(host.call(tool, execution="guessed"))

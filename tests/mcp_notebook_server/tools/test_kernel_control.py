"""Starting, interrupting, restarting and ending kernels: for those who may, and asked about for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.access.tokens import TokenFile
from support.cells import finish_cell, run_cell, start_cell
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOK = "work/mine.ipynb"


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--MCPNotebookApp.approval_wait=0", front_ends=True) as server:
        (server.notebook_directory / "work").mkdir()
        spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        content = {"cells": [], "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
        server.api("PUT", f"/api/contents/{NOTEBOOK}", {"type": "notebook", "content": content})
        yield server


def token(server: JupyterServer, name: str, **gives: Any) -> str:
    return TokenFile(server.data_directory / "mcp-notebook" / "tokens.json").create(name, **gives)[1]


@pytest.fixture(scope="module")
def host(server: JupyterServer) -> Iterator[Host]:
    with connect(server.mcp_url, token(server, "controls", scopes=["execute"])) as host:
        yield host


@pytest.fixture
def kernel(host: Host, server: JupyterServer) -> Iterator[str]:
    kernel = host.read("start_kernel")["kernel"]
    yield kernel
    if kernel in {each["id"] for each in server.api("GET", "/api/kernels")}:
        server.api("DELETE", f"/api/kernels/{kernel}")


def test_the_kinds_of_kernels_are_listed(host: Host) -> None:
    specs = host.read("list_kernelspecs")["specs"]
    assert {"name": "python3", "language": "python"}.items() <= specs[0].items()


def test_a_kernel_that_was_just_started_runs_code(host: Host, kernel: str) -> None:
    assert host.read("execute_code", kernel=kernel, code="6 * 7")["result"] == "42"


def test_a_notebooks_kernel_is_found_by_a_front_end_and_there_is_one_of_it(server: JupyterServer, host: Host) -> None:
    kernel = host.read("start_kernel", notebook=NOTEBOOK)["kernel"]
    [session] = server.api("GET", "/api/sessions")
    assert (session["path"], session["type"], session["kernel"]["id"]) == (NOTEBOOK, "notebook", kernel)
    again = host.call("start_kernel", notebook=NOTEBOOK)
    assert f"has the kernel {kernel}" in text_of(again)
    assert host.read("shutdown_kernel", kernel=NOTEBOOK)["state"] == "dead"
    assert server.api("GET", "/api/sessions") == []


def test_what_is_not_there_is_said(host: Host) -> None:
    assert "There is no kernelspec 'cobol'. There are: python3" in text_of(host.call("start_kernel", name="cobol"))
    assert "There is no notebook 'no.ipynb'" in text_of(host.call("start_kernel", notebook="no.ipynb"))
    for tool in ("interrupt_kernel", "restart_kernel", "shutdown_kernel"):
        assert "There is no kernel 'no'" in text_of(host.call(tool, kernel="no"))


def test_an_interrupt_ends_whatever_runs(server: JupyterServer, host: Host, kernel: str) -> None:
    with server.client(kernel) as person:
        cell = start_cell(person, "import time; time.sleep(60)")
        wait_until(lambda: server.kernel_state(kernel) == "busy", "the cell to start")
        host.read("interrupt_kernel", kernel=kernel)
        assert finish_cell(person, cell).reply["ename"] == "KeyboardInterrupt"


def test_a_restart_forgets_variables_ends_what_runs_and_the_next_call_works(
    server: JupyterServer, host: Host, kernel: str
) -> None:
    host.read("execute_code", kernel=kernel, code="kept = 1")
    running = host.read("execute_code", kernel=kernel, code="import time; time.sleep(60)", wait=0)["execution"]
    waiting = host.read("execute_code", kernel=kernel, code="1", wait=0, when_busy="queue")["execution"]
    host.read("restart_kernel", kernel=kernel)
    for execution in (running, waiting):
        ended = host.call("read_execution", execution=execution)
        assert ended.structured_content["error"]["name"] == "KernelDied", ended
    assert host.read("execute_code", kernel=kernel, code="'kept' in globals()")["result"] == "False"
    with server.client(kernel) as person:
        assert run_cell(person, "print('kept' in globals())").text == "False\n"


def test_each_asks_and_shows_what_it_would_do(server: JupyterServer, host: Host, kernel: str) -> None:
    shown = {
        "start_kernel": "Start a kernel.",
        "interrupt_kernel": f"Interrupt the kernel {kernel} (python3): whatever runs there ends in the middle",
        "restart_kernel": f"Restart the kernel {kernel} (python3): all its variables are lost.",
        "shutdown_kernel": f"Shut down the kernel {kernel} (python3): all its variables are lost.",
    }
    host.read("execute_code", kernel=kernel, code="1")
    with connect(server.mcp_url, token(server, "asks")) as asking, Person(server) as person:
        for tool, text in shown.items():
            arguments = {} if tool == "start_kernel" else {"kernel": kernel}
            assert "/mcp-notebook/" in text_of(asking.call(tool, **arguments))
            [approval] = [each for each in person.approvals() if each["tool"] == tool]
            assert approval["text"].startswith(text)
            person.answer(approval["id"], "decline")
    assert server.kernel_state(kernel) == "idle"


def test_a_bound_token_starts_kernels_for_its_notebook_only(server: JupyterServer) -> None:
    bound = token(server, "bound", scopes=["execute"], notebooks=[NOTEBOOK])
    with connect(server.mcp_url, bound) as host:
        assert f"only for {NOTEBOOK}" in text_of(host.call("start_kernel"))
        assert "may start a kernel only for" in text_of(host.call("start_kernel", notebook="other.ipynb"))
        assert len(host.read("list_kernels")["kernels"]) == 0
        host.read("start_kernel", notebook=NOTEBOOK)
        host.read("shutdown_kernel", kernel=NOTEBOOK)


def test_an_address_of_one_notebook_starts_its_kernel(server: JupyterServer) -> None:
    of_notebook = f"{server.mcp_url}/notebooks/{NOTEBOOK}"
    with connect(of_notebook, token(server, "at-notebook", scopes=["execute"])) as host:
        host.read("start_kernel")
        assert host.read("execute_code", code="2 + 3")["result"] == "5"
        host.read("shutdown_kernel")

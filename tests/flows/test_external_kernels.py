"""Kernels that an editor started, with no Jupyter server in front: hosts work there, and only the editor ends them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.cells import Gate, finish_cell, run_cell, start_cell
from support.editors import MADE_UP, EditorKernel
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.person import Person
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENED = "/home/me/analysis.ipynb"
SETUP = f"__vsc_ipynb_file__ = {OPENED!r}\nnumbers = [1, 2, 3]"
"""What VS Code runs silently as soon as it is connected, and something to read."""

JUNK: dict[str, Any] = {
    "kernel-1.json": {"key": "k", "control_port": "none", "ip": []},
    "kernel-2.json": {"key": "k2", "control_port": 1, "transport": "ipc", "signature_scheme": "no"},
    "kernel-3.json": [1],
    "kernel-4.json": {"key": "", "control_port": 5},
}


@pytest.fixture(scope="module")
def session_directory() -> Iterator[Path]:
    """What a desktop session has as XDG_RUNTIME_DIR."""
    directory = Path(tempfile.mkdtemp(prefix="mn"))
    yield directory
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def files(session_directory: Path) -> Path:
    """Where VS Code puts connection files, with what others may have left there."""
    directory = session_directory / "jupyter" / "runtime"
    directory.mkdir(parents=True)
    for name, content in JUNK.items():
        (directory / name).write_text(json.dumps(content))
    return directory


@pytest.fixture(scope="module")
def server(session_directory: Path) -> Iterator[JupyterServer]:
    culling = ("--MappingKernelManager.cull_idle_timeout=1", "--MappingKernelManager.cull_interval=1")
    words = ("--ServerApp.allow_external_kernels=True", "--MCPNotebookApp.approval_wait=0", *culling)
    with JupyterServer(*words, environment={"XDG_RUNTIME_DIR": str(session_directory)}) as server:
        yield server


@pytest.fixture(scope="module")
def kernel(server: JupyterServer, files: Path) -> Iterator[EditorKernel]:
    with EditorKernel(files, server.environment) as kernel:
        kernel.client.execute(SETUP, silent=True)
        yield kernel


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("host", "--execute")


@pytest.fixture
def host(server: JupyterServer, token: str) -> Iterator[Host]:
    with connect(server.mcp_url, token) as host:
        yield host


@pytest.fixture
def kernel_id(host: Host, kernel: EditorKernel) -> str:
    """Once it is known by the notebook that the editor has open."""
    assert kernel.is_alive
    return wait_until(lambda: find(host, OPENED), "the editor's kernel")["id"]


def find(host: Host, name: str) -> dict[str, Any]:
    """What a host is told of the editor's kernel of this name; empty if it is told of none."""
    kernels = host.read("list_kernels")["kernels"]
    nothing: dict[str, Any] = {}
    return next((each for each in kernels if each.get("external") == name), nothing)


def test_hosts_and_the_person_see_it_by_the_notebook_that_its_editor_has_open(
    server: JupyterServer, host: Host, kernel_id: str
) -> None:
    shown = find(host, OPENED)
    assert (shown["name"], shown["language"], shown["readable"]) == (MADE_UP, "python", "yes")
    assert "notebook" not in shown
    by_name = host.read("inspect_variable", kernel=OPENED, path="numbers")
    assert by_name == host.read("inspect_variable", kernel=kernel_id, path="numbers")
    with Person(server) as person:
        kernels = person.browser.get(f"{person.page}/api/state").raise_for_status().json()["kernels"]
    assert [each["external"] for each in kernels if each["id"] == kernel_id] == [OPENED]


def test_variables_are_read_while_its_cell_runs_and_the_cell_comes_to_its_end(
    host: Host, kernel: EditorKernel, kernel_id: str, gate: Gate
) -> None:
    count = run_cell(kernel.client, "1").reply["execution_count"]
    running = start_cell(kernel.client, f"print('before')\n{gate.code}\nprint('after')\n'done'")
    gate.wait()
    wait_until(lambda: find(host, OPENED)["state"] == "busy", "it to be shown as busy")
    assert host.read("list_variables", kernel=kernel_id, pattern="numbers")["read_while_running"]
    assert "busy with a cell" in text_of(host.call("execute_code", kernel=kernel_id, code="1"))
    gate.open()
    cell = finish_cell(kernel.client, running)
    assert (cell.reply["status"], cell.reply["execution_count"], cell.text) == ("ok", count + 1, "before\nafter\n")


def test_a_host_runs_code_and_cancels_it_and_nothing_else(host: Host, kernel: EditorKernel, kernel_id: str) -> None:
    ran = host.read("execute_code", kernel=kernel_id, code="print('there')\nsum(numbers)", wait=60)
    assert [output["text"] for output in ran["outputs"]] == ["there\n", "6"]
    run = host.read("execute_code", kernel=kernel_id, code="import time\nwhile True: time.sleep(0.01)", wait=0.2)
    host.read("cancel_execution", execution=run["execution"])
    assert host.read("read_execution", execution=run["execution"], wait=30)["state"] == "interrupted"
    assert run_cell(kernel.client, "numbers").reply["status"] == "ok"


def test_a_host_interrupts_the_persons_cell(host: Host, kernel: EditorKernel, kernel_id: str, gate: Gate) -> None:
    running = start_cell(kernel.client, gate.code)
    gate.wait()
    host.read("interrupt_kernel", kernel=kernel_id)
    assert finish_cell(kernel.client, running).reply["ename"] == "KeyboardInterrupt"


def test_the_person_is_asked_as_for_any_kernel_and_it_is_on_record(server: JupyterServer, kernel_id: str) -> None:
    with connect(server.mcp_url, server.host_token("reader")) as reader, Person(server) as person:
        assert reader.call("interrupt_kernel", kernel=kernel_id).is_error
        [asked] = person.approvals()
        assert (asked["kernel"], OPENED in asked["text"]) == (kernel_id, True)
        assert person.answer(asked["id"], "once").status_code == 200
        assert not reader.call("interrupt_kernel", kernel=kernel_id).is_error
    record = server.data_directory / "mcp-notebook" / "audit.jsonl"
    wait_until(lambda: '"reader"' in record.read_text() and kernel_id in record.read_text(), "the call to be on record")


def test_a_token_that_is_bound_sees_it_only_if_it_says_so(server: JupyterServer, kernel_id: str) -> None:
    with connect(server.mcp_url, server.host_token("elsewhere", "--notebook", OPENED)) as host:
        assert host.read("list_kernels")["kernels"] == []
        assert "There is no kernel" in text_of(host.call("list_variables", kernel=OPENED))
    with connect(server.mcp_url, server.host_token("here", "--kernel", kernel_id)) as host:
        assert host.read("list_variables", kernel=OPENED)["variables"]


def test_what_it_publishes_is_reached_through_jupyters_door(
    server: JupyterServer, kernel: EditorKernel, kernel_id: str
) -> None:
    assert kernel_id
    code = "%load_ext mcp_notebook\ndef double(n: int) -> int:\n    return 2 * n\n%mcp publish double --name doubled"
    assert run_cell(kernel.client, code).reply["status"] == "ok"
    caller = server.host_token("caller", "--published", "doubled")
    with connect(f"{server.mcp_url}/published/doubled", caller) as host:
        assert text_of(host.call("double", n=21)) == "42"


def test_the_doctor_finds_nothing_wrong_with_it(server: JupyterServer, kernel: EditorKernel, kernel_id: str) -> None:
    assert kernel_id
    os.utime(kernel.file, (0, 0))  # old enough to be found
    assert "an editor" not in server.run_cli("doctor").stdout


@pytest.mark.parametrize("tool", ["restart_kernel", "shutdown_kernel"])
def test_no_host_ends_it_and_nobody_is_asked_whether_it_may(
    server: JupyterServer, host: Host, kernel: EditorKernel, kernel_id: str, tool: str
) -> None:
    with connect(server.mcp_url, server.host_token(tool)) as reader, Person(server) as person:
        for each in (host, reader):
            refused = each.call(tool, kernel=kernel_id)
            assert refused.is_error
            assert "was not started by Jupyter" in text_of(refused)
        assert person.approvals() == []
    assert run_cell(kernel.client, "numbers").reply["status"] == "ok"


def test_jupyter_does_not_end_it_either(
    server: JupyterServer, host: Host, kernel: EditorKernel, kernel_id: str
) -> None:
    server.api("DELETE", f"/api/kernels/{kernel_id}")
    with pytest.raises(httpx.HTTPStatusError):
        server.api("POST", f"/api/kernels/{kernel_id}/restart")
    wait_until(lambda: find(host, OPENED), "it to be back")
    assert run_cell(kernel.client, "numbers").reply["status"] == "ok"
    culled = server.start_kernel()
    wait_until(lambda: f"({culled}) with 0 connections" in server.log_file.read_text(), "an idle kernel to be culled")
    assert f"({kernel_id}) with 0 connections" not in server.log_file.read_text()
    assert kernel.is_alive


def test_one_that_works_already_when_it_is_found_is_shown_so_until_it_is_idle(
    server: JupyterServer, host: Host, files: Path, tmp_path: Path, gate: Gate
) -> None:
    with EditorKernel(tmp_path, server.environment) as kernel:
        running = start_cell(kernel.client, f"found = 1\n{gate.code}")
        gate.wait()
        found = files / kernel.file.name
        shutil.copy(kernel.file, found)
        try:
            shown = wait_until(lambda: find(host, found.name), "the kernel")
            assert shown["state"] == "busy"
            assert host.read("inspect_variable", kernel=found.name, path="found")["text"] == "1"
            gate.open()
            assert finish_cell(kernel.client, running).reply["status"] == "ok"
            wait_until(lambda: find(host, found.name)["state"] == "idle", "it to be idle")
        finally:
            found.unlink()


def test_its_death_ends_a_call_and_takes_it_off_the_list(server: JupyterServer, host: Host, files: Path) -> None:
    with EditorKernel(files, server.environment) as kernel, ThreadPoolExecutor(1) as caller:
        name = kernel.file.name
        shown = wait_until(lambda: find(host, name), "the kernel")
        code = f"open({str(kernel.file)!r} + '.begun', 'x').close()\nwhile True: pass"
        call = caller.submit(host.call, "execute_code", kernel=shown["id"], code=code, wait=60)
        wait_until((files / f"{name}.begun").exists, "the code to begin")
        kernel.kill()
        answer = call.result(30)
        assert answer.is_error
        assert "died" in text_of(answer)
        wait_until(lambda: not find(host, name), "it to be off the list")
        assert kernel.file.exists()


def test_it_outlives_jupyter_and_the_next_one_knows_it_by_the_same_id(
    server: JupyterServer, token: str, kernel: EditorKernel, kernel_id: str
) -> None:
    server.end()
    assert "never retrieved" not in server.log_file.read_text()
    assert run_cell(kernel.client, "numbers").reply["status"] == "ok"
    server.start_again()
    with connect(server.mcp_url, token) as host:
        again = wait_until(lambda: find(host, OPENED), "the kernel")
        assert again["id"] == kernel_id
        assert host.read("inspect_variable", kernel=kernel_id, path="numbers")["text"] == "[1, 2, 3]"

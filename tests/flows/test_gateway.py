"""Where kernels run behind a Jupyter Kernel Gateway: cells and execution work as they do with kernels that run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import websocket
from nbformat.v4 import new_code_cell, new_notebook

from support.gateway import Gateway
from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTEBOOK = "far.ipynb"


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with Gateway() as gateway:
        words = [f"--gateway-url={gateway.url}", "--MCPNotebookApp.execute=allow", "--MCPNotebookApp.write=allow"]
        with JupyterServer(*words, environment={"JUPYTER_GATEWAY_AUTH_TOKEN": gateway.token}) as server:
            content = new_notebook(cells=[new_code_cell("far = 20 + 1", id="a")])
            server.api("PUT", f"/api/contents/{NOTEBOOK}", {"type": "notebook", "content": content})
            session = {"path": NOTEBOOK, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
            server.api("POST", "/api/sessions", session)
            yield server


@pytest.fixture(scope="module")
def host(server: JupyterServer) -> Iterator[Host]:
    with connect(server.mcp_url, server.host_token("host", "--execute", "--write")) as host:
        yield host


def test_a_host_runs_code_in_a_kernel_behind_the_gateway(host: Host) -> None:
    (kernel,) = host.read("list_kernels")["kernels"]
    assert kernel["notebook"] == NOTEBOOK
    ran = host.read("execute_code", kernel=NOTEBOOK, code="print('there')\n2 * 21", wait=60)
    assert ran["state"] == "done"
    assert [output["text"] for output in ran["outputs"]] == ["there\n", "42"]


def test_a_host_reads_adds_and_runs_cells(host: Host) -> None:
    assert host.read("run_cell", notebook=NOTEBOOK, cell="a", wait=60)["state"] == "done"
    added = host.read("insert_cell", notebook=NOTEBOOK, source="print(far * 2)", after="a")
    ran = host.read("run_cell", notebook=NOTEBOOK, cell=added["id"], wait=60)
    assert [output["text"] for output in ran["outputs"]] == ["42\n"]
    cells = host.read("read_notebook", notebook=NOTEBOOK)["cells"]
    assert [cell["id"] for cell in cells] == ["a", added["id"]]


def test_a_hosts_own_run_does_not_count_as_a_tab_in_which_the_notebook_is_open(host: Host) -> None:
    run = host.read("execute_code", kernel=NOTEBOOK, code="import time\nwhile True: time.sleep(0.01)", wait=0.5)
    added = host.read("insert_cell", notebook=NOTEBOOK, source="meanwhile = 1")
    host.read("cancel_execution", execution=run["execution"])
    assert host.read("read_execution", execution=run["execution"], wait=30)["state"] == "interrupted"
    host.read("delete_cell", notebook=NOTEBOOK, cell=added["id"], old="meanwhile = 1")


def test_cells_of_a_notebook_that_is_open_in_a_tab_are_refused(server: JupyterServer, host: Host) -> None:
    (kernel,) = server.api("GET", "/api/kernels")
    channels = f"{server.url.replace('http', 'ws', 1)}/api/kernels/{kernel['id']}/channels"
    tab = websocket.create_connection(channels, header={"Authorization": f"token {server.token}"}, timeout=30)
    try:
        tab.recv()  # the gateway has it now
        refused = host.call("insert_cell", notebook=NOTEBOOK, source="lost = 1")
    finally:
        tab.close()
    assert "is open in Jupyter" in text_of(refused)
    added = wait_until(lambda: _insert(host), "the tab to be gone")
    host.read("delete_cell", notebook=NOTEBOOK, cell=added, old="found = 1")


def _insert(host: Host) -> str | None:
    inserted = host.call("insert_cell", notebook=NOTEBOOK, source="found = 1")
    return None if inserted.structured_content is None else inserted.structured_content["id"]


def test_an_error_comes_with_its_traceback_and_an_endless_run_is_cancelled(host: Host) -> None:
    failed = host.call("execute_code", kernel=NOTEBOOK, code="1 / 0", wait=60)
    assert failed.is_error
    assert "ZeroDivisionError" in text_of(failed)
    run = host.read("execute_code", kernel=NOTEBOOK, code="import time\nwhile True: time.sleep(0.01)", wait=0.5)
    host.read("cancel_execution", execution=run["execution"])
    assert host.read("read_execution", execution=run["execution"], wait=30)["state"] == "interrupted"


def test_variables_are_read_while_the_kernel_is_idle_and_nothing_of_the_persons_is_touched(host: Host) -> None:
    (kernel,) = host.read("list_kernels")["kernels"]
    assert kernel["readable"] == "when_idle"
    host.read("execute_code", kernel=NOTEBOOK, code="import pandas as pd\ntable = pd.DataFrame({'a': [1, 2]})", wait=60)
    before = host.read("execute_code", kernel=NOTEBOOK, code="sorted(globals()), len(In), len(Out)", wait=60)
    listed = host.read("list_variables", kernel=NOTEBOOK, pattern="table")
    assert [variable["name"] for variable in listed["variables"]] == ["table"]
    assert listed["read_while_running"] is False
    assert host.read("inspect_variable", kernel=NOTEBOOK, path="far")["text"] == "21"
    assert host.read("read_dataframe", kernel=NOTEBOOK, name="table")["rows"] == [[1], [2]]
    assert "There is no variable" in text_of(host.call("inspect_variable", kernel=NOTEBOOK, path="nothing"))
    after = host.read("execute_code", kernel=NOTEBOOK, code="sorted(globals()), len(In), len(Out)", wait=60)
    assert after["outputs"] == before["outputs"]


def test_while_a_cell_runs_reading_is_refused_at_once(host: Host) -> None:
    run = host.read("execute_code", kernel=NOTEBOOK, code="import time\nwhile True: time.sleep(0.01)", wait=0.5)
    assert "busy" in text_of(host.call("list_variables", kernel=NOTEBOOK))
    host.read("cancel_execution", execution=run["execution"])
    assert host.read("read_execution", execution=run["execution"], wait=30)["state"] == "interrupted"

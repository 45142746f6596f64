"""Cells of a notebook that its person has open, with jupyter-collaboration: both see at once what the other does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from support.jupyter import JupyterServer
from support.mcp import Host, connect, text_of
from support.shared_tab import SharedTab
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cells import Gate

PATH = "shared.ipynb"


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer(collaboration=True) as server:
        yield server


@pytest.fixture(scope="module")
def host(server: JupyterServer) -> Iterator[Host]:
    with connect(server.mcp_url, server.host_token("writes", "--write", "--execute")) as host:
        yield host


@pytest.fixture(scope="module")
def kernel(server: JupyterServer) -> str:
    session: dict[str, Any] = {"path": PATH, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    return server.api("POST", "/api/sessions", session)["kernel"]["id"]


@pytest.fixture(scope="module")
def tab(server: JupyterServer) -> Iterator[SharedTab]:
    cells = [nbformat.v4.new_code_cell("rate = 1", id="first"), nbformat.v4.new_code_cell("print(rate)", id="second")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), server.notebook_directory / PATH)
    with SharedTab(server, PATH) as tab:
        yield tab


def test_what_the_person_types_is_read_before_it_is_saved_and_kept_by_an_edit(host: Host, tab: SharedTab) -> None:
    tab.type(0, 8, "0")
    wait_until(lambda: host.read("read_cell", notebook=PATH, cell="first")["source"] == "rate = 10", "what was typed")
    assert host.read("read_cell", notebook=PATH, cell="first")["live"]
    host.read("edit_cell", notebook=PATH, cell="first", old="rate", new="price = rate")
    tab.type(0, 0, "# mine\n")
    wait_until(lambda: tab.sources()[0] == "# mine\nprice = rate = 10", "the edit in the tab")
    edited = host.read("read_cell", notebook=PATH, cell="first")["source"]
    assert edited == "# mine\nprice = rate = 10"


def test_cells_that_a_host_inserts_moves_and_deletes_are_so_in_the_tab(host: Host, tab: SharedTab) -> None:
    before = tab.sources()
    inserted = host.read("insert_cell", notebook=PATH, source="new = 'ä'", after="second")
    wait_until(lambda: tab.sources() == [*before, "new = 'ä'"], "the new cell")
    host.read("edit_cell", notebook=PATH, cell=inserted["id"], old="'ä'", new="'äö'")
    host.read("move_cell", notebook=PATH, cell=inserted["id"], to=0)
    wait_until(lambda: tab.sources() == ["new = 'äö'", *before], "the moved cell")
    host.read("delete_cell", notebook=PATH, cell=inserted["id"], old="new = 'äö'")
    wait_until(lambda: tab.sources() == before, "the cell to go")


def test_outputs_of_a_run_are_in_the_tab_while_it_runs_and_counted_as_the_persons(
    server: JupyterServer, host: Host, tab: SharedTab, kernel: str, gate: Gate
) -> None:
    code = f"print('so far')\n{gate.code}print('done')"
    cell = host.read("insert_cell", notebook=PATH, source=code)
    wait_until(lambda: len(tab.sources()) == cell["index"] + 1, "the new cell")
    run = host.read("run_cell", notebook=PATH, cell=cell["id"], wait=0)
    gate.wait()
    wait_until(lambda: tab.cell(cell["index"])["outputs"], "what it shows so far")
    assert tab.cell(cell["index"])["outputs"][0]["text"] == "so far\n"
    assert host.read("read_notebook", notebook=PATH)["cells"][-1]["state"] == "running"
    gate.open()
    assert host.read("read_execution", execution=run["execution"])["state"] == "done"
    wait_until(lambda: tab.cell(cell["index"])["outputs"][0]["text"] == "so far\ndone\n", "the rest")
    assert tab.cell(cell["index"])["execution_count"] == 1
    assert server.kernel_state(kernel) == "idle"
    wait_until(lambda: '"done\\n"' in (server.notebook_directory / PATH).read_text(), "the outputs on disk")


def test_search_finds_what_is_not_saved_yet(host: Host, tab: SharedTab) -> None:
    tab.type(0, 0, "unsaved_name = 1\n")

    def found() -> bool:
        return bool(host.read("search_notebooks", text="unsaved_name")["matches"])

    wait_until(found, "what was typed")
    [notebook] = host.read("list_notebooks")["notebooks"]
    assert notebook["open"]


def test_text_that_is_not_there_changes_nothing_in_the_tab(host: Host, tab: SharedTab) -> None:
    before = tab.sources()
    missing = host.call("edit_cell", notebook=PATH, cell="first", old="no such text", new="x")
    assert "does not hold 'no such text'; nothing was changed" in text_of(missing)
    assert tab.sources() == before

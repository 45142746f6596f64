"""How a task of a server stands is one line under the cell, changed in place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, start_cell
from support.kernelspecs import NEWEST
from support.notebook import notebook_with_extension
from support.paths import CHECKOUT
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.notebook import Notebook

SERVER = CHECKOUT / "tests" / "mcp_notebook" / "tasks_server.py"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        yield notebook


@pytest.fixture
def kitchen(notebook: Notebook, tmp_path: Path) -> Iterator[Path]:
    """The directory of a server of its own, to which the notebook is connected over stdio."""
    notebook.run_well(f"%mcp connect baker -- {sys.executable} {SERVER} {tmp_path} stdio")
    yield tmp_path
    notebook.run_well("%mcp disconnect baker")


def next_line(notebook: Notebook) -> str:
    """The text of the next change of the line."""
    while True:
        message = notebook.client.get_iopub_msg(timeout=30)
        if message["msg_type"] in {"display_data", "update_display_data"}:
            return message["content"]["data"]["text/plain"]


def wait_for_line(notebook: Notebook, text: str) -> None:
    while next_line(notebook) != text:
        pass


def test_the_cell_that_waits_shows_how_the_task_stands_and_then_the_result(notebook: Notebook, kitchen: Path) -> None:
    baking = start_cell(notebook.client, "%mcp call bake minutes=3")
    wait_for_line(notebook, "bake: the server works on it: kneading")
    (kitchen / "kneading done").touch()
    wait_for_line(notebook, "bake: the server works on it: in the oven")
    (kitchen / "in the oven done").touch()
    cell = finish_cell(notebook.client, baking)
    assert cell.reply["status"] == "ok"
    last = cell.of_type("update_display_data")[-1]
    assert last["data"]["text/plain"] == "bake: done, as a task of the server: in the oven"
    (result,) = cell.of_type("execute_result")
    assert result["data"]["text/plain"].startswith("bread after 3 minutes")
    assert not cell.of_type("stream")


def test_an_interrupt_cancels_the_task_and_the_line_says_so(notebook: Notebook, kitchen: Path) -> None:
    baking = start_cell(notebook.client, "%mcp call bake")
    wait_for_line(notebook, "bake: the server works on it: kneading")
    notebook.manager.interrupt_kernel()
    cell = finish_cell(notebook.client, baking)
    assert cell.reply["status"] == "error"
    last = cell.of_type("update_display_data")[-1]
    assert last["data"]["text/plain"] == "bake: stopped; the server was told that nobody waits: kneading"
    wait_until((kitchen / "cancelled").exists, "the server to hear it")


def test_a_call_that_is_no_task_shows_no_line(notebook: Notebook, kitchen: Path) -> None:
    assert kitchen.exists()
    cell = notebook.run_well("%mcp call greet name=you")
    assert cell.of_type("display_data") == []

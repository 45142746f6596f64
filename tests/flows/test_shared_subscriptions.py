"""With jupyter-collaboration, a host hears what changes in an open notebook before anybody saves it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from support.ears import follow, rouse
from support.jupyter import JupyterServer
from support.mcp import MODES
from support.shared_tab import SharedTab

if TYPE_CHECKING:
    from collections.abc import Iterator

# What jupyter_server_ydoc logs of a tab that closes while a change is on its way to it.
CLOSED_WHILE_TOLD = re.compile(
    r"^\[E .*\] Failed to write message\n(?: +.*\n)+ +tornado.websocket.WebSocketClosedError\n", re.MULTILINE
)


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    never_saved = "--YDocExtension.document_save_delay=None"
    with JupyterServer(never_saved, collaboration=True) as server:
        yield server


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("host", "--read")


def save(server: JupyterServer, path: str) -> None:
    cells = [new_code_cell("1", id="a"), new_code_cell("2", id="b"), new_code_cell("3", id="c")]
    server.api("PUT", f"/api/contents/{path}", {"type": "notebook", "content": new_notebook(cells=cells)})


def show(tab: SharedTab, place: int, text: str) -> None:
    """Let a cell print something, as when its person runs it."""
    with tab._lock:
        tab.notebook.ycells[place]["outputs"].append({"output_type": "stream", "name": "stdout", "text": text})


def delete(tab: SharedTab, place: int) -> None:
    with tab._lock:
        tab.notebook.ycells.pop(place)


@pytest.mark.parametrize("mode", MODES)
def test_typing_and_outputs_are_heard_of_their_cells(server: JupyterServer, token: str, mode: str) -> None:
    path = f"shared-{mode}.ipynb"
    save(server, path)
    uri = f"jupyter://notebooks/{path}"
    a, b, shown = f"{uri}/cells/a", f"{uri}/cells/b", f"{uri}/cells/b/outputs/0"
    with (
        SharedTab(server, path) as tab,
        follow(server.mcp_url, token, mode, uri, a, b, shown) as ear,
    ):
        assert ear.honoured == [uri, a, b, shown]
        rouse(ear, uri, lambda: tab.type(2, 0, "#"))  # a cell that nobody follows
        assert {a, b, shown}.isdisjoint(ear.drain())
        tab.type(0, 0, "# ")
        ear.until(a)
        assert {b, shown}.isdisjoint(ear.drain())
        show(tab, 1, "two")
        heard = {ear.next()}
        while not {b, shown} <= heard:
            heard.add(ear.next())
        assert a not in heard
        delete(tab, 0)
        ear.until(a)


def test_a_notebook_that_is_opened_later_is_heard_from_then_on(server: JupyterServer, token: str) -> None:
    later = "later.ipynb"
    save(server, later)
    uri = f"jupyter://notebooks/{later}"
    cell = f"{uri}/cells/a"
    with (
        follow(server.mcp_url, token, "auto", uri, cell) as ear,
        SharedTab(server, later) as tab,
    ):
        rouse(ear, cell, lambda: tab.type(0, 0, "#"))


def test_none_of_that_left_a_traceback_in_the_log(server: JupyterServer) -> None:
    """The last one: it reads what the others left."""
    assert "Traceback" not in CLOSED_WHILE_TOLD.sub("", server.log_file.read_text())

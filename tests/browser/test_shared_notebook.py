"""A notebook that its person has open in JupyterLab, while two hosts change it: nobody's work is lost.

With jupyter-collaboration, in a real browser. More rounds: `INTERLEAVINGS=1000`.
"""

from __future__ import annotations

import os
import random
import threading
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from playwright.sync_api import expect

from support.interleavings import MOVED, TYPED_IN, Ledger, make_notebook
from support.jupyter import JupyterServer
from support.mcp import connect, text_of
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from support.mcp import Host

ROUNDS = int(os.environ.get("INTERLEAVINGS", "6"))
ROUNDS_OF_A_TAB = 100
"""JupyterLab 4.6 keeps 7 MB of each round: after 500 of them a tab has 3.6 GB, and a round takes thrice as long."""

STEPS = 5
PATH = "shared.ipynb"

NOTEBOOK = "window.jupyterapp.shell.currentWidget.content"
SOURCES = f"() => {NOTEBOOK}.model.toJSON().cells.map(cell => [cell.id, [].concat(cell.source).join('')])"
PUT_CURSOR = f"""([id, atTheEnd]) => {{
    const notebook = {NOTEBOOK};
    notebook.activeCellIndex = notebook.widgets.findIndex(cell => cell.model.id === id);
    notebook.mode = 'edit';
    const editor = notebook.activeCell.editor;
    editor.setCursorPosition(editor.getPositionAt(atTheEnd ? notebook.activeCell.model.sharedModel.source.length : 0));
    editor.focus();
}}"""
INSERT_CELL = f"""async () => {{
    const before = {NOTEBOOK}.widgets.map(cell => cell.model.id);
    await window.jupyterapp.commands.execute('notebook:insert-cell-below');
    const cells = {NOTEBOOK}.widgets.map(cell => cell.model);  // those that hosts have made meanwhile are not empty
    return cells.find(cell => !before.includes(cell.id) && cell.sharedModel.source === '').id;
}}"""


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--LabApp.expose_app_in_browser=True", front_ends=True, collaboration=True) as server:
        notebook = make_notebook()
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}  # else it is asked for
        nbformat.write(notebook, server.notebook_directory / PATH)
        yield server


@pytest.fixture(scope="module")
def hosts(server: JupyterServer) -> Iterator[list[Host]]:
    url = server.mcp_url
    with connect(url, server.host_token("a", "--write")) as a, connect(url, server.host_token("b", "--write")) as b:
        yield [a, b]


def open_tab(page: Page, server: JupyterServer) -> None:
    page.goto(f"{server.url}/lab/tree/{PATH}?token={server.token}&reset")
    expect(page.locator(".jp-Notebook .jp-Cell").first).to_be_visible()
    expect(page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')).to_be_visible()


@pytest.mark.timeout(120 + 10 * ROUNDS)
def test_two_hosts_and_a_person_with_an_open_tab_lose_nothing(
    page: Page, server: JupyterServer, hosts: list[Host]
) -> None:
    for seed in range(ROUNDS):
        if seed % ROUNDS_OF_A_TAB == 0:
            open_tab(page, server)
        chance, ledger, failures = random.Random(seed), Ledger(), []  # noqa: S311 - nothing is secret
        working = [
            threading.Thread(target=work, args=(name, host, random.Random(chance.random()), ledger, failures))  # noqa: S311
            for name, host in zip((f"a{seed}.", f"b{seed}."), hosts, strict=True)
        ]
        for each in working:
            each.start()
        type_in(f"p{seed}.", page, chance, ledger)
        for each in working:
            each.join()
        assert failures == []

        wait_until(lambda: page.evaluate(SOURCES) == read(hosts[0]), f"both to see the same (round {seed})")
        ledger.check([{"id": identity, "source": source} for identity, source in read(hosts[0])])
        clear(hosts[0])


def work(name: str, host: Host, chance: random.Random, ledger: Ledger, failures: list[str]) -> None:
    """What one host does, by its tools; with collaboration nothing of it may be refused."""
    own: list[tuple[str, str]] = []
    for number in range(STEPS):
        mark = f"{name}{number}x"
        kind = chance.choice(["insert", "insert", "edit", "edit", "move", "delete"])
        gone = own.pop() if kind == "delete" and own else None
        arguments: dict[str, Any] = {"notebook": PATH}
        if gone is not None:
            tool, arguments = "delete_cell", arguments | {"cell": gone[0], "old": gone[1]}
        elif kind == "move":
            tool, arguments = "move_cell", arguments | {"cell": MOVED, "to": chance.randrange(2)}
        elif kind == "insert":
            tool, arguments = "insert_cell", arguments | {"source": mark, "at": chance.randrange(2)}
        else:
            tool, arguments = "edit_cell", arguments | {"cell": TYPED_IN, "old": " end", "new": f" {mark} end"}
        result = host.call(tool, **arguments)
        if result.is_error:
            failures.append(f"{tool} {arguments}: {text_of(result)}")
            continue
        ledger.note(kind, mark, gone and gone[1])
        if kind == "insert":
            own.append(((result.structured_content or {})["id"], mark))


def type_in(name: str, tab: Page, chance: random.Random, ledger: Ledger) -> None:
    """The person writes into a cell that the hosts change, and into new ones; what the tab has taken must stay.

    In one go, as by pasting: where cells come and go above the cursor, JupyterLab 4.6 sometimes takes the cursor to
    another cell between two keys, whoever makes them come and go. A person looks whether it was taken, and does it
    again.
    """
    for number in range(STEPS):
        mark = f"{name}{number}x"
        place = tab.evaluate(INSERT_CELL) if chance.random() < 0.4 else TYPED_IN
        while mark not in str(tab.evaluate(SOURCES)):
            tab.evaluate(PUT_CURSOR, [place, chance.random() < 0.5])
            tab.keyboard.insert_text(mark)
        ledger.present.add(mark)


def read(host: Host) -> list[list[str]]:
    cells = host.read("read_notebook", notebook=PATH, sources=True, limit=100)["cells"]
    return [[cell["id"], cell["source"]] for cell in cells]


def clear(host: Host) -> None:
    """Leave the two cells that each round begins with."""
    for identity, source in read(host):
        if identity == TYPED_IN:
            host.read("edit_cell", notebook=PATH, cell=identity, old=source, new="start end")
        elif identity != MOVED:
            host.read("delete_cell", notebook=PATH, cell=identity, old=source)

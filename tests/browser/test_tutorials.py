"""The tutorials in JupyterLab, as a reader works through them: shipped notebooks are run, and their widgets clicked.

What the reader writes is one more cell, as the exercises ask for. Knows what stands in those cells and on the widgets.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell
from playwright.sync_api import expect

from support.front_end import open_and_run
from support.tutorials import NOTEBOOKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize

    from support.jupyter import JupyterServer

MILLISECONDS = 60_000
"""How long a page may take for anything."""

WHOLE: ViewportSize = {"width": 1280, "height": 4000}
"""JupyterLab takes cells that are out of sight out of the page."""


@pytest.fixture(scope="module")
def tutorials(jupyter_server: JupyterServer) -> JupyterServer:
    """Has the tutorials, as a reader's `jupyter lab notebooks/` has them."""
    shutil.copytree(NOTEBOOKS, jupyter_server.notebook_directory, dirs_exist_ok=True)
    return jupyter_server


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all, so that the browser fetches JupyterLab once."""
    context = browser.new_context(viewport=WHOLE)
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def run(page: Page, server: JupyterServer, name: str, *written: str, before: str, ends: bool = True) -> None:
    """Open a tutorial, with cells that the reader has written before one of its own, and have it run.

    Args:
        page: a tab.
        server: has the tutorials.
        name: the tutorial's number.
        *written: the reader's cells.
        before: what stands in the cell that they are before.
        ends: whether that cell and those after it are run, too.
    """
    file = next(server.notebook_directory.glob(f"{name}-*.ipynb"))
    notebook = nbformat.read(file, as_version=4)
    place = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code" and before in cell.source)
    if not ends:
        del notebook.cells[place:]
    notebook.cells[place:place] = [new_code_cell(code) for code in written]
    notebook.cells.insert(0, new_code_cell("begun = True"))  # quick: `open_and_run` waits for the first
    nbformat.write(notebook, file)
    open_and_run(page, server, "JupyterLab", file)


def question(page: Page, title: str) -> Locator:
    """What a server asks, while it can be answered."""
    return page.get_by_role("group", name=title).filter(has=page.locator("button:enabled"))


def call_in_explorer(page: Page, tool: str, **values: str) -> Locator:
    """Pick a tool, fill its form in by the names on it, and run it; gives the part that shows the tool."""
    explorer = page.locator(".mcp-explorer")
    explorer.get_by_role("option", name=tool).click()
    panel = explorer.locator("[role=tabpanel]:visible")
    for field, value in values.items():
        panel.get_by_role("textbox", name=field.replace("_", " "), exact=True).fill(value)
    panel.get_by_role("button", name="Run").click()
    return panel


def test_the_quickstarts_explorer_calls_the_tool(page: Page, tutorials: JupyterServer) -> None:
    run(page, tutorials, "00", before="%mcp disconnect", ends=False)
    values = {"Source_Timezone": "Asia/Seoul", "Time": "12:00", "Target_Timezone": "Asia/Dubai"}
    panel = call_in_explorer(page, "convert_time", **values)
    expect(panel.get_by_role("region", name="Result")).to_contain_text("-5.0h")
    page.locator(".mcp-explorer").get_by_role("tab", name="Log").click()
    expect(panel.locator(".row", has_text="tools/call").first).to_be_visible()


def test_the_server_that_was_written_is_tried_in_the_explorer(page: Page, tutorials: JupyterServer) -> None:
    run(page, tutorials, "08", "%mcp explore birds", before="from servers.somebody import", ends=False)
    panel = call_in_explorer(page, "count", Species="coot")
    expect(panel.get_by_role("region", name="Result")).to_contain_text("15")


def test_the_desks_questions_are_answered_by_hand(page: Page, tutorials: JupyterServer) -> None:
    rules = "rules = %mcp policy elicitation=ask --server {0}\nrules = %mcp policy sampling=ask --server {0}"
    written = [
        rules.format("desk") + "\n" + rules.format("legacy"),
        "%mcp call desk.lend title=Momo",
        "%mcp call desk.lend title=Dune",
        "%mcp call desk.advertise title=Dune",
        "%mcp call legacy.register name=Grace",
    ]
    run(page, tutorials, "10", *written, before="%mcp disconnect")
    page.context.route("https://library.example/**", lambda route: route.fulfill(body="Paid."))

    form = question(page, "The server asks for something").filter(has_text="Who borrows Momo?")
    expect(form).to_contain_text("desk")
    form.get_by_label("Reader").fill("Ida")
    form.get_by_label("Weeks").fill("4")
    form.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Momo is lent to Ida for 4 weeks.")).to_be_visible()

    form = question(page, "The server asks for something").filter(has_text="Who borrows Dune?")
    form.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Dune stays here.")).to_be_visible()

    words = question(page, "The server asks a language model; you are to write its answer")
    expect(words).to_contain_text("A desert, a spice, a war.")
    words.get_by_label("Answer").fill("Who has spice has all")
    words.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("New here: Dune. Who has spice has all")).to_be_visible()

    link = question(page, "The server wants a page opened")
    expect(link.locator(".host")).to_have_text("library.example")
    with page.expect_popup() as opened:
        link.get_by_role("button", name="Open it").click()
    opened.value.close()
    expect(page.get_by_text("Grace: accept")).to_be_visible()


def test_poisoned_tools_and_a_letters_orders_are_declined_by_hand(page: Page, tutorials: JupyterServer) -> None:
    run(page, tutorials, "12", before="def ask_from_page", ends=False)
    poisoned = question(page, "May a model read what tools of calculator say?")
    expect(poisoned).to_contain_text("tells the model to hide something from you")
    poisoned.get_by_role("button", name="Decline").click()
    expect(page.get_by_text(re.compile("left out: calculator.add.*clicked"))).to_be_visible()

    injected = question(page, "A model wants to call notes.read_note")
    expect(injected).to_contain_text("What mail.read_mail gave speaks of read_note")
    injected.get_by_role("button", name="Decline").click()
    expect(page.get_by_text(re.compile(r"call notes.read_note was declined \(clicked\)"))).to_be_visible()
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("The person does not want this to be called")


def test_the_person_says_yes_and_no_to_the_host_on_the_page(page: Page, tutorials: JupyterServer) -> None:
    ask = 'assistant.ask("execute_code", kernel="analysis.ipynb", code="{}")'
    show, answer = "somebody.show_page()", "print('the host gets', assistant.answer()['text'])"
    written = [f"{ask.format('6 * 7')}\n{show}", answer, ask.format("penguins.shape"), answer]
    run(page, tutorials, "13", *written, before="%mcp disconnect")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the page on which hosts are answered").click()
    inbox: Any = opened.value
    inbox.get_by_role("article").filter(has_text="6 * 7").get_by_role("button", name="Allow once").click()
    expect(page.get_by_text("the host gets 42")).to_be_visible()
    inbox.get_by_role("article").filter(has_text="penguins.shape").get_by_role("button", name="Decline").click()
    expect(page.get_by_text(re.compile("the host gets .*declined"))).to_be_visible()
    inbox.close()
    expect(page.get_by_text("Disconnected from jupyter.")).to_be_visible()
    expect(
        page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    ).to_be_visible()  # that Jupyter has ended

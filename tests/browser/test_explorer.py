"""The explorer in JupyterLab and Notebook 7: everything by keyboard alone, and what has the focus keeps it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from support.front_end import FRONT_ENDS, open_and_run, write_notebook
from support.shown_explorer import WHOLE, ShownExplorer
from support.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.jupyter import JupyterServer

SERVER = Path(__file__).parents[1] / "mcp_notebook" / "explorer" / "market_server.py"
BAKER = Path(__file__).parents[1] / "mcp_notebook" / "tasks_server.py"


def set_theme(server: JupyterServer, look: str) -> None:
    place = "/lab/api/settings/@jupyterlab/apputils-extension:themes"
    server.api("PUT", place, {"raw": json.dumps({"theme": f"JupyterLab {look.capitalize()}"})})


def cells(directory: Path, *more: str, tools: int = 2000) -> list[str]:
    connect = f"%mcp connect market -- {sys.executable} {SERVER} {directory} {tools}"
    return ["%load_ext mcp_notebook", connect, *more]


def place_order(explorer: ShownExplorer) -> None:
    """Find a tool among 2,000, fill its nested form in, and run it."""
    explorer.find("place order")
    expect(explorer.node.get_by_role("heading", name="Place an order")).to_be_focused()
    explorer.press(explorer.panel().get_by_role("button", name="Add an item"))
    explorer.tab_to(explorer.panel().get_by_role("textbox", name="Name"))
    explorer.keys.type("apple")
    explorer.tab_to(explorer.panel().get_by_role("textbox", name="Street"))
    explorer.keys.type("Jongno 1")
    explorer.check("tool")
    explorer.press(explorer.panel().get_by_role("button", name="Run"))
    expect(explorer.panel().get_by_role("region", name="Result")).to_contain_text('"street": "Jongno 1"')
    variable = explorer.panel().get_by_role("textbox", name="Name of a variable")
    explorer.tab_to(variable)
    explorer.keys.type("order")
    explorer.keys.press("Enter")
    expect(explorer.panel().get_by_text("order has the result.")).to_be_visible()
    explorer.check("result")


def pack_and_cancel(explorer: ShownExplorer, directory: Path) -> None:
    """Run with progress to the end, and cancel another on the wire."""
    explorer.find("pack parcels")
    expect(explorer.node.get_by_role("heading", name="pack_parcels")).to_be_focused()
    explorer.press(explorer.panel().get_by_role("button", name="Run"))
    for parcel in (1, 2, 3):
        expect(explorer.panel().get_by_text(f"{parcel} of 3 · parcel {parcel}")).to_be_visible()
        if parcel == 2:
            explorer.check("progress")
        (directory / f"packed{parcel}").touch()
    expect(explorer.panel().get_by_role("region", name="Result")).to_contain_text("3 parcels are packed")
    explorer.find("wait rain")
    expect(explorer.node.get_by_role("heading", name="wait_for_rain")).to_be_focused()
    explorer.press(explorer.panel().get_by_role("button", name="Run"))
    wait_until((directory / "waiting").exists, "the call to come to the server")
    explorer.press(explorer.panel().get_by_role("button", name="Cancel"))
    expect(explorer.panel().get_by_text("Cancelled", exact=True)).to_be_visible()
    wait_until((directory / "cancelled").exists, "the server to hear that the call is cancelled")


def replay(explorer: ShownExplorer) -> None:
    explorer.go_to_tab("History")
    expect(explorer.panel().get_by_text("cancelled", exact=False).first).to_be_visible()
    explorer.press(explorer.panel().get_by_role("button", name="Replay call 1, market.place_order", exact=True))
    expect(explorer.panel().get_by_role("region", name="Result")).to_contain_text('"street": "Jongno 1"')
    expect(explorer.panel().get_by_text("4. market.place_order")).to_be_visible()
    explorer.check("history")
    explorer.press(explorer.panel().get_by_role("button", name="Edit and replay call 1, market.place_order"))
    expect(explorer.panel().get_by_role("textbox", name="Street")).to_have_value("Jongno 1")


def read_resources(explorer: ShownExplorer) -> None:
    explorer.go_to_tab("Resources")
    explorer.find("rules")
    content = explorer.panel().get_by_role("region", name="Content")
    expect(content.get_by_role("heading", name="Rules")).to_be_visible()
    assert explorer.page.evaluate("window.ran") is None
    explorer.check("markdown")
    explorer.find("prices.csv")
    expect(content.get_by_role("cell", name="1010")).to_be_visible()
    explorer.find("sign.png")
    expect(content.get_by_role("img")).to_be_visible()
    explorer.find("key.bin")
    expect(content.get_by_text("00000010")).to_be_visible()
    explorer.find("market {shelf}")
    expect(explorer.panel().get_by_role("combobox", name="shelf")).to_be_focused()
    explorer.keys.type("fru")
    expect(explorer.panel().locator("datalist option[value=fruit]")).to_have_count(1)
    explorer.keys.type("it")
    explorer.keys.press("Tab")
    explorer.keys.type("plum")
    explorer.keys.press("Enter")
    expect(content.get_by_text("plum of fruit")).to_be_visible()
    explorer.check("resource")


def complete_prompt(explorer: ShownExplorer) -> None:
    explorer.go_to_tab("Prompts")
    explorer.find("meal")
    explorer.tab_to(explorer.panel().get_by_role("combobox", name="shelf"))
    explorer.keys.type("bre")
    expect(explorer.panel().locator("datalist option[value=bread]")).to_have_count(1)
    explorer.keys.type("ad")
    explorer.keys.press("Tab")
    expect(explorer.panel().locator("datalist option[value=rye]")).to_have_count(1)
    explorer.keys.type("rye")
    explorer.keys.press("Enter")
    expect(explorer.panel().get_by_text("Plan a meal with rye from bread.")).to_be_visible()
    explorer.check("prompt")


def watch_log(explorer: ShownExplorer) -> None:
    explorer.go_to_tab("Log")
    expect(explorer.panel().locator(".row").first).to_be_visible()
    explorer.find("prompts/get")
    exchange = explorer.panel().get_by_role("region", name="Exchange")
    expect(exchange.get_by_text('"name": "plan_meal"')).to_be_visible()
    expect(exchange.get_by_text("Plan a meal with rye from bread.")).to_be_visible()
    explorer.check("log")


def look_around(explorer: ShownExplorer) -> None:
    explorer.go_to_tab("Server")
    expect(explorer.panel().get_by_text("Ask before you buy.")).to_be_visible()
    explorer.check("server")
    explorer.go_to_tab("Policy")
    explorer.press(explorer.panel().get_by_role("button", name="Revoke elicitation=decline for market"))
    expect(explorer.panel().get_by_text("There are no rules")).to_be_visible()
    explorer.check("policy")


def follow_task(explorer: ShownExplorer, kitchen: Path) -> None:
    """Run what its server makes a task of, see how that stands, and cancel it."""
    explorer.go_to_tab("Tools")
    explorer.tab_to(explorer.panel().get_by_role("combobox", name="Search tools"))
    explorer.keys.press("ControlOrMeta+a")
    explorer.keys.press("Delete")
    explorer.choose_server("baker")
    explorer.find("bake")
    expect(explorer.node.get_by_role("heading", name="bake")).to_be_focused()
    explorer.press(explorer.panel().get_by_role("button", name="Run"))
    expect(explorer.panel().get_by_text("the server works on it: kneading", exact=True)).to_be_visible()
    expect(explorer.panel().get_by_role("progressbar")).to_be_visible()
    explorer.check("task")
    (kitchen / "kneading done").touch()
    expect(explorer.panel().get_by_text("the server works on it: in the oven", exact=True)).to_be_visible()
    explorer.press(explorer.panel().get_by_role("button", name="Cancel"))
    expect(explorer.panel().get_by_text("Cancelled", exact=True)).to_be_visible()
    wait_until((kitchen / "cancelled").exists, "the server to hear that the task is cancelled")


def run_first_cell(explorer: ShownExplorer, line: str) -> None:
    """Write another line into the first cell, and run it."""
    explorer.page.locator(".jp-CodeCell .cm-content").first.click()
    explorer.keys.press("ControlOrMeta+a")
    explorer.keys.insert_text(line)
    explorer.keys.press("Control+Enter")


def connect_again(explorer: ShownExplorer, connect: str) -> None:
    """Disconnect the server that is chosen, and connect to it again: it is chosen again."""
    for line, chosen in (("%mcp disconnect baker", "market"), (connect, "baker")):
        run_first_cell(explorer, line)
        expect(explorer.node.get_by_role("combobox", name="Server", exact=True)).to_have_value(chosen)


@pytest.mark.parametrize(("front_end", "look"), [*zip(FRONT_ENDS, ("light", "dark"), strict=True)])
def test_everything_is_done_by_keyboard_alone(
    page: Page, jupyter_server: JupyterServer, front_end: str, look: str, tmp_path: Path
) -> None:
    file = jupyter_server.notebook_directory / f"explorer-{front_end}.ipynb"
    rule = "%mcp policy elicitation=decline --server market"
    (kitchen := tmp_path / "kitchen").mkdir()
    bake = f"%mcp connect baker -- {sys.executable} {BAKER} {kitchen} stdio"
    write_notebook(file, cells(tmp_path, rule, bake, "%mcp explore"))
    set_theme(jupyter_server, look)
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, front_end, file)
    explorer = ShownExplorer(page, tmp_path, look)

    explorer.begin()
    expect(explorer.node.get_by_text(re.compile(r"2,00\d tools"))).to_be_visible()
    explorer.check("tools")
    place_order(explorer)
    pack_and_cancel(explorer, tmp_path)
    replay(explorer)
    read_resources(explorer)
    complete_prompt(explorer)
    watch_log(explorer)
    look_around(explorer)
    follow_task(explorer, kitchen)
    connect_again(explorer, bake)


def test_what_has_the_focus_keeps_it_while_the_page_is_told_more(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path
) -> None:
    file = jupyter_server.notebook_directory / "focus.ipynb"
    first, second = ("%mcp policy elicitation=decline --server market", "%mcp policy sampling=decline --server market")
    write_notebook(file, cells(tmp_path, first, "%mcp explore", tools=1))
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, "JupyterLab", file)
    explorer = ShownExplorer(page, tmp_path, "light")
    explorer.begin()
    explorer.go_to_tab("Policy")
    revoke = explorer.panel().get_by_role("button", name="Revoke elicitation=decline for market")
    expect(revoke).to_be_visible()
    run_first_cell(explorer, second)
    explorer.begin()
    explorer.tab_to(revoke)

    explorer.node.get_by_role("button", name="Ask the server again").evaluate("button => button.click()")

    expect(explorer.panel().get_by_role("button", name="Revoke sampling=decline for market")).to_be_visible()
    expect(revoke).to_be_focused()
    explorer.keys.press("Enter")
    expect(revoke).to_have_count(0)
    expect(explorer.panel().get_by_text("Revoked: elicitation=decline for market")).to_be_visible()
    expect(explorer.panel().get_by_role("region", name="Policy")).to_be_focused()

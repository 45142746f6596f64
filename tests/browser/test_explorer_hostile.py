"""An explorer of a server that lies: what it sends is text on the page, whatever it is."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.front_end import open_and_run, write_notebook
from support.shown_explorer import WHOLE, ShownExplorer

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.jupyter import JupyterServer

HOSTILE = Path(__file__).parents[1] / "mcp_notebook" / "explorer" / "hostile_server.py"
UNSEEN = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def look_safe(explorer: ShownExplorer) -> None:
    """Nothing of the server's is HTML on the page, hidden, or without end."""
    node = explorer.node
    assert explorer.page.evaluate("window.ran") is None
    assert node.locator("script, img[onerror], img[src=x], a[href^=javascript]").count() == 0
    text = node.inner_text()
    assert not UNSEEN.search(text)
    assert len(text) < 200_000


def test_a_hostile_server_is_shown_as_text_bounded_and_without_what_hides(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path
) -> None:
    file = jupyter_server.notebook_directory / "hostile.ipynb"
    connect = f"%mcp connect evil -- {sys.executable} {HOSTILE}"
    write_notebook(file, ["%load_ext mcp_notebook", connect, "%mcp explore"])
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, "JupyterLab", file)
    explorer = ShownExplorer(page, tmp_path, "light")
    explorer.begin()
    panel = explorer.panel()
    expect(panel.get_by_text("1 not shown: the name is too long.")).to_be_visible()
    for tool in ("evil", "long"):
        explorer.find(tool)
        expect(panel.get_by_role("heading", name=tool)).to_be_focused()
        look_safe(explorer)
    panel.get_by_role("button", name="Run").click()
    expect(panel.get_by_text("Done in")).to_be_visible()
    expect(panel.get_by_role("region", name="Result")).to_contain_text("<script>")
    look_safe(explorer)
    explorer.node.screenshot(path=tmp_path / "hostile.png")
    explorer.go_to_tab("Resources")
    explorer.find("evil")
    expect(panel.get_by_role("region", name="Content")).to_contain_text("<script>")
    look_safe(explorer)
    explorer.go_to_tab("Prompts")
    explorer.find("evil")
    panel.get_by_role("button", name="Get messages").click()
    expect(panel.get_by_role("region", name="Messages")).to_contain_text("<script>")
    look_safe(explorer)
    explorer.go_to_tab("Server")
    expect(panel.get_by_text("more characters")).to_be_visible()
    look_safe(explorer)
    explorer.go_to_tab("Log")
    panel.get_by_text("What the server wrote to stderr").click()
    expect(panel.get_by_text("<script>").first).to_be_visible()
    explorer.find("resources/list")
    expect(panel.get_by_role("region", name="Exchange")).to_contain_text("more characters")
    look_safe(explorer)
    explorer.go_to_tab("History")
    look_safe(explorer)

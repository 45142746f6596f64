"""The explorer in JupyterLab and Notebook 7: everything by keyboard alone, what it costs, and what remains of it."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from support.front_end import FRONT_ENDS, open_and_run, write_notebook
from support.node import node_command
from support.waiting import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

    from support.jupyter import JupyterServer

HOSTILE = Path(__file__).parents[1] / "mcp_notebook" / "explorer" / "hostile_server.py"
SERVER = Path(__file__).parents[1] / "mcp_notebook" / "explorer" / "market_server.py"
BAKER = Path(__file__).parents[1] / "mcp_notebook" / "tasks_server.py"
WHOLE: ViewportSize = {"width": 1280, "height": 1400}
RULES = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']"
TOOLS = 2000


def set_theme(server: JupyterServer, look: str) -> None:
    place = "/lab/api/settings/@jupyterlab/apputils-extension:themes"
    server.api("PUT", place, {"raw": json.dumps({"theme": f"JupyterLab {look.capitalize()}"})})


class Explorer:
    """An explorer on a page, used with the keyboard alone.

    Args:
        page: that shows it.
        pictures: where pictures of it lie.
        look: "light" or "dark".
    """

    def __init__(self, page: Page, pictures: Path, look: str) -> None:
        self.page = page
        self.node = page.locator(".mcp-explorer")
        self.keys = page.keyboard
        self._pictures = pictures
        self._look = look

    def panel(self) -> Locator:
        return self.node.locator("[role=tabpanel]:visible")

    def begin(self) -> None:
        """Go to the first tab, as a person who presses Tab does."""
        expect(self.node).to_be_visible()
        self.node.get_by_role("tab", selected=True).focus()

    def go_to_tab(self, name: str) -> None:
        self.node.get_by_role("tab", selected=True).focus()
        for _ in range(7):
            if self.node.get_by_role("tab", name=name, selected=True).count():
                return
            self.keys.press("ArrowRight")
        expect(self.node.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")

    def tab_to(self, target: Locator, key: str = "Tab") -> None:
        """Press Tab until something has the focus."""
        expect(target).to_be_visible()
        for _ in range(40):
            if target.evaluate("node => node === document.activeElement"):
                return
            self.keys.press(key)
        raise AssertionError(f"{key} does not come to {target}")

    def choose_server(self, name: str) -> None:
        select = self.node.get_by_role("combobox", name="Server", exact=True)
        self.node.get_by_role("tab", selected=True).focus()
        self.tab_to(select, "Shift+Tab")
        self.keys.type(name)
        expect(select).to_have_value(name)

    def press(self, target: Locator) -> None:
        self.tab_to(target)
        self.keys.press("Enter")

    def find(self, text: str) -> None:
        """Type into the search field of the shown part, and open what is found first."""
        expect(self.panel().locator(".row").first).to_be_visible()
        if self.page.evaluate("Boolean(document.activeElement.closest('.detail'))"):
            self.keys.press("Escape")
        self.tab_to(self.panel().locator("input[type=search]"))
        self.keys.press("ControlOrMeta+a")
        self.keys.type(text)
        self.keys.press("Enter")

    def check(self, name: str) -> None:
        """Take a picture, and hold what is shown against the rules for screen readers and weak eyes."""
        self.node.screenshot(path=self._pictures / f"{name}-{self._look}.png")
        self.page.evaluate(Path(node_command("axe-core", "axe.min.js")[1]).read_text())
        found: Any = self.page.evaluate(f"axe.run('.mcp-explorer', {{ runOnly: {RULES} }})")
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []


def cells(directory: Path, *more: str, tools: int = TOOLS) -> list[str]:
    connect = f"%mcp connect market -- {sys.executable} {SERVER} {directory} {tools}"
    return ["%load_ext mcp_notebook", connect, *more]


def place_order(explorer: Explorer) -> None:
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


def pack_and_cancel(explorer: Explorer, directory: Path) -> None:
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


def replay(explorer: Explorer) -> None:
    explorer.go_to_tab("History")
    expect(explorer.panel().get_by_text("cancelled", exact=False).first).to_be_visible()
    explorer.press(explorer.panel().get_by_role("button", name="Replay call 1, market.place_order", exact=True))
    expect(explorer.panel().get_by_role("region", name="Result")).to_contain_text('"street": "Jongno 1"')
    expect(explorer.panel().get_by_text("4. market.place_order")).to_be_visible()
    explorer.check("history")
    explorer.press(explorer.panel().get_by_role("button", name="Edit and replay call 1, market.place_order"))
    expect(explorer.panel().get_by_role("textbox", name="Street")).to_have_value("Jongno 1")


def read_resources(explorer: Explorer) -> None:
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


def complete_prompt(explorer: Explorer) -> None:
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


def watch_log(explorer: Explorer) -> None:
    explorer.go_to_tab("Log")
    expect(explorer.panel().locator(".row").first).to_be_visible()
    explorer.find("prompts/get")
    exchange = explorer.panel().get_by_role("region", name="Exchange")
    expect(exchange.get_by_text('"name": "plan_meal"')).to_be_visible()
    expect(exchange.get_by_text("Plan a meal with rye from bread.")).to_be_visible()
    explorer.check("log")


def look_around(explorer: Explorer) -> None:
    explorer.go_to_tab("Server")
    expect(explorer.panel().get_by_text("Ask before you buy.")).to_be_visible()
    explorer.check("server")
    explorer.go_to_tab("Policy")
    explorer.press(explorer.panel().get_by_role("button", name="Revoke elicitation=decline for market"))
    expect(explorer.panel().get_by_text("There are no rules")).to_be_visible()
    explorer.check("policy")


def follow_task(explorer: Explorer, kitchen: Path) -> None:
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


def connect_again(explorer: Explorer, connect: str) -> None:
    """Disconnect the server that is chosen, and connect to it again: it is chosen again."""
    for line, chosen in (("%mcp disconnect baker", "market"), (connect, "baker")):
        explorer.page.locator(".jp-CodeCell .cm-content").first.click()
        explorer.keys.press("ControlOrMeta+a")
        explorer.keys.insert_text(line)
        explorer.keys.press("Control+Enter")
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
    explorer = Explorer(page, tmp_path, look)

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


WATCH_OPENING = """() => {
  window.opened = null;
  let begun = null;
  new MutationObserver((_, observer) => {
    if (begun === null && document.querySelector(".mcp-explorer")) begun = performance.now();
    if (begun === null || !document.querySelector(".mcp-explorer .row")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => (window.opened = performance.now() - begun)));
  }).observe(document.body, { subtree: true, childList: true });
}"""
WATCH_KEYS = """(search) => {
  window.keystrokes = [];
  search.addEventListener("input", () => {
    const begun = performance.now();
    requestAnimationFrame(() => setTimeout(() => window.keystrokes.push(performance.now() - begun)));
  }, { capture: true });
}"""
WATCH_FRAMES = """() => {
  window.longest = 0;
  let last = performance.now();
  const look = (now) => {
    window.longest = Math.max(window.longest, now - last);
    last = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def run_from_page(explorer: Explorer, tool: str, **arguments: int) -> None:
    """Find a tool, fill in numbers, run it."""
    panel = explorer.panel()
    panel.locator("input[type=search]").fill(tool)
    explorer.page.keyboard.press("Enter")
    expect(panel.get_by_role("heading", name=tool)).to_be_visible()
    for name, value in arguments.items():
        panel.get_by_role("textbox", name=name).fill(str(value))
    panel.get_by_role("button", name="Run").click()


def longest_frame(page: Page) -> float:
    longest = page.evaluate("window.longest")
    page.evaluate("window.longest = 0")
    return longest


@pytest.mark.alone
def test_thousands_of_tools_messages_and_kilobytes_leave_the_page_quick(
    page: Page, jupyter_server: JupyterServer, tmp_path: Path
) -> None:
    file = jupyter_server.notebook_directory / "quick.ipynb"
    write_notebook(file, cells(tmp_path, "%mcp log --live"))
    page.set_viewport_size(WHOLE)
    open_and_run(page, jupyter_server, "JupyterLab", file)
    expect(page.get_by_role("region", name="MCP log")).to_contain_text("messages")
    page.get_by_role("button", name="Close the explorer").click()
    expect(page.locator(".mcp-explorer")).to_have_count(0)

    cell = page.locator(".jp-CodeCell .cm-content").last
    cell.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text("%mcp explore")
    page.evaluate(WATCH_OPENING)
    page.keyboard.press("Control+Enter")
    explorer = Explorer(page, tmp_path, "light")
    expect(explorer.node.get_by_text("2,008 tools")).to_be_visible()
    page.wait_for_function("window.opened !== null")
    opened = page.evaluate("window.opened")

    search = explorer.node.get_by_role("combobox", name="Search tools")
    search.evaluate(WATCH_KEYS)
    search.press_sequentially("check parcels 1")
    for _ in range(15):
        search.press("Backspace")
    page.wait_for_function("window.keystrokes.length === 30")
    keystrokes = sorted(page.evaluate("window.keystrokes"))
    keystroke = keystrokes[26]  # of 30: nine tenths; whatever else the machine does may hold one up

    page.evaluate(WATCH_FRAMES)
    run_from_page(explorer, "ledger", Kibibytes=900)
    expect(explorer.panel().get_by_text("more characters")).to_be_visible()
    large = longest_frame(page)
    run_from_page(explorer, "shout", Messages=5000)
    explorer.node.get_by_role("tab", name="Log").click()
    expect(explorer.panel().get_by_text("5,000 messages")).to_be_visible()
    messages = longest_frame(page)

    print(f"open {opened:.0f} ms, keystroke {keystroke:.0f} ms, the slowest {keystrokes[-1]:.0f} ms")  # noqa: T201  it is a measurement
    print(f"longest frame: {large:.0f} ms with 900 KiB, {messages:.0f} ms with 1,000 messages a second")  # noqa: T201
    assert opened <= 300
    assert keystroke <= 50
    assert large <= 200
    assert messages <= 200


UNSEEN = re.compile("[\u200b\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def look_safe(explorer: Explorer) -> None:
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
    explorer = Explorer(page, tmp_path, "light")
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

"""An explorer in a browser, used with the keyboard alone.

Knows where its parts are on the page, by their roles and names. Knows nothing of what a server offers.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from support.node import node_command

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, ViewportSize

__all__ = ["WHOLE", "ShownExplorer"]

WHOLE: ViewportSize = {"width": 1280, "height": 1400}
"""A window in which all of it is in sight."""

_RULES = "['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']"


class ShownExplorer:
    """An explorer on a page.

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
        found: Any = self.page.evaluate(f"axe.run('.mcp-explorer', {{ runOnly: {_RULES} }})")
        assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []

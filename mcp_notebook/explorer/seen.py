"""What was last seen in an explorer, for where no widget is: a saved notebook on GitHub, nbviewer, nbconvert.

Knows one view for each part of the explorer, and how long all of them may be. Refuses to know how an output is changed
(`widget`).
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from mcp_notebook.display import View, join_views, text_view, titled_view

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STILL_CLASS", "Seen"]

STILL_CLASS = "mcp-explorer-still"
"""By which the page hides it while the explorer is there."""

_MAX_HTML = 128 * 1024
_ORDER = ("Servers", "Server", "Tools", "Tool", "Call", "Resources", "Resource", "Prompts", "Prompt", "Log", "Policy")


class Seen:
    """The parts that were seen, each as it was last.

    Attributes:
        on_change: called after each change.
    """

    def __init__(self) -> None:
        self._parts: dict[str, tuple[str, View]] = {}
        self.on_change: Callable[[], None] | None = None

    def put(self, part: str, title: str, view: View) -> None:
        """Keep what is seen of a part.

        Args:
            part: one of `_ORDER`.
            title: a line above it.
            view: what is seen.
        """
        if len(view.html) > _MAX_HTML or "<img" in view.html or "<audio" in view.html:  # a picture is megabytes
            view = text_view(view.plain)
        self._parts[part] = title, view
        if self.on_change is not None:
            self.on_change()

    def to_view(self) -> View:
        """Write all parts below each other."""
        shown = [titled_view(*self._parts[part]) for part in _ORDER if part in self._parts]
        if not shown:
            shown = [text_view("Nothing is connected. Begin with %mcp connect.")]
        whole = join_views(shown, "\n\n")
        title = "MCP explorer, as it was last seen"
        head = f'<div class="{STILL_CLASS}"><p><em>{html.escape(title)}</em></p>'
        return View(f"{title}\n\n{whole.plain}", f"*{title}*\n\n{whole.markdown}", f"{head}{whole.html}</div>")

"""Markdown that a server wrote, as HTML that is safe to show.

Knows two libraries: mistune renders, bleach lets only formatting through. Whatever else is there (scripts, HTML,
images, which would load something) is shown as the text that it is. Refuses to be imported before it is needed.
"""

from __future__ import annotations

from typing import Any, cast

import bleach
import mistune

from mcp_notebook.display import View, clean, cut, markdown_text

__all__ = ["markdown_view"]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_TEXTS = ("a", "b", "br", "code", "del", "em", "i", "strong", "sub", "sup")
_BLOCKS = ("blockquote", "hr", "li", "ol", "p", "pre", "table", "tbody", "td", "th", "thead", "tr", "ul")
_TAGS = frozenset((*_HEADINGS, *_TEXTS, *_BLOCKS))
_ELSEWHERE = ("http://", "https://", "mailto:")
_render = mistune.create_markdown(escape=True, plugins=["strikethrough", "table"])


def markdown_view(text: str) -> View:
    """Show Markdown formatted, where a front end shows HTML, and as it was written elsewhere."""
    shown = clean(cut(text))
    rendered = bleach.clean(cast("Any", _render)(shown), tags=_TAGS, attributes=_is_allowed)
    for cell in ("td", "th"):  # Jupyter aligns cells to the right unless told otherwise
        rendered = rendered.replace(f"<{cell}>", f'<{cell} style="text-align: left">')
    return View(shown, markdown_text(shown), rendered)


def _is_allowed(tag: str, attribute: str, value: str) -> bool:
    # No link into Jupyter itself: a click would do there what the address says, such as logging out.
    return (tag, attribute) == ("a", "href") and value.lower().startswith(_ELSEWHERE)

"""Shows the inbox: as a widget under the cell that asks for it, live from then on; in a terminal question by question.

Knows the one inbox widget of this notebook, which may stand under several cells. Main thread only.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.inbox import get_inbox
from mcp_notebook.approval.place import find_kernel, has_console

if TYPE_CHECKING:
    from mcp_notebook.approval.widget import InboxWidget

__all__ = ["close_inbox", "show_inbox"]

_widget: InboxWidget | None = None


def show_inbox() -> bool:
    """Show what waits; says whether there is somebody to show it to."""
    kernel = find_kernel()
    if kernel is not None:
        _show_widget(kernel)
    elif has_console():
        _ask_each()
    return kernel is not None


def _show_widget(kernel: Any) -> None:
    from mcp_notebook.approval.tap import find_tap  # noqa: PLC0415  what terminals do without
    from mcp_notebook.approval.widget import InboxWidget  # noqa: PLC0415  the widget library costs a third of a second

    global _widget  # noqa: PLW0603  the one of this notebook
    inbox = get_inbox()
    if _widget is None:
        _widget = InboxWidget()
        _widget.hear(inbox.hear)
    tap = find_tap(kernel)
    if tap is not None:  # else clicks are heard between cells
        tap.hear_always(_widget.comm_id, inbox.hear)
    _widget.show()
    inbox.open(_widget.show_entries)


def _ask_each() -> None:
    from mcp_notebook.approval.dialogue import ask_in_text  # noqa: PLC0415  what checks forms takes a while to import

    for entry in get_inbox().entries:
        entry.on_said(ask_in_text(entry.question, builtins.input, builtins.print))


def close_inbox() -> None:
    """Show nothing more: the extension is unloaded."""
    global _widget  # noqa: PLW0603  the one of this notebook
    get_inbox().close()
    if _widget is not None:
        _widget.close()
        _widget = None

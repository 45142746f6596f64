"""An explorer in a front end: one anywidget, one comm, and below it what a saved notebook shows.

Knows the widget library and IPython's outputs. What stands on the page is in views/*.js; what it is told comes from
`desk`. Nothing of it is part of a widget's state, which notebooks save.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display  # pyright: ignore[reportUnknownVariableType]  IPython is not typed in full

from mcp_notebook.joined import join_modules

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.display import View

__all__ = ["ExplorerWidget"]

_VIEWS = Path(__file__).parent / "views"


class ExplorerWidget(anywidget.AnyWidget):
    """The page's end of an explorer, and below it the still picture of it.

    Args:
        start: where it opens: `{"tab": ..., "server": ..., "alone": ...}`.
    """

    _esm = join_modules(_VIEWS / "explorer.js")
    _css = "\n".join(
        file.read_text(encoding="utf-8") for file in (_VIEWS.parents[1] / "form" / "form.css", _VIEWS / "explorer.css")
    )
    start = traitlets.Dict().tag(sync=True)

    def __init__(self, start: dict[str, Any]) -> None:
        super().__init__(start=start)
        self._cell: Context | None = None
        self._still: Any = None

    @property
    def comm_id(self) -> str:
        """The comm that its messages come by."""
        return str(self.comm.comm_id)  # pyright: ignore[reportUnknownMemberType, reportOptionalMemberAccess]  ipywidgets is not typed

    def show(self, still: View) -> None:
        """Show it as outputs of the running cell: the widget, and what a saved notebook has in its place."""
        self._cell = copy_context()
        display(self)
        self._still = display(still.to_mimebundle(), raw=True, display_id=True)

    def hear(self, on_said: Callable[[Any], object]) -> None:
        """Have a function called with whatever the page says, where the kernel handles that itself."""

        def on_message(widget: Any, said: Any, buffers: Any) -> None:
            del widget, buffers
            on_said(said)

        self.on_msg(on_message)  # pyright: ignore[reportUnknownMemberType]  as above

    def tell(self, message: dict[str, Any]) -> None:
        """Send the page a message; from any thread, as the cell would: elsewhere ipykernel 7.0 knows no parent."""
        if self._cell is not None and self.comm is not None:  # pyright: ignore[reportUnknownMemberType]  as above
            self._cell.copy().run(self.send, message)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  as above

    def change_still(self, still: View) -> None:
        """Change what a saved notebook shows; from any thread."""
        if self._cell is not None:
            self._cell.copy().run(self._still.update, still.to_mimebundle(), raw=True)

    def end(self) -> None:
        """Close the comms, its layout has one of its own; the page then takes it away. From any thread."""
        if self._cell is not None:
            layout: Any = self.layout  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  as above
            self._cell.copy().run(layout.close)  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]  as above
            self._cell.copy().run(self.close)

    def __repr__(self) -> str:
        """Say what stands here, where no widget is shown; always the same, for those who compare outputs."""
        return "MCP explorer"

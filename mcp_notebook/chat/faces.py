"""Where a conversation is shown while it runs: in a notebook, in a terminal, as plain text, or not at all.

Knows how each can change what it has shown. In a notebook an answer grows below the line that says who is asked; when
it is whole the line is as before, and the answer an output of its own: so a saved notebook, and who compares outputs
without their changes, sees the same. On the thread that runs the cell.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol, cast

from IPython import display as ipython_display

from mcp_notebook.approval.place import find_kernel
from mcp_notebook.chat.steps import Answered, Asked
from mcp_notebook.chat.views import end_view, growing_view, step_view
from mcp_notebook.display import clean

if TYPE_CHECKING:
    from mcp_notebook.chat.limits import Cost
    from mcp_notebook.chat.steps import Step, Stop
    from mcp_notebook.display import View

__all__ = ["Face", "find_face"]


class Face(Protocol):
    """What shows a conversation."""

    def show_step(self, step: Step) -> None:
        """Show a step that is done."""
        ...

    def show_text(self, text: str) -> None:
        """Show all that the model has said in this round so far."""
        ...

    def end(self, stop: Stop, cost: Cost) -> None:
        """Show why it ended, and what it cost."""
        ...


class _Notebook:
    """Outputs of the running cell."""

    def __init__(self) -> None:
        self._asked: tuple[Any, View] | None = None
        self._grows = False

    def show_step(self, step: Step) -> None:
        view = step_view(step)
        self._settle()
        if isinstance(step, Asked):
            self._asked = _display(view, display_id=True), view
        else:
            _display(view)

    def show_text(self, text: str) -> None:
        if self._asked is not None:
            handle, line = self._asked
            handle.update(growing_view(line, text).to_mimebundle(), raw=True)
            self._grows = True

    def _settle(self) -> None:
        if self._grows and self._asked is not None:
            handle, line = self._asked
            handle.update(line.to_mimebundle(), raw=True)
        self._grows = False

    def end(self, stop: Stop, cost: Cost) -> None:
        self._settle()
        _display(end_view(stop, cost))


def _display(view: View, **more: Any) -> Any:
    return cast("Any", ipython_display).display(view.to_mimebundle(), raw=True, **more)  # untyped upstream


class _Text:
    """Lines of text; on a terminal an answer appears as it comes.

    Args:
        grows: show an answer before it is whole.
    """

    def __init__(self, *, grows: bool) -> None:
        self._grows = grows
        self._shown = 0

    def show_step(self, step: Step) -> None:
        if isinstance(step, Answered) and self._shown:
            _write(clean(step.text[self._shown :]) + "\n")
        else:
            _write(step_view(step).plain + "\n")
        self._shown = 0

    def show_text(self, text: str) -> None:
        if self._grows:
            _write(clean(text[self._shown :]))
            self._shown = len(text)

    def end(self, stop: Stop, cost: Cost) -> None:
        _write(end_view(stop, cost).plain + "\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


class _Nothing:
    """No place at all."""

    def show_step(self, step: Step) -> None:
        pass

    def show_text(self, text: str) -> None:
        pass

    def end(self, stop: Stop, cost: Cost) -> None:
        pass


def find_face(*, quiet: bool) -> Face:
    """Find where a conversation can be shown; nowhere if it is to be quiet."""
    if quiet:
        return _Nothing()
    return _Notebook() if find_kernel() is not None else _Text(grows=sys.stdout.isatty())

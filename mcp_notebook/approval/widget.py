"""A question in a front end: one anywidget, one comm, the form sent as one message.

Knows the widget library. What stands in it comes from `Question`, cleaned and bounded, and the front end's part
(`form.js`) puts all of it into the page as text. What is filled in is never part of the widget's state, which
notebooks save.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display  # pyright: ignore[reportUnknownVariableType]  IPython is not typed in full

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_notebook.approval.question import Question

__all__ = ["QuestionWidget", "new_view"]

_HERE = Path(__file__).parent


class QuestionWidget(anywidget.AnyWidget):
    """A question and its form, in a front end; see `asking.View`."""

    _esm = (_HERE / "form.js").read_text(encoding="utf-8")  # not as a path: a file watcher would start for it
    _css = (_HERE / "form.css").read_text(encoding="utf-8")
    question = traitlets.Dict().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)
    outcome = traitlets.Unicode().tag(sync=True)

    def __repr__(self) -> str:
        """Say what stands here, where no widget is shown; always the same, for those who compare outputs."""
        return f"MCP: {self.question['title']} ({self.question['asker']})"

    @property
    def comm_id(self) -> str:
        """The comm that its clicks come by."""
        return str(self.comm.comm_id)  # pyright: ignore[reportUnknownMemberType, reportOptionalMemberAccess]  ipywidgets is not typed

    _cell: Context

    def show(self) -> None:
        """Show it as an output of the running cell."""
        self._cell = copy_context()
        display(self)

    def point_out(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong, by field."""
        self._set("problems", dict(problems))

    def finish(self, outcome: str) -> None:
        """Let nothing more be clicked. The comm stays: the notebook still shows what became of the question."""
        self._set("problems", {})
        self._set("outcome", outcome)

    def _set(self, name: str, value: object) -> None:
        """Change what is shown, as the cell would: on other threads ipykernel 7.0 knows no parent message."""
        self._cell.copy().run(setattr, self, name, value)


def new_view(question: Question, on_said: Callable[[Any], object]) -> QuestionWidget:
    """Make the view of a question.

    Args:
        question: what is shown.
        on_said: called with whatever the front end says, where the kernel handles that itself (a cell that awaits).
    """
    widget = QuestionWidget(question=_to_state(question))

    def on_message(widget: Any, said: Any, buffers: Any) -> None:
        del widget, buffers
        on_said(said)

    widget.on_msg(on_message)  # pyright: ignore[reportUnknownMemberType]  as above
    return widget


def _to_state(question: Question) -> dict[str, Any]:
    fields = [asdict(field) | {"bounds": dict(field.bounds or {})} for field in question.fields]
    return {
        "title": question.title,
        "asker": question.asker.shown_name,
        "message": question.message,
        "fields": fields,
        "link": None if question.link is None else {"url": question.link.url, "host": question.link.host},
        "notes": list(question.notes),
        "warnings": [*question.warnings, *(question.link.warnings if question.link else ())],
        "accept": question.accept_label,
        "lasts": list(question.may_last),
    }

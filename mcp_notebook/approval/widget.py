"""Questions in a front end: one anywidget, one comm, each form sent as one message.

Knows the widget library. What stands in a widget comes from `Question`, cleaned and bounded, and the front end's part
(card.js) puts all of it into the page as text. What is filled in is never part of a widget's state, which notebooks
save.
"""

from __future__ import annotations

from contextvars import Context, copy_context
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets
from IPython.display import display  # pyright: ignore[reportUnknownVariableType]  IPython is not typed in full

from mcp_notebook.joined import join_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mcp_notebook.approval.inbox import Entry
    from mcp_notebook.approval.question import Question

__all__ = ["InboxWidget", "QuestionWidget", "new_view"]


_HERE = Path(__file__).parent
_CSS = (_HERE.parent / "form" / "form.css", _HERE / "card.css")


class _Shown(anywidget.AnyWidget):
    """What stands under a cell, and is changed by other threads."""

    # Texts: for a path the library would start a file watcher.
    _css = "\n".join(file.read_text(encoding="utf-8") for file in _CSS)
    _cell: Context

    @property
    def comm_id(self) -> str:
        """The comm that its clicks come by."""
        return str(self.comm.comm_id)  # pyright: ignore[reportUnknownMemberType, reportOptionalMemberAccess]  ipywidgets is not typed

    def show(self) -> None:
        """Show it as an output of the running cell."""
        self._cell = copy_context()
        display(self)

    def hear(self, on_said: Callable[[Any], object]) -> None:
        """Have a function called with whatever the front end says, where the kernel handles that itself."""

        def on_message(widget: Any, said: Any, buffers: Any) -> None:
            del widget, buffers
            on_said(said)

        self.on_msg(on_message)  # pyright: ignore[reportUnknownMemberType]  as above

    def _set(self, name: str, value: object) -> None:
        """Change what is shown, as the cell would: on other threads ipykernel 7.0 knows no parent message."""
        self._cell.copy().run(setattr, self, name, value)


class QuestionWidget(_Shown):
    """A question and its form under the cell that waits; see `asking.CellView`."""

    _esm = join_modules(_HERE / "question.js")
    question = traitlets.Dict().tag(sync=True)
    problems = traitlets.Dict().tag(sync=True)
    outcome = traitlets.Unicode().tag(sync=True)

    def __repr__(self) -> str:
        """Say what stands here, where no widget is shown; always the same, for those who compare outputs."""
        return f"MCP: {self.question['title']} ({self.question['asker']})"

    def point_out(self, problems: Mapping[str, str]) -> None:
        """Show what is wrong, by field."""
        self._set("problems", dict(problems))

    def finish(self, outcome: str) -> None:
        """Let nothing more be clicked. The comm stays: the notebook still shows what became of the question."""
        self._set("problems", {})
        self._set("outcome", outcome)


class InboxWidget(_Shown):
    """Questions that no cell waits for, as they come and go."""

    _esm = join_modules(_HERE / "inbox.js")
    inbox = traitlets.Dict({"entries": [], "last": ""}).tag(sync=True)

    def __repr__(self) -> str:
        """Say what stands here; see `QuestionWidget`."""
        return "MCP: what servers ask while no cell waits for them"

    def show_entries(self, entries: Sequence[Entry], last: str) -> None:
        """Show what waits; see `inbox.Show`."""
        shown = [{"id": one.id, "question": _to_state(one.question), "problems": dict(one.problems)} for one in entries]
        self._set("inbox", {"entries": shown, "last": last})


def new_view(question: Question, on_said: Callable[[Any], object]) -> QuestionWidget:
    """Make the view of a question under its cell.

    Args:
        question: what is shown.
        on_said: called with whatever the front end says, where the kernel handles that itself (a cell that awaits).
    """
    widget = QuestionWidget(question=_to_state(question))
    widget.hear(on_said)
    return widget


def _to_state(question: Question) -> dict[str, Any]:
    fields = [{**asdict(field), "schema": field.to_schema()} for field in question.fields]
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

"""Where a conversation is shown while it runs: in a notebook, in a terminal, as plain text, or not at all.

Knows how each can change what it has shown. In a notebook an answer grows below the line that says who is asked, and
below a choice is how the task stands that a server has made of it. When the answer is whole, or the task has ended, the
line is as before, and what came is an output of its own: so a saved notebook, and who compares outputs without their
changes, sees the same. On the thread that runs the cell.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Any, Protocol, cast

from IPython import display as ipython_display

from mcp_notebook.approval.place import find_kernel
from mcp_notebook.chat.steps import Answered, Asked, Called, Chosen
from mcp_notebook.chat.views import end_view, shown_task, step_view, task_view
from mcp_notebook.display import clean, join_views, one_line
from mcp_notebook.markdown import markdown_view

if TYPE_CHECKING:
    from mcp_notebook.chat.limits import Cost
    from mcp_notebook.chat.steps import Step, Stop
    from mcp_notebook.delivery import TaskState
    from mcp_notebook.display import View
    from mcp_notebook.shown_task import ShownTask

__all__ = ["Face", "find_face"]


class Face(Protocol):
    """What shows a conversation."""

    def show_step(self, step: Step) -> None:
        """Show a step that is done."""
        ...

    def show_text(self, text: str) -> None:
        """Show all that the model has said in this round so far."""
        ...

    def show_task(self, chosen: Chosen, state: TaskState) -> None:
        """Show how the task stands that a server has made of a choice; it need not be anything new."""
        ...

    def end(self, stop: Stop, cost: Cost) -> None:
        """Show why it ended, and what it cost."""
        ...

    def close(self) -> None:
        """Show nothing any more as if it went on: it has ended, or was broken off."""
        ...


class _Line:
    """An output that has something below it for a while."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._below: View | None = None
        self._handle = _display(view, display_id=True)

    def show_below(self, below: View | None) -> None:
        """Have this below it; None for nothing."""
        if below != self._below:
            self._below = below
            shown = self._view if below is None else join_views([self._view, below])
            self._handle.update(shown.to_mimebundle(), raw=True)


class _Notebook:
    """Outputs of the running cell."""

    def __init__(self) -> None:
        self._asked: _Line | None = None
        self._chosen: dict[int, _Line] = {}  # by the identity of the step: two choices may be alike
        self._tasks: dict[int, ShownTask] = {}

    def show_step(self, step: Step) -> None:
        view = step_view(step)
        self._settle()
        if isinstance(step, Called):
            self._tasks.pop(id(step.chosen), None)
            self._chosen.pop(id(step.chosen)).show_below(None)
        if isinstance(step, Asked):
            self._asked = _Line(view)
        elif isinstance(step, Chosen):
            self._chosen[id(step)] = _Line(view)
        else:
            _display(view)

    def show_text(self, text: str) -> None:
        if self._asked is not None:
            self._asked.show_below(markdown_view(text) if text else None)

    def show_task(self, chosen: Chosen, state: TaskState) -> None:
        self._tasks[id(chosen)] = task = shown_task(chosen, state)
        self._chosen[id(chosen)].show_below(task_view(task))

    def _settle(self) -> None:
        if self._asked is not None:
            self._asked.show_below(None)

    def end(self, stop: Stop, cost: Cost) -> None:
        self._settle()
        _display(end_view(stop, cost))

    def close(self) -> None:
        for key, task in self._tasks.items():  # no step will say any more what came of them
            self._chosen[key].show_below(task_view(task.stop()))


def _display(view: View, **more: Any) -> Any:
    return cast("Any", ipython_display).display(view.to_mimebundle(), raw=True, **more)  # untyped upstream


class _Text:
    """Lines of text; on a terminal an answer appears as it comes, and how a task stands is written over.

    Args:
        grows: show what is not whole yet.
    """

    def __init__(self, *, grows: bool) -> None:
        self._grows = grows
        self._shown = 0
        self._task: ShownTask | None = None

    def show_step(self, step: Step) -> None:
        self._end_task_line()
        if isinstance(step, Answered) and self._shown:
            _write(clean(step.text[self._shown :]) + "\n")
        else:
            _write(step_view(step).plain + "\n")
        self._shown = 0

    def show_text(self, text: str) -> None:
        if self._grows:
            _write(clean(text[self._shown :]))
            self._shown = len(text)

    def show_task(self, chosen: Chosen, state: TaskState) -> None:
        task = shown_task(chosen, state)
        if self._grows and task != self._task:
            self._task = task
            line = one_line(task.to_text(), shutil.get_terminal_size().columns - 1)
            _write(f"\r{line}\x1b[K" + ("" if task.works else "\n"))  # what it waits for may be asked below

    def _end_task_line(self) -> None:
        if self._task is not None and self._task.works:
            _write("\n")
        self._task = None

    def end(self, stop: Stop, cost: Cost) -> None:
        _write(end_view(stop, cost).plain + "\n")

    def close(self) -> None:
        self._end_task_line()


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


class _Nothing:
    """No place at all."""

    def show_step(self, step: Step) -> None:
        pass

    def show_text(self, text: str) -> None:
        pass

    def show_task(self, chosen: Chosen, state: TaskState) -> None:
        pass

    def end(self, stop: Stop, cost: Cost) -> None:
        pass

    def close(self) -> None:
        pass


def find_face(*, quiet: bool) -> Face:
    """Find where a conversation can be shown; nowhere if it is to be quiet."""
    if quiet:
        return _Nothing()
    return _Notebook() if find_kernel() is not None else _Text(grows=sys.stdout.isatty())

"""How a conversation looks: each step as one line with what belongs to it folded below, and the whole as a table.

Knows that what models and servers write is only ever text, and that notebooks are saved and passed on: what looks like
a secret is not in them. Nothing shown here depends on time or chance, so that notebooks can be compared.
"""

from __future__ import annotations

import html
import json
from functools import singledispatch
from typing import TYPE_CHECKING

from mcp_notebook.blocks import block_view
from mcp_notebook.chat.steps import Answered, Asked, Called, Chosen, Collected
from mcp_notebook.credentials import hide_in_text, hide_secrets
from mcp_notebook.display import Table, View, join_views, markdown_text, one_line, some_names, text_view
from mcp_notebook.markdown import markdown_view
from mcp_notebook.shown_task import ShownTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import ContentBlock

    from mcp_notebook.chat.limits import Cost
    from mcp_notebook.chat.steps import Step, Stop
    from mcp_notebook.delivery import TaskState

__all__ = ["end_view", "reply_view", "shown_task", "step_view", "stop_sentence", "task_view", "transcript_table"]

_MAX_LINE = 200
_OUTCOMES = {
    "done": "gave",
    "failed": "failed",
    "declined": "was declined",
    "refused": "could not be called",
    "stopped": "was stopped",
}
_STOPS = {
    "rounds": "the model was asked as often as it may be (--rounds N)",
    "calls": "the model wanted more calls than it may have (--calls N)",
    "tokens": "the tokens are used up (--tokens N)",
    "seconds": "the time is over (--seconds N)",
    "answer_tokens": "the answer is cut: it is longer than one may be (--answer-tokens N)",
    "cancelled": "you stopped it",
}


def stop_sentence(stop: Stop) -> str:
    """Say why there is no whole answer; "" if there is one."""
    return f"Stopped: {_STOPS[stop]}. %%mcp ask -c goes on." if stop in _STOPS else ""


@singledispatch
def _line(step: Step) -> tuple[str, str]:
    raise AssertionError(step)


@_line.register
def _(step: Collected) -> tuple[str, str]:
    count = sum(map(len, step.tools.values()))
    tools = f"{count:,} tool{'' if count == 1 else 's'} of {some_names(step.tools)}" if count else "no tools"
    sent = f"; with {', '.join(step.attached)}" if step.attached else ""
    return "collect", f"{tools}{sent}"


@_line.register
def _(step: Asked) -> tuple[str, str]:
    return "ask", step.model if step.round == 1 else f"{step.model}, with the results (round {step.round})"


@_line.register
def _(step: Chosen) -> tuple[str, str]:
    arguments = json.dumps(hide_secrets(dict(step.arguments)), ensure_ascii=False)
    return "choose", f"{step.name} {arguments}"


@_line.register
def _(step: Called) -> tuple[str, str]:
    how = f" ({step.how})" if step.how else ""
    return "call", f"{step.chosen.name} {_OUTCOMES[step.outcome]}{how}: {hide_in_text(step.text)}"


@_line.register
def _(step: Answered) -> tuple[str, str]:
    return ("answer" if step.is_last else "say"), step.text


def transcript_table(steps: Sequence[Step]) -> Table:
    """Lay steps out as a table, a line each."""
    rows = [_line(step) for step in steps]
    return Table(("step", "what"), rows, rest=".steps has them all", max_rows=len(rows), max_cell=_MAX_LINE)


def step_view(step: Step) -> View:
    """Show one step."""
    if isinstance(step, Answered):
        return markdown_view(step.text)
    name, line = _line(step)
    if isinstance(step, Chosen):
        arguments = json.dumps(hide_secrets(dict(step.arguments)), ensure_ascii=False, indent=1)
        return _row(name, step.name, text_view(arguments), is_open=True)
    if isinstance(step, Called) and step.content:
        shown = [block_view(_without_secrets(block), step.chosen.server) for block in step.content]
        return _row(name, one_line(line, _MAX_LINE), join_views(shown), is_open=False)
    if isinstance(step, Collected):
        told = [*(f"left out: {what}: {why}" for what, why in step.left_out.items()), *step.notes]
        tools = [f"{server}: {', '.join(names)}" for server, names in step.tools.items()]
        return _row(name, line, text_view("\n".join([*tools, *told])), is_open=bool(told))
    return _row(name, one_line(line, _MAX_LINE), None, is_open=False)


def _without_secrets(block: ContentBlock) -> ContentBlock:
    return block.model_copy(update={"text": hide_in_text(block.text)}) if block.type == "text" else block


def _row(name: str, line: str, more: View | None, *, is_open: bool) -> View:
    """Show a line, and below it what unfolds at a click; as plain text only what is open anyway."""
    line = one_line(line)
    head = f'<span style="opacity: 0.6">{html.escape(name)}</span> {html.escape(line)}'
    plain = f"{name}: {line}"
    if more is None or not more.plain.strip():
        return View(plain, markdown_text(plain), f"<div>{head}</div>")
    opened = " open" if is_open else ""
    indented = "\n".join(f"  {one}" for one in more.plain.splitlines())
    whole = f"{plain}\n{indented}" if is_open else plain
    folded = f"<details{opened}><summary>{head}</summary>{more.html}</details>"
    return View(whole, markdown_text(whole), folded)


def shown_task(chosen: Chosen, state: TaskState) -> ShownTask:
    """Give the task that a server has made of a choice as it is shown."""
    return ShownTask(chosen.name, state.status, hide_in_text(state.message or ""))


def task_view(task: ShownTask) -> View:
    """Show how a task stands."""
    return View(task.to_text(), markdown_text(task.to_text()), f"<div>{task.draw()}</div>")


def reply_view(text: str, stop: Stop, cost: Cost) -> View:
    """Show an answer, why it ended if it is no whole one, and what it cost."""
    said = [markdown_view(text)] if text else []
    return join_views([*said, end_view(stop, cost)])


def end_view(stop: Stop, cost: Cost) -> View:
    """Show why it ended, if there is no whole answer, and what it cost."""
    line = " ".join(filter(None, [stop_sentence(stop), f"{cost}."]))
    return View(line, markdown_text(line), f'<div style="opacity: 0.6">{html.escape(line)}</div>')

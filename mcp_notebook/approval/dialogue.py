"""A question as lines of text: in a terminal, or where the front end shows no widget.

Knows how a person types a form. Refuses to know where the lines go: `read` and `write` are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.checking import check_value, read_typed
from mcp_notebook.approval.question import Answer, shown_text
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp_notebook.approval.fields import Field
    from mcp_notebook.approval.question import Action, Question

__all__ = ["ask_in_text", "describe"]

TYPED = "typed"
"""How an answer came that was given here."""

_ACTIONS: dict[str, Action] = {"a": "accept", "d": "decline", "c": "cancel"}
_MAX_DEFAULT = 60  # characters of it in a prompt; all of a longer text stands above
_LEAVE = {"!d": "decline", "!c": "cancel"}


class _Left(Exception):
    def __init__(self, action: Action) -> None:
        self.action: Action = action


def describe(question: Question) -> str:
    """Give a question as text: who asks, what, where a link leads, what to watch out for."""
    lines = [f"MCP: {question.title} ({question.asker.shown_name})", *_quoted(question.message), *question.notes]
    if question.link is not None:
        lines += [f"It leads to: {question.link.host}", f"In full:     {question.link.url}"]
    warnings = [*question.warnings, *(question.link.warnings if question.link else ())]
    return "\n".join([*lines, *(f"Careful: {warning}" for warning in warnings)])


def _quoted(text: str) -> list[str]:
    """Mark each line of a server's text, so that none can be taken for one of ours."""
    return [f"  | {line}" for line in text.splitlines()]


def ask_in_text(question: Question, read: Callable[[str], str], write: Callable[[str], object]) -> Answer:
    """Ask in lines of text.

    Args:
        question: what is asked.
        read: `input`, or like it.
        write: `print`, or like it.

    Raises:
        EOFError: nobody is there, after all.
        KeyboardInterrupt: the person interrupted.
    """
    write(describe(question))
    action = _read_action(question, read, write)
    if action != "accept":
        return Answer(action, TYPED)
    try:
        return Answer("accept", TYPED, _read_content(question.fields, read, write))
    except _Left as left:
        return Answer(left.action, TYPED)


def _read_action(question: Question, read: Callable[[str], str], write: Callable[[str], object]) -> Action:
    while True:
        typed = read(f"[a] {question.accept_label}  [d] Decline  [c] Cancel: ").strip().lower()
        if typed[:1] in _ACTIONS and typed:
            return _ACTIONS[typed[:1]]
        write("Type a, d or c.")


def _read_content(
    fields: Sequence[Field], read: Callable[[str], str], write: Callable[[str], object]
) -> dict[str, Any]:
    if fields:
        write("An empty line takes what stands in brackets; !d declines, !c cancels.")
    content: dict[str, Any] = {}
    for field in fields:
        value = _read_value(field, read, write)
        if value is not None:
            content[field.name] = value
    return content


def _read_value(field: Field, read: Callable[[str], str], write: Callable[[str], object]) -> Any:
    """Read one value, as often as it takes; None if it is left out."""
    for line in _about(field):
        write(line)
    while True:
        typed = read(_prompt(field))
        if typed.strip() in _LEAVE:
            raise _Left("decline" if typed.strip() == "!d" else "cancel")
        if not typed.strip() and (field.default is not None or not field.required):
            return field.default
        try:
            value = read_typed(field, typed)
            problem = check_value(field, value)
        except ValueError as error:
            value, problem = None, str(error)
        if not problem:
            return value
        write(problem)


def _about(field: Field) -> list[str]:
    options = [f"  {number} {option.label}" for number, option in enumerate(field.options, 1)]
    if field.kind == "choices":
        options.append("  several, with commas between them")
    text = _quoted(shown_text(field.default)) if field.lines > 1 and field.default else []
    return [*_quoted(field.help), *text, *options]


def _prompt(field: Field) -> str:
    default = field.default
    if default is None:
        shown = "" if field.required else " [leave out]"
    elif field.kind == "boolean":
        shown = f" [{'yes' if default else 'no'}]"
    else:
        shown = f" [{one_line(', '.join(default) if field.kind == 'choices' else str(default), _MAX_DEFAULT)}]"
    return f"{field.label}{' (yes or no)' if field.kind == 'boolean' else ''}{shown}: "

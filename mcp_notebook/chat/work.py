"""What the parts of one question share: what was said before, what may be chosen, how far it may go, who is told.

Knows no order of things (`turn`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mcp_notebook.approval.providers import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import SamplingMessageContentBlock

    from mcp_notebook.approval.callers import Caller
    from mcp_notebook.approval.question import Answer, Question
    from mcp_notebook.chat.limits import Budget
    from mcp_notebook.chat.origin import Read
    from mcp_notebook.chat.steps import Chosen, Step
    from mcp_notebook.chat.toolbox import Toolbox
    from mcp_notebook.delivery import TaskState

__all__ = ["Cell", "History", "Work"]


class Cell(Protocol):
    """Where the question was asked: what happens is shown there, and the person is asked there."""

    def on_step(self, step: Step) -> None:
        """Hear of a step when it is done."""
        ...

    def on_text(self, text: str) -> None:
        """Hear all that the model has said in this round so far."""
        ...

    def on_task(self, chosen: Chosen, state: TaskState) -> None:
        """Hear how a task stands that a server has made of a call, each time that it says so."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Get the person's answer, or a rule's."""
        ...

    def new_caller(self, tool: str) -> Caller | None:
        """Give what brings a server's question here while a tool runs; None where nobody could see it."""
        ...


@dataclass
class History:
    """A conversation so far, always such that a model can go on from it.

    Attributes:
        messages: what was said.
        read: what the model has read of servers, oldest first.
        turns: how many questions the person has asked.
    """

    messages: list[Message] = field(default_factory=list[Message])
    read: list[Read] = field(default_factory=list["Read"])
    turns: int = 0

    def add(self, role: str, content: Sequence[SamplingMessageContentBlock]) -> None:
        """Add to what was said; two of the same role in a row become one, as not every model takes two."""
        if not content:
            return
        if self.messages and self.messages[-1].role == role:
            content = [*self.messages.pop().content, *content]
        self.messages.append(Message("user" if role == "user" else "assistant", list(content)))


@dataclass(frozen=True)
class Work:
    """One question's share.

    Attributes:
        toolbox: what the model may choose from.
        history: the conversation; grows.
        budget: how far this may go.
        cell: where it was asked.
    """

    toolbox: Toolbox
    history: History
    budget: Budget
    cell: Cell

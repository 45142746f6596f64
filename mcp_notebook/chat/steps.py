"""What happens between a question and its answer, step by step, as data: collect, ask, choose, call, answer.

Knows no threads and no looks (`views`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_types import ContentBlock

__all__ = ["Answered", "Asked", "Called", "Chosen", "Collected", "Outcome", "Step", "Stop"]

Outcome = Literal["done", "failed", "declined", "refused", "stopped"]
"""What came of a call: the tool said that it failed; a person or a rule said no; it could not be made; cut short."""

Stop = Literal["answered", "rounds", "calls", "tokens", "seconds", "answer_tokens", "cancelled"]
"""Why a model came back: it had answered, a limit of that name was reached, or the person cancelled."""


@dataclass(frozen=True)
class Collected:
    """The tools that the model may choose from.

    Attributes:
        tools: their names, by server.
        left_out: those that it does not get, as `server.tool`, each with the reason.
        attached: what the person sends along, a line each.
        notes: what else a person should know of the tools, a sentence each.
    """

    tools: Mapping[str, Sequence[str]]
    left_out: Mapping[str, str]
    attached: Sequence[str] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Asked:
    """The model is asked.

    Attributes:
        model: who it is.
        round: which time, from 1.
    """

    model: str
    round: int


@dataclass(frozen=True)
class Chosen:
    """The model wants a tool called.

    Attributes:
        server: whose tool; "" if there is none of this name.
        tool: its name.
        arguments: for it.
    """

    server: str
    tool: str
    arguments: Mapping[str, Any]

    @property
    def name(self) -> str:
        """`server.tool`."""
        return f"{self.server}.{self.tool}" if self.server else self.tool


@dataclass(frozen=True)
class Called:
    """What came of a choice.

    Attributes:
        chosen: the choice.
        outcome: in one word.
        how: by what it was decided: a click, typing, a rule; "" if nothing had to be.
        text: what the model gets to read of it, without the marks around it.
        content: the tool's own; empty where it was not called.
    """

    chosen: Chosen
    outcome: Outcome
    how: str
    text: str
    content: Sequence[ContentBlock] = ()


@dataclass(frozen=True)
class Answered:
    """The model says something: beside its choices, or as its answer.

    Attributes:
        text: in Markdown, as models write.
        is_last: this is the answer, and not words on the way.
    """

    text: str
    is_last: bool


Step = Collected | Asked | Chosen | Called | Answered

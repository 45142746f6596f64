"""What a model is asked, and what it answers.

Knows conversations. The pieces of a message are the protocol's own types (`mcp_types`): texts, images, sounds, uses of
tools and their results.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_types import SamplingMessageContentBlock, Tool, ToolUseContent

__all__ = ["Completion", "Message", "Request", "ToolChoice", "Usage"]

ToolChoice = Literal["auto", "required", "none"]
"""Whether a model may use tools, must, or must not."""


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: "user" or "assistant".
        content: its pieces.
    """

    role: Literal["user", "assistant"]
    content: Sequence[SamplingMessageContentBlock]

    @property
    def text(self) -> str:
        """What is said: the texts of its pieces."""
        return "\n".join(block.text for block in self.content if block.type == "text")


@dataclass(frozen=True)
class Request:
    """What a server asks a model, as the person let it through.

    Attributes:
        messages: the conversation so far.
        system: what the model is told first; "" if nothing.
        max_tokens: how long the answer may be.
        temperature: None if the server has no wish.
        stop: texts at which the answer ends.
        models: names, or parts of names, of models that the server would like, best first.
        priorities: how much the server cares for "cost", "speed" and "intelligence", from 0 to 1, where it says so.
        tools: what the model may have the server do.
        tool_choice: whether it has to.
        cancelled: set when nobody wants the answer any more: a function that takes long may look at it.
    """

    messages: Sequence[Message]
    system: str
    max_tokens: int
    temperature: float | None = None
    stop: Sequence[str] = ()
    models: Sequence[str] = ()
    priorities: Mapping[str, float] = field(default_factory=dict[str, float])
    tools: Sequence[Tool] = ()
    tool_choice: ToolChoice = "auto"
    cancelled: threading.Event = field(default_factory=threading.Event, compare=False, repr=False)

    def choose_model(self, names: Sequence[str]) -> str:
        """Choose one of a person's models: the first that a wish of the server's fits, or else the first."""
        wishes = [wish.lower() for wish in self.models]
        fitting = (name for wish in wishes for name in names if wish in name.lower())
        return next(fitting, names[0])


@dataclass(frozen=True)
class Usage:
    """What a request cost, as the model's maker counts.

    Attributes:
        input_tokens: that were sent, also those that the maker had kept.
        output_tokens: that came back.
    """

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Completion:
    """What a model answered.

    Attributes:
        text: the answer.
        model: the model's name.
        stop_reason: "endTurn", "maxTokens", "stopSequence", "toolUse", or another word of the model's maker; None if
            not known.
        tool_uses: what it wants the server to do.
        usage: what it cost; None where the model does not say.
    """

    text: str
    model: str
    stop_reason: str | None = None
    tool_uses: Sequence[ToolUseContent] = ()
    usage: Usage | None = None

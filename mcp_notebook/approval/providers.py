"""Language models behind one small protocol: who answers what a server asks a model.

    set_provider(lambda request: f"You said: {request.messages[-1].text}")     any function, also async
    set_provider(None)                                                         the person writes the answer

Knows what a request is and what comes back. Refuses to know MCP.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Completion", "Message", "Provider", "Request", "complete", "find_provider", "set_provider"]


@dataclass(frozen=True)
class Message:
    """One message of a conversation.

    Attributes:
        role: "user" or "assistant".
        text: what is said.
    """

    role: str
    text: str


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
    """

    messages: Sequence[Message]
    system: str
    max_tokens: int
    temperature: float | None = None
    stop: Sequence[str] = ()
    models: Sequence[str] = ()


@dataclass(frozen=True)
class Completion:
    """What a model answered.

    Attributes:
        text: the answer.
        model: the model's name.
        stop_reason: "endTurn", "maxTokens" or "stopSequence"; None if not known.
    """

    text: str
    model: str
    stop_reason: str | None = None


Provider = Callable[[Request], Completion | str | Awaitable[Completion | str]]
"""Answers a request. A plain function is called on a thread of its own, so it may take its time."""

_provider: Provider | None = None


def set_provider(provider: Provider | None) -> None:
    """Say who answers servers' requests to a model; None for the person."""
    global _provider  # noqa: PLW0603  the one of this notebook
    _provider = provider


def find_provider() -> Provider | None:
    """Give who answers; None if it is the person."""
    return _provider


async def complete(provider: Provider, request: Request) -> Completion:
    """Have a request answered."""
    if inspect.iscoroutinefunction(provider):
        answer = await provider(request)
    else:
        answer = await asyncio.to_thread(provider, request)
        if inspect.isawaitable(answer):
            answer = await answer
    name = getattr(provider, "__name__", type(provider).__name__)
    answered = cast("Completion | str", answer)
    return Completion(answered, name) if isinstance(answered, str) else answered

"""How far a model may go before it has to come back to the person, and how far it has gone.

Knows counts and clocks. Refuses to know what is counted.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from mcp_notebook.approval.providers import Completion, Request

__all__ = ["Budget", "Cost", "Limits"]

_CHARACTERS_PER_TOKEN = 4  # about, where a model does not say what it counted


@dataclass(frozen=True)
class Limits:
    """What one question may cost.

    Attributes:
        rounds: how often the model is asked; in the last round it may call no tools.
        calls: how many tools it may call in all.
        tokens: in all rounds together, sent and answered.
        seconds: of the model's work and the tools'; the time that a person takes to decide on calls is not counted,
            what a tool's server asks them meanwhile is.
        answer_tokens: of each answer of the model.
    """

    rounds: int = 10
    calls: int = 50
    tokens: int = 200_000
    seconds: float = 300
    answer_tokens: int = 4096

    def __post_init__(self) -> None:
        for name in ("rounds", "calls", "tokens", "seconds", "answer_tokens"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be more than 0")


@dataclass(frozen=True)
class Cost:
    """What was used.

    Attributes:
        rounds: how often the model was asked.
        calls: how many tools were called.
        input_tokens: that were sent.
        output_tokens: that came back.
        is_estimated: the model did not say how many tokens, so they are guessed from the characters.
    """

    rounds: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    is_estimated: bool = False

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.rounds + other.rounds,
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.is_estimated or other.is_estimated,
        )

    def __str__(self) -> str:
        rounds = f"{self.rounds:,} round{'' if self.rounds == 1 else 's'}"
        calls = f"{self.calls:,} call{'' if self.calls == 1 else 's'}"
        about = "about " if self.is_estimated else ""
        return f"{rounds}, {calls}, {about}{self.input_tokens:,} tokens in, {self.output_tokens:,} out"

    def price(self, input_price: float, output_price: float) -> float:
        """Give what it costs.

        Args:
            input_price: of a million tokens that are sent.
            output_price: of a million that come back.
        """
        return (self.input_tokens * input_price + self.output_tokens * output_price) / 1_000_000


@dataclass
class Budget:
    """How far one question has gone. For the loop thread.

    Attributes:
        limits: how far it may go.
        cost: what was used so far.
    """

    limits: Limits
    cost: Cost = field(default_factory=Cost)
    _seconds: float = 0

    @property
    def tokens_left(self) -> int:
        """How many tokens may still be used."""
        return self.limits.tokens - self.cost.input_tokens - self.cost.output_tokens

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Count the time in this context.

        Raises:
            TimeoutError: there is no more of it.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(self.limits.seconds - self._seconds):
                yield
        finally:
            self._seconds += time.monotonic() - began

    def add_round(self, request: Request, completion: Completion) -> None:
        """Count one answer of the model."""
        used = completion.usage
        if used is None:
            sent = sum(len(repr(block)) for message in request.messages for block in message.content)
            sent += len(request.system) + sum(len(tool.model_dump_json()) for tool in request.tools)
            came = len(completion.text) + sum(len(repr(use.input)) for use in completion.tool_uses)
            cost = Cost(1, 0, sent // _CHARACTERS_PER_TOKEN, came // _CHARACTERS_PER_TOKEN, is_estimated=True)
        else:
            cost = Cost(1, 0, used.input_tokens, used.output_tokens)
        self.cost += cost

    def add_call(self) -> None:
        """Count one call of a tool."""
        self.cost += Cost(calls=1)

"""One question of the person's and all that the model does for its answer: the loop.

Knows the order of things: the model is asked, chooses tools, each choice is decided on, those that were let through are
called at the same time, the results go back, until it answers or a limit is reached. However it ends, each choice in
the conversation has its result, as models refuse to go on otherwise. Refuses to know how anything looks. Belongs on the
loop thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import TextContent, ToolUseContent

from mcp_notebook.approval.providers import Request, complete, provider_name
from mcp_notebook.chat.calls import Calls, Choice
from mcp_notebook.chat.steps import Answered, Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp_notebook.approval.providers import Completion, Provider
    from mcp_notebook.chat.steps import Stop
    from mcp_notebook.chat.work import Work

__all__ = ["Turn"]


class Turn:
    """One question on its way.

    Args:
        provider: who answers.
        system: what the model is told first.
        work: the rest; the question is at the end of its history.

    Attributes:
        text: the last words of the model.
    """

    def __init__(self, provider: Provider, system: str, work: Work) -> None:
        self._provider = provider
        self._system = system
        self._tools = [one.to_model() for one in work.toolbox.offered.values()]
        self._history = work.history
        self._calls = Calls(work)
        self._budget = work.budget
        self._cell = work.cell
        self.text = ""

    async def run(self) -> Stop:
        """Go on until the model has answered; gives why it ended.

        Raises:
            ModelFailed: the model gave no answer; what it had before is kept.
        """
        limits = self._budget.limits
        for number in range(1, limits.rounds + 1):
            is_last = number == limits.rounds
            if self._budget.tokens_left <= 0:
                return "tokens"
            try:
                completion = await self._ask(number, is_last=is_last)
            except TimeoutError:
                return "seconds"
            uses = [] if completion.stop_reason == "maxTokens" else _with_ids(completion.tool_uses, number)
            self._say(completion.text, is_last=not uses or is_last)
            if not uses or is_last:
                stop: Stop = "answer_tokens" if completion.stop_reason == "maxTokens" else "answered"
                return "rounds" if uses else stop
            ended = await self._use(completion.text, uses)
            if ended is not None:
                return ended
        raise AssertionError("the last round has ended it")

    async def _ask(self, number: int, *, is_last: bool) -> Completion:
        self._cell.on_step(Asked(provider_name(self._provider), number))
        request = Request(
            messages=list(self._history.messages),
            system=self._system,
            max_tokens=max(1, min(self._budget.limits.answer_tokens, self._budget.tokens_left)),
            tools=self._tools,
            tool_choice="none" if is_last and self._tools else "auto",
        )
        said: list[str] = []
        heard = self._heard(said)
        async with self._budget.working():
            try:
                completion = await complete(self._provider, request, heard)
            except BaseException:
                self._say("".join(said), is_last=True)  # what was heard is kept, and models may go on from it
                raise
        self._budget.add_round(request, completion)
        return completion

    def _heard(self, said: list[str]) -> Callable[[str], None]:
        def hear(piece: str) -> None:
            said.append(piece)
            self._cell.on_text("".join(said))

        return hear

    def _say(self, text: str, *, is_last: bool) -> None:
        if not text:
            return
        self._cell.on_step(Answered(text, is_last))
        if is_last:
            self.text = text
            self._history.add("assistant", [TextContent(text=text)])

    async def _use(self, text: str, uses: Sequence[ToolUseContent]) -> Stop | None:
        """Have the choices of one round decided on and made; gives why to end, None to go on."""
        choices = [Choice(use) for use in uses]
        try:
            return await self._calls.run(choices)
        finally:
            said = [TextContent(text=text)] if text else []
            self._history.add("assistant", [*said, *uses])
            self._history.add("user", [choice.to_result() for choice in choices])


def _with_ids(uses: Sequence[ToolUseContent], number: int) -> list[ToolUseContent]:
    """Give each choice an id of its own: not every server that speaks as a maker's does, does so."""
    seen: set[str] = set()
    found: list[ToolUseContent] = []
    for at, use in enumerate(uses):
        identifier = use.id if use.id and use.id not in seen else f"call_{number}_{at}"
        seen.add(identifier)
        found.append(use if identifier == use.id else use.model_copy(update={"id": identifier}))
    return found

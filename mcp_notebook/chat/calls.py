"""The tools that a model chose in one round: decided on one after the other, then called at the same time.

Knows what stands between a choice and its result: there is such a tool, the arguments fit its schema, the person or a
rule lets it through, the call is made, its result is marked as data. Whatever goes wrong is a result for the model to
read. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mcp_types import TextContent, ToolResultContent

from mcp_notebook.arguments import check_arguments
from mcp_notebook.chat.giving import give, mark, result_text
from mcp_notebook.chat.origin import Origin, new_read
from mcp_notebook.chat.steps import Called, Chosen
from mcp_notebook.chat.wishes import call_question
from mcp_notebook.defences.leaks import get_seen_secrets
from mcp_notebook.errors import HostError
from mcp_notebook.errors.base import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import CallToolResult, ContentBlock, ToolUseContent

    from mcp_notebook.chat.steps import Outcome, Stop
    from mcp_notebook.chat.toolbox import Offered
    from mcp_notebook.chat.work import Work

__all__ = ["Calls", "Choice"]

_STOPPED = "This was not done, or not to its end: it was stopped."


@dataclass
class Choice:
    """One choice of the model, and what came of it.

    Attributes:
        use: the choice, in the model's words.
        given: what the model gets for it.
        is_error: it was not done, or it failed.
    """

    use: ToolUseContent
    given: Sequence[ContentBlock] = (TextContent(text=_STOPPED),)
    is_error: bool = True

    def to_result(self) -> ToolResultContent:
        """Write it as the conversation keeps it."""
        return ToolResultContent(tool_use_id=self.use.id, content=list(self.given), is_error=self.is_error)


@dataclass(frozen=True)
class _Allowed:
    """A choice that is to be called."""

    choice: Choice
    chosen: Chosen
    offered: Offered
    arguments: dict[str, Any]
    how: str


class Calls:
    """Decides on the choices of one question and makes the calls."""

    def __init__(self, work: Work) -> None:
        self._toolbox = work.toolbox
        self._history = work.history
        self._budget = work.budget
        self._cell = work.cell

    async def run(self, choices: Sequence[Choice]) -> Stop | None:
        """Bring choices to their results; gives why the turn ends, None if it goes on."""
        if self._budget.cost.calls + len(choices) > self._budget.limits.calls:
            return "calls"
        allowed: list[_Allowed] = []
        for choice in choices:
            found = await self._decide(choice)
            if found == "cancelled":
                return "cancelled"
            if isinstance(found, _Allowed):
                allowed.append(found)
        try:
            async with self._budget.working(), asyncio.TaskGroup() as group:
                for one in allowed:
                    group.create_task(self._call(one))
        except TimeoutError:
            return "seconds"
        return None

    async def _decide(self, choice: Choice) -> _Allowed | str | None:
        """Decide on one choice; gives what is to be called, "cancelled" to stop it all, None if it is not called."""
        use = choice.use
        offered = self._toolbox.offered.get(use.name)
        if offered is None:
            chosen = Chosen("", use.name, use.input)
            self._cell.on_step(chosen)
            near = did_you_mean(use.name, self._toolbox.offered)
            return self._refuse(choice, chosen, "refused", f"There is no tool {use.name!r}.{near}")
        chosen = Chosen(offered.session.name, offered.tool.name, use.input)
        self._cell.on_step(chosen)
        try:
            arguments = check_arguments(use.input, offered.tool.name, offered.tool.input_schema)
        except HostError as error:
            return self._refuse(choice, chosen, "refused", str(error))
        origin = Origin(offered.session.name, offered.tool.name, tuple(self._history.read), self._history.turns)
        answer = await self._cell.ask(call_question(offered, arguments, origin))
        if answer.action == "accept":
            return _Allowed(choice, chosen, offered, arguments, answer.how)
        if answer.action == "cancel":
            self._refuse(choice, chosen, "stopped", "The person stopped this.", answer.how)
            return "cancelled"
        text = "The person does not want this to be called. Do not try again; go on without it, or ask them."
        return self._refuse(choice, chosen, "declined", text, answer.how)

    def _refuse(self, choice: Choice, chosen: Chosen, outcome: Outcome, text: str, how: str = "") -> None:
        choice.given = [TextContent(text=text)]
        self._cell.on_step(Called(chosen, outcome, how, text))

    async def _call(self, one: _Allowed) -> None:
        """Call a tool and keep what the model gets."""
        self._budget.add_call()
        try:
            result = await self._send(one)
        except HostError as error:  # its sentence has the server's words in it
            await self._keep(one, str(error))
            self._cell.on_step(Called(one.chosen, "failed", one.how, str(error)))
            return
        except asyncio.CancelledError:
            self._cell.on_step(Called(one.chosen, "stopped", one.how, _STOPPED))
            raise
        text = result_text(result)
        get_seen_secrets().remember(one.offered.session.name, result.model_dump(mode="json", by_alias=True))
        await self._keep(one, text, result)
        one.choice.is_error = result.is_error
        outcome: Outcome = "failed" if result.is_error else "done"
        self._cell.on_step(Called(one.chosen, outcome, one.how, text, result.content))

    async def _keep(self, one: _Allowed, text: str, result: CallToolResult | None = None) -> None:
        """Keep what the model gets, and that it has read it."""
        source = one.offered.source
        self._history.read.append(await new_read(one.offered.session.name, source, text, self._history.turns))
        one.choice.given = [mark(source, text)] if result is None else give(source, text, result)

    async def _send(self, one: _Allowed) -> CallToolResult:
        connection, tool = one.offered.session.connection, one.offered.tool.name
        on_task = partial(self._cell.on_task, one.chosen)
        caller = self._cell.new_caller(tool)
        with nullcontext() if caller is None else connection.callers.lend(caller):
            return await connection.call_tool(tool, one.arguments, None, None, on_task)

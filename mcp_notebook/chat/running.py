"""One question while it runs: what happens is kept, shown under the cell, and asked of the person there.

Knows two threads: this all belongs on the loop thread, and what is shown is posted to the cell's. Refuses to know
conversations.
"""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mcp_types import TextContent

from mcp_notebook.approval.callers import Caller
from mcp_notebook.chat.attaching import attach
from mcp_notebook.chat.steps import Answered, Collected
from mcp_notebook.chat.toolbox import collect
from mcp_notebook.chat.turn import Turn
from mcp_notebook.chat.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp_notebook.approval.providers import Provider
    from mcp_notebook.approval.question import Answer, Question
    from mcp_notebook.chat.attaching import Wanted
    from mcp_notebook.chat.faces import Face
    from mcp_notebook.chat.limits import Budget
    from mcp_notebook.chat.steps import Chosen, Step, Stop
    from mcp_notebook.chat.work import History
    from mcp_notebook.delivery import TaskState
    from mcp_notebook.session import Session

__all__ = ["Place", "Running"]

_SHOW_SECONDS = 0.1
"""Between two looks at an answer that grows."""


@dataclass(frozen=True)
class Place:
    """Where a question was asked. Made on its thread.

    Attributes:
        post: has a function called on that thread, soon.
        face: shows there what happens.
        blocks: see `Caller`.
        is_main: it is the thread that runs cells; elsewhere questions go to the inbox.
    """

    post: Callable[[Callable[[], object]], object]
    face: Face
    blocks: bool
    is_main: bool

    @classmethod
    def here(cls, post: Callable[[Callable[[], object]], object], face: Face, *, blocks: bool) -> Place:
        """Give the place on this thread; see the attributes."""
        return cls(post, face, blocks, threading.current_thread() is threading.main_thread())


class Running:
    """One question on its way; see `work.Cell`.

    Args:
        provider: who answers.
        system: what the model is told first.
        sessions: whose tools it may use, by name.
        wanted: the question, and what goes along.
        place: where it was asked.

    Attributes:
        steps: what has happened so far.
    """

    def __init__(
        self, provider: Provider, system: str, *, sessions: Mapping[str, Session], wanted: Wanted, place: Place
    ) -> None:
        self._provider = provider
        self._system = system
        self._sessions = sessions
        self._wanted = wanted
        self._place = place
        self._caller = self._new_caller(None)
        self.steps: list[Step] = []
        self._growing = ""
        self._showing: asyncio.TimerHandle | None = None

    async def run(self, history: History, budget: Budget) -> tuple[str, Stop]:
        """Bring it to its end; gives the model's last words, and why it ended.

        Args:
            history: the conversation so far; grows.
            budget: how far it may go.

        Raises:
            ModelFailed: the model gave no answer.
            HostError: what was to go along is not there.
        """
        try:
            history.turns += 1
            attached = await attach(self._wanted, self._sessions, history.turns)
            toolbox = await collect(self._sessions.values(), self.ask)
            self.on_step(Collected(toolbox.names, toolbox.left_out, attached.shown, toolbox.notes))
            history.read += attached.read
            question = [TextContent(text=self._wanted.text)] if self._wanted.text else []
            history.add("user", [*attached.content, *question])
            turn = Turn(self._provider, self._system, Work(toolbox, history, budget, self))
            stop = await turn.run()
            self._place.post(partial(self._place.face.end, stop, budget.cost))
            return turn.text, stop
        finally:
            self._stop_showing()
            if self._caller is not None:
                self._caller.end()

    def _new_caller(self, tool: str | None) -> Caller | None:
        return Caller(self._place.post, tool, blocks=self._place.blocks) if self._place.is_main else None

    def new_caller(self, tool: str) -> Caller | None:
        """See `work.Cell`."""
        return self._new_caller(tool)

    async def ask(self, question: Question) -> Answer:
        """See `work.Cell`."""
        from mcp_notebook.approval.notebook import get_gate  # noqa: PLC0415  what checks forms costs a second to import

        return await get_gate().ask(question, self._caller)

    def on_step(self, step: Step) -> None:
        """See `work.Cell`."""
        if isinstance(step, Answered):
            self._stop_showing()
        self.steps.append(step)
        self._place.post(partial(self._place.face.show_step, step))

    def on_text(self, text: str) -> None:
        """See `work.Cell`. It is shown now and then; what is shown is never older than that."""
        self._growing = text
        if self._showing is None:
            self._showing = asyncio.get_running_loop().call_later(_SHOW_SECONDS, self._show_growing)

    def on_task(self, chosen: Chosen, state: TaskState) -> None:
        """See `work.Cell`."""
        self._place.post(partial(self._place.face.show_task, chosen, state))

    def _show_growing(self) -> None:
        self._showing = None
        self._place.post(partial(self._place.face.show_text, self._growing))

    def _stop_showing(self) -> None:
        if self._showing is not None:
            self._showing.cancel()
            self._showing = None

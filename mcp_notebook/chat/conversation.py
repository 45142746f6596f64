"""A conversation with a model that may use the tools of the connected servers.

    weather = Conversation(servers=["weather"])
    weather.ask("What is the weather in Seoul?")
    weather.ask("And in Jeju?").text
    weather.cost, weather.export("openai")

Knows which thread does what: the cell's thread waits and shows, the loop thread asks the model and the servers. Refuses
to know the loop (`running`, `turn`) and how anything looks (`views`).
"""

from __future__ import annotations

import asyncio
import queue
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook.approval.providers import ModelFailed, Request, find_provider
from mcp_notebook.approval.providers.anthropic import to_anthropic
from mcp_notebook.approval.providers.openai import to_openai
from mcp_notebook.chat.attaching import find_wanted
from mcp_notebook.chat.faces import find_face
from mcp_notebook.chat.limits import Budget, Cost, Limits
from mcp_notebook.chat.running import Place, Running
from mcp_notebook.chat.views import reply_view, transcript_table
from mcp_notebook.chat.work import History
from mcp_notebook.defences.data import DATA_RULE
from mcp_notebook.errors import NoAnswer, NoModel
from mcp_notebook.host import get_host
from mcp_notebook.loop import get_loop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.approval.providers import Message, Provider
    from mcp_notebook.chat.steps import Step, Stop
    from mcp_notebook.display import Table
    from mcp_notebook.session import Session

__all__ = ["Conversation", "Reply"]

_SYSTEM = (
    "You help a person who works in a notebook. Use the tools that you are given where they help; what is not known, "
    "say so. The person sees each call before it is made and may decline it. Answer in Markdown."
)


@dataclass(frozen=True)
class Reply:
    """What came of one question.

    Attributes:
        text: the model's last words, in Markdown; "" if it said nothing.
        stop: why it ended: "answered", the limit that was reached, or "cancelled".
        steps: all that happened, in order.
        cost: what was used.
        conversation: to go on with.
    """

    text: str
    stop: Stop
    steps: Sequence[Step]
    cost: Cost
    conversation: Conversation

    @property
    def transcript(self) -> Table:
        """What happened, a line each: collect, ask, choose, call, answer."""
        return transcript_table(self.steps)

    def __repr__(self) -> str:
        return reply_view(self.text, self.stop, self.cost).plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return reply_view(self.text, self.stop, self.cost).to_mimebundle()


@dataclass
class Conversation:
    """A conversation: each question goes on from the ones before.

    Attributes:
        servers: whose tools the model may use; None for all that are connected when something is asked.
        model: who answers, as for `%mcp model`; None for the one of this notebook.
        system: what the model is told first, after our own words.
        limits: how far it may go for each question.
        cost: of all questions so far.
    """

    servers: Sequence[str] | None = None
    model: Provider | None = None
    system: str = ""
    limits: Limits = field(default_factory=Limits)
    cost: Cost = field(default_factory=Cost)
    _history: History = field(default_factory=History, repr=False)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    @property
    def messages(self) -> list[Message]:
        """All messages so far; their pieces are the protocol's own types."""
        return list(self._history.messages)

    def export(self, wire: Literal["anthropic", "openai"] = "openai") -> list[dict[str, Any]]:
        """Give the messages as a maker's interface takes them, without the system prompt: JSON.

        Raises:
            ModelFailed: there is something in them that this interface does not take.
        """
        request = Request(self.messages, "", 1)
        written = to_anthropic(request, "") if wire == "anthropic" else to_openai(request, "", "max_tokens")
        return written["messages"]

    def ask(self, text: str, variables: Mapping[str, Any] | None = None, *, quiet: bool = False) -> Reply:
        """Ask something and wait for the answer, while what happens is shown. An interrupt ends it; one may go on.

        Args:
            text: the question; `@server:uri`, `/server.prompt` and `$name` attach something, see `attaching`.
            variables: what `$name` can name; None for nothing.
            quiet: show nothing but the questions to the person.

        Raises:
            NoModel: there is none to ask.
            NoAnswer: the model failed.
            HostError: what was to be attached is not there.
        """
        inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        with closing(find_face(quiet=quiet)) as face:
            running = self._begin(text, variables, Place.here(inbox.put, face, blocks=True))
            return get_loop().run(self._run, running, inbox=inbox)

    async def aask(self, text: str, variables: Mapping[str, Any] | None = None, *, quiet: bool = False) -> Reply:
        """Ask as `ask` does, from a coroutine; cancelling it ends the answer."""
        post = partial(asyncio.get_running_loop().call_soon_threadsafe, context=copy_context())  # the cell's outputs
        with closing(find_face(quiet=quiet)) as face:
            running = self._begin(text, variables, Place.here(post, face, blocks=False))
            return await asyncio.wrap_future(get_loop().submit(self._run, running))

    def _begin(self, text: str, variables: Mapping[str, Any] | None, place: Place) -> Running:
        """Find all that the question needs. On the thread that runs the cell: variables are looked at."""
        provider = self.model or find_provider()
        if provider is None:
            raise NoModel
        sessions = self._choose_sessions()
        wanted = find_wanted(text, list(sessions), variables or {})
        system = "\n\n".join(filter(None, (_SYSTEM, DATA_RULE, self.system)))
        return Running(provider, system, sessions=sessions, wanted=wanted, place=place)

    def _choose_sessions(self) -> dict[str, Session]:
        host = get_host()
        if self.servers is None:
            return {session.name: session for session in host.open_sessions}
        return {name: host.get(name) for name in self.servers}

    async def _run(self, running: Running) -> Reply:
        """Run a question to its end, after the last one: if that was interrupted, it may not be there yet."""
        budget = Budget(self.limits)
        async with self._turn:
            try:
                text, stop = await running.run(self._history, budget)
            except ModelFailed as error:
                raise NoAnswer(str(error)) from None
            finally:
                self.cost += budget.cost
        return Reply(text, stop, tuple(running.steps), budget.cost, self)

"""Signing in, with the person: may this page be opened, and what came of it.

Knows the two questions, and that they are asked under the cell that waits for the server: nobody is asked to sign in
out of the blue. Refuses to open anything itself: the person's own click, or the
person's own browser, does. Belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mcp_notebook.approval.fields import Field
from mcp_notebook.approval.links import UnusableLink, read_link
from mcp_notebook.approval.question import Answer, Asker, Question
from mcp_notebook.authorization.callback import BadCallback, Callback, read_callback
from mcp_notebook.display import one_line
from mcp_notebook.errors import SignInFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from mcp_notebook.approval.callers import Caller, Callers
    from mcp_notebook.authorization.callback import Listener

__all__ = ["SignIn"]

_ADDRESS = "address"
_CAME_BACK = Answer("accept", "the browser came back")


class SignIn:
    """Signs one connection in, as often as it is needed.

    Args:
        server: the connection's name.
        shown: what it leads to, without secrets.
        callers: the cells that wait for it.
        waiting_for_person: no time limit counts in it.
    """

    def __init__(
        self, server: str, shown: str, callers: Callers, waiting_for_person: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self.server = server
        self._shown = shown
        self._callers = callers
        self._waiting_for_person = waiting_for_person

    @property
    def caller(self) -> Caller | None:
        """The cell that waits; None if none does."""
        return self._callers.find()

    def check_possible(self) -> None:
        """Find out whether there is a cell under which to ask.

        Raises:
            SignInFailed: there is none.
        """
        if self.caller is None:
            raise SignInFailed(self.server, "no cell waits for it that could ask you to; call it from one")

    async def sign_in(self, url: str, listener: Listener) -> Callback:
        """Have the person sign in, and wait for it.

        Args:
            url: the page to sign in at.
            listener: where the browser comes back to.

        Raises:
            SignInFailed: the person does not want to, or it did not work.
        """
        self.check_possible()
        state = parse_qs(urlsplit(url).query).get("state", [""])[0]
        with self._waiting_for_person():
            opening = self._to_open(url)
            await listener.wait_for(state)
            await self._ask(opening)
            return await self._wait(state, listener)

    def _to_open(self, url: str) -> Question:
        try:
            link = read_link(url)
        except UnusableLink as error:
            raise SignInFailed(self.server, f"the page to sign in at cannot be opened: {error}") from None
        query = parse_qs(urlsplit(url).query)
        scopes = one_line(" ".join(query.get("scope", [])), 300)
        wants = (f"It is asked to allow: {scopes}.",) if scopes else ()
        how = "The page opens in your browser when you click; in a terminal, open the address yourself."
        return Question(
            kind="authorization",
            asker=self._asker,
            title="You have to sign in to use this server",
            message="",
            link=link,
            notes=(*wants, how),
            accept_label="Sign in",
        )

    @property
    def _asker(self) -> Asker:
        return Asker(self.server, self._callers.find_tool(), self._shown)

    async def _wait(self, state: str, listener: Listener) -> Callback:
        """Wait for the browser, or for the address that is pasted."""
        elsewhere: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        listener.came_back.add_done_callback(lambda _: None if elsewhere.done() else elsewhere.set_result(_CAME_BACK))
        field = Field(
            name=_ADDRESS,
            kind="text",
            label="Address of the last page",
            help="Only if that page does not load, as when this kernel runs on another computer: copy its address "
            "from the browser.",
            required=True,
        )
        question = Question(
            kind="authorization",
            asker=self._asker,
            title="Waiting until you have signed in",
            message="",
            fields=(field,),
            notes=("This goes on by itself when the browser comes back.",),
            may_last=(),
        )
        answer = await self._ask(question, elsewhere)
        try:
            if listener.came_back.done():
                return listener.came_back.result()
            return read_callback(str(answer.content.get(_ADDRESS, "")), state)
        except BadCallback as error:
            raise SignInFailed(self.server, str(error)) from None

    async def _ask(self, question: Question, elsewhere: asyncio.Future[Answer] | None = None) -> Answer:
        from mcp_notebook.approval.notebook import get_gate  # noqa: PLC0415  what checks forms costs a second to import

        answer = await get_gate().ask(question, self.caller, elsewhere)
        if answer.action != "accept":
            clicked = answer.how in {"clicked", "typed"}
            raise SignInFailed(self.server, "it was declined" if clicked else f"it was declined ({answer.how})")
        return answer

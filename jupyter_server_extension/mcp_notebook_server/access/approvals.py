"""The questions that wait for a person: may this host do that?

Knows which calls wait, for how long a question stays open, and what an answer does: it gives a grant for the call that
was shown, and for no other. Refuses to know how the person is reached (`asking`) and where they answer (`dashboard`).
Belongs to the Jupyter server's event loop.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args
from uuid import uuid4

from mcp_notebook_server.access.declines import Declines
from mcp_notebook_server.access.errors import NotShowable, TokenGone, TooManyApprovals, UnknownApproval
from mcp_notebook_server.short_form import shorten_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook_server.access.calls import Call
    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.grants import Grants
    from mcp_notebook_server.access.tokens import TokenFile

__all__ = ["ANSWERS", "OPEN_MINUTES", "Answer", "Approval", "Approvals"]

Answer = Literal["once", "hour", "day", "always", "decline"]
"""How long the host may, or that it may not."""

ANSWERS: tuple[Answer, ...] = get_args(Answer)

OPEN_MINUTES = 10
"""How long a question waits, and how long the answer to it is remembered for the same call."""

_MOST = 100
_MOST_PER_TOKEN = 10
"""Questions that may wait, of all hosts and of one token."""

_MOST_CHARACTERS = 20_000
"""What a person is asked to read at once; with `_MOST` it bounds what the page loads."""


@dataclass
class Approval:
    """One question.

    Attributes:
        id: in the link to the page.
        call: what is asked for.
        created: when it was asked.
        expires: when it is withdrawn if nobody answers.
        answered: is done when it needs no answer any more.
    """

    id: str
    call: Call
    created: datetime
    expires: datetime
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def as_json(self) -> dict[str, Any]:
        """Return what a person must see before they answer."""
        call, proposal = self.call, self.call.proposal
        return {
            "id": self.id,
            "token": call.token.name,
            "host": shorten_text(call.host),
            "tool": call.tool,
            "scope": call.scope,
            "kernel": proposal.kernel,
            "notebook": proposal.notebook,
            "kind": proposal.kind,
            "text": proposal.text,
            "arguments": {name: value for name, value in call.arguments.items() if value != proposal.text},
            "created": self.created.isoformat(),
            "expires": self.expires.isoformat(),
        }


class Approvals:
    """The questions of one Jupyter server.

    Args:
        grants: what answers become.
        tokens: a question ends with its token.
        changes: is told of each change.
        page: gives the address of the page on which a person answers, which is known when Jupyter listens.

    Attributes:
        declines: what they said no to.
    """

    def __init__(self, grants: Grants, tokens: TokenFile, changes: Changes, page: Callable[[], str]) -> None:
        self._grants = grants
        self._tokens = tokens
        self._changes = changes
        self._page = page
        self._waiting: dict[str, Approval] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.declines = Declines(OPEN_MINUTES)

    def list(self) -> list[Approval]:
        """Return those that wait for an answer, the oldest first."""
        now = datetime.now(UTC)
        for approval in list(self._waiting.values()):
            if now >= approval.expires or self._tokens.find_again(approval.call.token) is None:
                self._close(approval)
        return list(self._waiting.values())

    def link_to(self, approval: Approval) -> str:
        """Return the address at which a person answers it."""
        return f"{self._page()}?approval={approval.id}"

    def ask(self, call: Call) -> Approval:
        """Return the question that waits for this very call, a new one if there is none.

        Raises:
            ApprovalDeclined: if a person has said no to this call a short while ago.
            AskedTooOften: if they have said no to one after the other of this host's.
            NotShowable: if it is more than a person can read.
            TooManyApprovals: if too many wait already.
        """
        waiting = self.list()
        self.declines.check_call(call)
        for approval in waiting:
            if approval.call.digest == call.digest:
                return approval
        self.declines.check_host(call, self._page())
        length = len(call.proposal.text)
        if length > _MOST_CHARACTERS:
            raise NotShowable(call.tool, length, _MOST_CHARACTERS)
        own = sum(approval.call.token.digest == call.token.digest for approval in waiting)
        if own >= _MOST_PER_TOKEN or len(waiting) >= _MOST:
            raise TooManyApprovals(own if own >= _MOST_PER_TOKEN else len(waiting), self._page())
        return self._open(call)

    async def wait(self, approval: Approval, seconds: float) -> bool:
        """Wait until it needs no answer any more, but no longer than `seconds`; return whether that is so.

        Raises:
            ApprovalDeclined: if the person said no.
            TokenGone: if the token ended meanwhile.
        """
        try:
            async with asyncio.timeout(seconds):
                await approval.answered.wait()
        except TimeoutError:
            return False
        token = self._tokens.find_again(approval.call.token)
        if token is None or token.has_expired():
            raise TokenGone(approval.call.token.name)
        self.declines.check_call(approval.call)
        return True

    def answer(self, approval_id: str, answer: Answer) -> None:
        """Take a person's answer.

        Raises:
            UnknownApproval: if that question does not wait (any more).
        """
        approval = self.get(approval_id)
        if answer == "decline":
            self.declines.add(approval.call)
        else:
            self._grants.give(approval.call, answer)
            self.declines.end_row(approval.call.token.digest[:32])
        self._close(approval)

    def let_ask(self, pause_id: str) -> None:
        """Show the questions of a token again to which the person has said no one after the other."""
        self.declines.end_row(pause_id)
        self._changes.tell()

    def withdraw(self, approval: Approval) -> None:
        """Forget a question of which the host's own person wants to know no more; that is no answer to remember."""
        if approval.id in self._waiting:
            self._close(approval)

    def get(self, approval_id: str) -> Approval:
        """Return a question that waits.

        Raises:
            UnknownApproval: if it does not wait (any more).
        """
        for approval in self.list():
            if approval.id == approval_id:
                return approval
        raise UnknownApproval(approval_id)

    def _open(self, call: Call) -> Approval:
        now = datetime.now(UTC)
        lifetime = timedelta(minutes=OPEN_MINUTES)
        approval = Approval(id=uuid4().hex, call=call, created=now, expires=now + lifetime)
        self._waiting[approval.id] = approval
        later = asyncio.get_running_loop().call_later
        self._timers[approval.id] = later(lifetime.total_seconds() + 1, self.list)  # so that the page sees it go
        self._changes.tell()
        return approval

    def _close(self, approval: Approval) -> None:
        del self._waiting[approval.id]
        self._timers.pop(approval.id).cancel()
        approval.answered.set()
        self._changes.tell()

    def close(self) -> None:
        """End all questions, as the Jupyter server stops."""
        for approval in list(self._waiting.values()):
            self._close(approval)

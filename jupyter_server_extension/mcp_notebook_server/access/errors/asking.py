"""What a host is told that may not do something by itself, and a person whose answer comes too late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors import ServerError

if TYPE_CHECKING:
    from datetime import datetime

__all__ = [
    "ApprovalDeclined",
    "ApprovalNeeded",
    "AskedTooOften",
    "DeniedByPolicy",
    "NotShowable",
    "TokenGone",
    "TooManyApprovals",
    "UnknownApproval",
    "UnknownGrant",
]


@dataclass(eq=False)
class DeniedByPolicy(ServerError):
    """The person lets nobody do this, with whatever token.

    Attributes:
        tool: its name.
        scope: what it needs.
    """

    tool: str
    scope: str

    def __str__(self) -> str:
        return f"{self.tool} is switched off on this Jupyter server (MCPNotebookApp.{self.scope} = deny)."


@dataclass(eq=False)
class ApprovalNeeded(ServerError):
    """Nobody has answered yet whether the host may.

    Attributes:
        tool: what was called.
        token: the name of the host token.
        scope: what the token does not give.
        link: of the page on which the person answers.
        request: id of the question.
        minutes: for how long the answer will be good for the same call.
    """

    tool: str
    token: str
    scope: str
    link: str
    request: str
    minutes: int

    def __str__(self) -> str:
        return (
            f"{self.tool} was not run: it needs the person's permission, because the host token {self.token!r} does "
            f"not give {self.scope!r}. Ask them to answer at {self.link} (request {self.request}), then call "
            f"{self.tool} again with the same arguments within {self.minutes} minutes of their answer."
        )


@dataclass(eq=False)
class ApprovalDeclined(ServerError):
    """The person said no.

    Attributes:
        tool: what was called.
    """

    tool: str

    def __str__(self) -> str:
        return f"{self.tool} was not run: the person declined. Do not repeat it; ask them what they would like instead."


@dataclass(eq=False)
class AskedTooOften(ServerError):
    """The person said no so often that the host's next question is not shown to them.

    Attributes:
        tool: what was called.
        declined: how often, one after the other.
        until: when it may ask again.
        link: of the page on which the person lets it ask at once.
    """

    tool: str
    declined: int
    until: datetime
    link: str

    def __str__(self) -> str:
        return (
            f"{self.tool} was not run, and the person was not asked: they declined {self.declined} times in a row. "
            f"Ask them in words what they would like instead. They can let you ask again at {self.link}; otherwise "
            f"you may from {self.until:%H:%M} UTC on."
        )


@dataclass(eq=False)
class TooManyApprovals(ServerError):
    """So many questions wait for the person that no more are taken.

    Attributes:
        waiting: how many.
        link: of the page on which they are answered.
    """

    waiting: int
    link: str

    def __str__(self) -> str:
        return (
            f"{self.waiting} questions wait for the person already, and no more are taken. Ask them to answer at "
            f"{self.link}, then call again."
        )


@dataclass(eq=False)
class NotShowable(ServerError):
    """What would be done is too long for a person to read before they answer.

    Attributes:
        tool: what was called.
        length: characters of it.
        most: characters that are shown.
    """

    tool: str
    length: int
    most: int

    def __str__(self) -> str:
        return (
            f"{self.tool} needs the person's permission, and {self.length} characters are more than they are asked to "
            f"read at once ({self.most}). Do it in smaller parts."
        )


@dataclass(eq=False)
class TokenGone(ServerError):
    """While the person was asked, the host token was revoked or expired.

    Attributes:
        token: its name.
    """

    token: str

    def __str__(self) -> str:
        return f"Nothing was run: the host token {self.token!r} was revoked, or has expired meanwhile."


@dataclass(eq=False)
class UnknownApproval(ServerError):
    """No question of that id waits for an answer.

    Attributes:
        approval_id: what was asked for.
    """

    approval_id: str

    def __str__(self) -> str:
        return "This question waits no more: it was answered or withdrawn, or its time is over."


@dataclass(eq=False)
class UnknownGrant(ServerError):
    """There is no grant of that id.

    Attributes:
        grant_id: what was asked for.
    """

    grant_id: str

    def __str__(self) -> str:
        return "There is no such grant (any more)."

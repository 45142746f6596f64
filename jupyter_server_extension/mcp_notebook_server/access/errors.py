"""What a person can get wrong about host tokens, and what a host is told that may not do what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook_server.errors import CommandError, ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = [
    "ApprovalDeclined",
    "ApprovalNeeded",
    "AskedTooOften",
    "CallInterrupted",
    "DeniedByPolicy",
    "FileHeld",
    "InvalidDuration",
    "InvalidLimits",
    "InvalidTokenName",
    "NotShowable",
    "TokenGone",
    "TokenNameTaken",
    "TooManyApprovals",
    "UnknownApproval",
    "UnknownCall",
    "UnknownGrant",
    "UnknownProfile",
    "UnknownTokenName",
]


class InvalidTokenName(CommandError):
    """The name of a host token is also the name of a file.

    Attributes:
        name: what was asked for.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"{self.name!r} cannot be a token's name: use letters, digits, '_', '.' and '-', for example 'claude-code'."
        )


class TokenNameTaken(CommandError):
    """There is a host token of that name.

    Attributes:
        name: the name.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"There is a token named {self.name!r}. Take another name, or end the old one with "
            f"`mcp-notebook token revoke {self.name}`."
        )


class UnknownTokenName(CommandError):
    """There is no host token of that name.

    Attributes:
        name: what was asked for.
        known: the names there are.
    """

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name, known)
        self.name = name
        self.known = tuple(known)

    def __str__(self) -> str:
        there_is = f"There are: {', '.join(self.known)}." if self.known else "There are none yet."
        return f"There is no token named {self.name!r}. {there_is}"


class InvalidDuration(CommandError):
    """A duration is a number and a unit.

    Attributes:
        text: what was given.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is not a duration: write for example 30d, 12h, 45m or 2w."


class InvalidLimits(ServerError):
    """A limit in the Jupyter server's configuration is not understood.

    Attributes:
        problem: a clause such as "calls: 7 is not a rate".
        known: the limits there are.
    """

    def __init__(self, problem: str, known: Sequence[str]) -> None:
        super().__init__(problem, known)
        self.problem = problem
        self.known = tuple(known)

    def __str__(self) -> str:
        return f"MCPNotebookApp.limits: {self.problem}. There are: {', '.join(self.known)}."


class UnknownProfile(CommandError):
    """The stdio bridge has no credential under that name.

    Attributes:
        profile: its name.
    """

    def __init__(self, profile: str) -> None:
        super().__init__(profile)
        self.profile = profile

    def __str__(self) -> str:
        return (
            f"There is no profile {self.profile!r}. Make one with `mcp-notebook token create {self.profile} --profile`."
        )


class FileHeld(CommandError):
    """Another process changes the same file, and does not come to an end.

    Attributes:
        file: which.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self.file = file

    def __str__(self) -> str:
        return f"Another process is changing {self.file} and does not come to an end. Nothing was changed; try again."


class DeniedByPolicy(ServerError):
    """The person lets nobody do this, with whatever token.

    Attributes:
        tool: its name.
        scope: what it needs.
    """

    def __init__(self, tool: str, scope: str) -> None:
        super().__init__(tool, scope)
        self.tool = tool
        self.scope = scope

    def __str__(self) -> str:
        return f"{self.tool} is switched off on this Jupyter server (MCPNotebookApp.{self.scope} = deny)."


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

    def __init__(self, tool: str, token: str, scope: str, link: str, request: str, minutes: int) -> None:  # noqa: PLR0913, PLR0917 - each is a fact of the sentence
        super().__init__(tool, token, scope, link, request, minutes)
        self.tool = tool
        self.token = token
        self.scope = scope
        self.link = link
        self.request = request
        self.minutes = minutes

    def __str__(self) -> str:
        return (
            f"{self.tool} was not run: it needs the person's permission, because the host token {self.token!r} does "
            f"not give {self.scope!r}. Ask them to answer at {self.link} (request {self.request}), then call "
            f"{self.tool} again with the same arguments within {self.minutes} minutes of their answer."
        )


class ApprovalDeclined(ServerError):
    """The person said no.

    Attributes:
        tool: what was called.
    """

    def __init__(self, tool: str) -> None:
        super().__init__(tool)
        self.tool = tool

    def __str__(self) -> str:
        return f"{self.tool} was not run: the person declined. Do not repeat it; ask them what they would like instead."


class AskedTooOften(ServerError):
    """The person said no so often that the host's next question is not shown to them.

    Attributes:
        tool: what was called.
        declined: how often, one after the other.
        until: when it may ask again.
        link: of the page on which the person lets it ask at once.
    """

    def __init__(self, tool: str, declined: int, until: datetime, link: str) -> None:
        super().__init__(tool, declined, until, link)
        self.tool = tool
        self.declined = declined
        self.until = until
        self.link = link

    def __str__(self) -> str:
        return (
            f"{self.tool} was not run, and the person was not asked: they declined {self.declined} times in a row. "
            f"Ask them in words what they would like instead. They can let you ask again at {self.link}; otherwise "
            f"you may from {self.until:%H:%M} UTC on."
        )


class TooManyApprovals(ServerError):
    """So many questions wait for the person that no more are taken.

    Attributes:
        waiting: how many.
        link: of the page on which they are answered.
    """

    def __init__(self, waiting: int, link: str) -> None:
        super().__init__(waiting, link)
        self.waiting = waiting
        self.link = link

    def __str__(self) -> str:
        return (
            f"{self.waiting} questions wait for the person already, and no more are taken. Ask them to answer at "
            f"{self.link}, then call again."
        )


class NotShowable(ServerError):
    """What would be done is too long for a person to read before they answer.

    Attributes:
        tool: what was called.
        length: characters of it.
        most: characters that are shown.
    """

    def __init__(self, tool: str, length: int, most: int) -> None:
        super().__init__(tool, length, most)
        self.tool = tool
        self.length = length
        self.most = most

    def __str__(self) -> str:
        return (
            f"{self.tool} needs the person's permission, and {self.length} characters are more than they are asked to "
            f"read at once ({self.most}). Do it in smaller parts."
        )


class TokenGone(ServerError):
    """While the person was asked, the host token was revoked or expired.

    Attributes:
        token: its name.
    """

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.token = token

    def __str__(self) -> str:
        return f"Nothing was run: the host token {self.token!r} was revoked, or has expired meanwhile."


class UnknownApproval(ServerError):
    """No question of that id waits for an answer.

    Attributes:
        approval_id: what was asked for.
    """

    def __init__(self, approval_id: str) -> None:
        super().__init__(approval_id)
        self.approval_id = approval_id

    def __str__(self) -> str:
        return "This question waits no more: it was answered or withdrawn, or its time is over."


class UnknownGrant(ServerError):
    """There is no grant of that id.

    Attributes:
        grant_id: what was asked for.
    """

    def __init__(self, grant_id: str) -> None:
        super().__init__(grant_id)
        self.grant_id = grant_id

    def __str__(self) -> str:
        return "There is no such grant (any more)."


class CallInterrupted(ServerError):
    """The person ended a call that was being answered.

    Attributes:
        tool: what was called.
    """

    def __init__(self, tool: str) -> None:
        super().__init__(tool)
        self.tool = tool

    def __str__(self) -> str:
        return f"The person interrupted this call of {self.tool}. Do not repeat it; ask them what they would like."


class UnknownCall(ServerError):
    """No call of that id is being answered.

    Attributes:
        call_id: what was asked for.
    """

    def __init__(self, call_id: str) -> None:
        super().__init__(call_id)
        self.call_id = call_id

    def __str__(self) -> str:
        return "This has ended already."

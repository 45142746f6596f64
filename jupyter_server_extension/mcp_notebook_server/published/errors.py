"""What a host can run into on its way to a published server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AnswerBroken", "LoopHeld", "NotPublished", "PublishedError", "PublisherGone"]


class PublishedError(Exception):
    """A request that gets no answer from a published server.

    Attributes:
        status: of HTTP.
    """

    status = 502


@dataclass(eq=False)
class NotPublished(PublishedError):
    """Nothing was ever published under that name.

    Attributes:
        name: it.
        known: the names there are.
    """

    status = 404
    name: str
    known: Sequence[str]

    def __str__(self) -> str:
        there_is = f"There are: {', '.join(self.known)}." if self.known else "None is, at present."
        return f"No notebook publishes a server {self.name!r}. {there_is}"


@dataclass(eq=False)
class PublisherGone(PublishedError):
    """What was published is not there any more.

    Attributes:
        name: it.
    """

    name: str

    def __str__(self) -> str:
        return (
            f"The kernel that published {self.name!r} has ended or was restarted, or does not publish it any more. Its "
            f"person can run the cell with `%mcp publish` again; the address stays the same."
        )


@dataclass(eq=False)
class AnswerBroken(PublishedError):
    """The connection to the kernel ended before it answered.

    Attributes:
        name: of what is published.
    """

    name: str

    def __str__(self) -> str:
        return (
            f"The kernel that publishes {self.name!r} ended before it answered; whether the call was done is unknown."
        )


@dataclass(eq=False)
class LoopHeld(PublishedError):
    """A function of the published server lets no other run.

    Attributes:
        name: of what is published.
        function: which.
    """

    status = 503
    name: str
    function: str

    def __str__(self) -> str:
        return (
            f"The published server {self.name!r} answers nobody at present: its function {self.function}() holds its "
            "event loop. Its notebook says so, too. Try again later."
        )

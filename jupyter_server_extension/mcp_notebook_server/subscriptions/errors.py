"""What can go wrong for a host that subscribes, each worded once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["NotFollowed", "TooManySubscriptions"]


@dataclass(eq=False)
class NotFollowed(ServerError):
    """Nobody hears of changes at this address.

    Attributes:
        uri: what the host asked for.
        templates: addresses that can be followed.
    """

    uri: str
    templates: Sequence[str]

    def __str__(self) -> str:
        return (
            f"Changes of {self.uri!r} are not told. What can be followed looks like {', '.join(self.templates)}. "
            "Variables cannot, since a kernel does not say when one changes: follow its kernel, then read."
        )


@dataclass(eq=False)
class TooManySubscriptions(ServerError):
    """A host token follows as much as one may.

    Attributes:
        most: how many addresses that is.
    """

    most: int

    def __str__(self) -> str:
        return (
            f"You follow {self.most} addresses, and more are not told. Unsubscribe from some, or follow the notebook."
        )

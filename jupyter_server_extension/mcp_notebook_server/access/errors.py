"""What a person can get wrong about host tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "InvalidDuration",
    "InvalidTokenName",
    "TokenNameTaken",
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

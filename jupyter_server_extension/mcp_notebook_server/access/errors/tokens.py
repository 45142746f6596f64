"""What a person can get wrong about host tokens and the files that keep them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "FileHeld",
    "InvalidDuration",
    "InvalidTokenName",
    "TokenNameTaken",
    "UnknownProfile",
    "UnknownTokenName",
]


@dataclass(eq=False)
class InvalidTokenName(CommandError):
    """The name of a host token is also the name of a file.

    Attributes:
        name: what was asked for.
    """

    name: str

    def __str__(self) -> str:
        return (
            f"{self.name!r} cannot be a token's name: use letters, digits, '_', '.' and '-', for example 'claude-code'."
        )


@dataclass(eq=False)
class TokenNameTaken(CommandError):
    """There is a host token of that name.

    Attributes:
        name: the name.
    """

    name: str

    def __str__(self) -> str:
        return (
            f"There is a token named {self.name!r}. Take another name, or end the old one with "
            f"`mcp-notebook token revoke {self.name}`."
        )


@dataclass(eq=False)
class UnknownTokenName(CommandError):
    """There is no host token of that name.

    Attributes:
        name: what was asked for.
        known: the names there are.
    """

    name: str
    known: Sequence[str]

    def __str__(self) -> str:
        there_is = f"There are: {', '.join(self.known)}." if self.known else "There are none yet."
        return f"There is no token named {self.name!r}. {there_is}"


@dataclass(eq=False)
class InvalidDuration(CommandError):
    """A duration is a number and a unit.

    Attributes:
        text: what was given.
    """

    text: str

    def __str__(self) -> str:
        return f"{self.text!r} is not a duration: write for example 30d, 12h, 45m or 2w."


@dataclass(eq=False)
class UnknownProfile(CommandError):
    """The stdio bridge has no credential under that name.

    Attributes:
        profile: its name.
    """

    profile: str

    def __str__(self) -> str:
        return (
            f"There is no profile {self.profile!r}. Make one with `mcp-notebook token create {self.profile} --profile`."
        )


@dataclass(eq=False)
class FileHeld(CommandError):
    """Another process changes the same file, and does not come to an end.

    Attributes:
        file: which.
    """

    file: Path

    def __str__(self) -> str:
        return f"Another process is changing {self.file} and does not come to an end. Nothing was changed; try again."

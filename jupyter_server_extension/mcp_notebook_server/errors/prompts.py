"""What is said of prompts that cannot be filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors.base import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MissingPromptArguments",
    "NoErrorShown",
    "UnknownPrompt",
]


@dataclass(eq=False)
class UnknownPrompt(ServerError):
    """There is no prompt of that name.

    Attributes:
        prompt: what the host asked for.
        known: the names there are.
    """

    prompt: str
    known: Sequence[str]

    def __str__(self) -> str:
        return f"There is no prompt {self.prompt!r}. There are: {', '.join(self.known)}."


@dataclass(eq=False)
class MissingPromptArguments(ServerError):
    """A prompt cannot be filled in without these.

    Attributes:
        prompt: its name.
        missing: names of arguments.
    """

    prompt: str
    missing: Sequence[str]

    def __str__(self) -> str:
        return f"The prompt {self.prompt!r} needs {' and '.join(self.missing)}."


@dataclass(eq=False)
class NoErrorShown(ServerError):
    """An error is to be explained, and no cell shows one.

    Attributes:
        notebook: its path.
    """

    notebook: str

    def __str__(self) -> str:
        return f"No cell of {self.notebook!r} shows an error. If one does on the screen, save the notebook first."

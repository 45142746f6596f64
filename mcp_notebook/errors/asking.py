"""A question to a language model that brought no answer."""

from __future__ import annotations

from mcp_notebook.errors.base import HostError

__all__ = ["NoAnswer", "NoModel", "UnknownVariable"]


class NoModel(HostError):
    """There is no language model to ask."""

    def __str__(self) -> str:
        return (
            "There is no language model to ask. Say which: %mcp model anthropic:NAME, %mcp model openai:NAME, or one "
            "on your computer with --url."
        )


class NoAnswer(HostError):
    """The language model gave no answer, or no whole one; the conversation can go on.

    Attributes:
        reason: a sentence.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class UnknownVariable(HostError):
    """`$name` in a question names no variable, but nearly one.

    Attributes:
        name: what is there.
        hint: the nearest one, as a sentence with a space before it.
    """

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(name, hint)
        self.name = name
        self.hint = hint

    def __str__(self) -> str:
        return f"This notebook has no {self.name!r}.{self.hint} For the text itself write \\${self.name}."

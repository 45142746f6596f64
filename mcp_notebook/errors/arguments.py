"""Arguments that do not fit what is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.errors.base import HostError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["ArgumentError", "MissingArgument", "NoBareName", "UnknownArgument", "UnknownObject", "WrongArgument"]


class ArgumentError(HostError):
    """An argument that the tool cannot take.

    Attributes:
        tool: its name.
        argument: the argument's name.
        signature: the tool's arguments, as shown to a person.
    """

    def __init__(self, tool: str, argument: str, signature: str, *facts: object) -> None:
        super().__init__(tool, argument, signature, *facts)
        self.tool = tool
        self.argument = argument
        self.signature = signature

    def _takes(self) -> str:
        return f"{self.tool} takes {self.signature}." if self.signature else f"{self.tool} takes no arguments."


class UnknownArgument(ArgumentError):
    """The tool has no such argument.

    Attributes:
        known: the names of those it has.
    """

    def __init__(self, tool: str, argument: str, signature: str, known: Iterable[str]) -> None:
        self.known = tuple(known)
        super().__init__(tool, argument, signature, self.known)

    def __str__(self) -> str:
        return (
            f"{self.tool} has no argument {self.argument!r}.{did_you_mean(self.argument, self.known)} {self._takes()}"
        )


class MissingArgument(ArgumentError):
    """The tool needs an argument that was not given."""

    def __str__(self) -> str:
        return f"{self.tool} needs the argument {self.argument!r}. {self._takes()}"


class WrongArgument(ArgumentError):
    """An argument has a value that the tool cannot take.

    Attributes:
        problem: a clause that says what was given and what was expected.
        instead: what to write instead; None if nobody can say.
    """

    def __init__(self, tool: str, argument: str, signature: str, problem: str, instead: str | None = None) -> None:
        super().__init__(tool, argument, signature, problem, instead)
        self.problem = problem
        self.instead = instead

    def __str__(self) -> str:
        instead = f" Write {self.instead}." if self.instead else ""
        return f"{self.tool}: argument {self.argument!r} {self.problem}.{instead} {self._takes()}"


class UnknownObject(ArgumentError):
    """`argument=$name` names no object of the notebook.

    Attributes:
        name: what was looked for.
    """

    def __init__(self, tool: str, argument: str, signature: str, name: str) -> None:
        super().__init__(tool, argument, signature, name)
        self.name = name

    def __str__(self) -> str:
        return (
            f"{self.tool}: argument {self.argument!r} is ${self.name}, but this notebook has no {self.name!r}. "
            f"For the text itself write {self.argument}='${self.name}'."
        )


class NoBareName(ArgumentError):
    """`argument=$name` has more than a name behind the `$`.

    Attributes:
        expression: what is there.
    """

    def __init__(self, tool: str, argument: str, signature: str, expression: str) -> None:
        super().__init__(tool, argument, signature, expression)
        self.expression = expression

    def __str__(self) -> str:
        text = "'" if '"' in self.expression else '"'
        return (
            f"{self.tool}: argument {self.argument!r} is ${self.expression}, but $ takes the name of a variable alone. "
            f"Run value = {self.expression} and write {self.argument}=$value; for the text itself write "
            f"{self.argument}={text}${self.expression}{text}."
        )

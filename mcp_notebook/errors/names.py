"""A name that means nothing here, or too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import one_line, some_names
from mcp_notebook.errors.base import HostError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "AmbiguousPrompt",
    "AmbiguousResource",
    "AmbiguousTool",
    "NothingFound",
    "TemplateUnreadable",
    "UnknownLog",
    "UnknownPrompt",
    "UnknownResource",
    "UnknownServer",
    "UnknownTool",
    "how_to_revive",
]


def how_to_revive(server: str, state: str) -> str:
    """Say that a connection is lost or closed, and what to do: `time is lost: %mcp restart time`."""
    return f"{server} is {state}: %mcp restart {server}"


class UnknownServer(HostError):
    """No connection has this name.

    Attributes:
        server: what was asked for.
        known: the names of the open ones.
        gone: the states of those that are not, by name.
    """

    def __init__(self, server: str, known: Iterable[str], gone: Mapping[str, str] | None = None) -> None:
        self.server = server
        self.known = tuple(known)
        self.gone = dict(gone or {})
        super().__init__(server, self.known, self.gone)

    def __str__(self) -> str:
        if not self.known and not self.gone:
            return f"There is no server {self.server!r}: nothing is connected yet. Begin with %mcp connect."
        connected = f" Connected: {some_names(self.known)}." if self.known else " Nothing is connected."
        hint = did_you_mean(self.server, (*self.known, *self.gone))
        return f"There is no server {self.server!r}.{connected}{_say_gone(self.gone)}{hint}"


def _say_gone(gone: Mapping[str, str]) -> str:
    return f" ({some_names((how_to_revive(*one) for one in gone.items()), '; ')})" if gone else ""


class UnknownLog(HostError):
    """No connection of this name has a log.

    Attributes:
        server: what was asked for.
        known: the names that have one.
    """

    def __init__(self, server: str, known: Iterable[str]) -> None:
        self.server = server
        self.known = tuple(known)
        super().__init__(server, self.known)

    def __str__(self) -> str:
        if not self.known:
            return f"There is no log of {self.server!r}: nothing was ever connected. Begin with %mcp connect."
        hint = did_you_mean(self.server, self.known)
        return f"There is no log of {self.server!r}. There are logs of {some_names(self.known)}.{hint}"


class _Unknown(HostError):
    """No connected server has what this name names.

    Attributes:
        name: what was asked for.
        known: the names there are.
        server: the one that was asked, or None if all were.
        gone: the states of the connections that could not be asked, by name.
    """

    noun = ""

    def __init__(
        self, name: str, known: Iterable[str], server: str | None = None, gone: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.known = tuple(known)
        self.server = server
        self.gone = dict(gone or {})
        super().__init__(name, self.known, server, self.gone)

    def __str__(self) -> str:
        who = "No connected server has a" if self.server is None else f"{self.server} has no"
        gone = _say_gone(self.gone)
        if not self.known:
            see = gone or " See %mcp."
            return f"{who} {self.noun} {self.name!r}: there are no {self.noun}s.{see}"
        others = "" if gone else f" There are: {some_names(self.known)}."  # with one lost, it is that one's, mostly
        hint = did_you_mean(self.name, self.known) or others
        return f"{who} {self.noun} {self.name!r}.{hint}{gone}"


class UnknownTool(_Unknown):
    """No connected server has this tool."""

    noun = "tool"


class UnknownPrompt(_Unknown):
    """No connected server has this prompt."""

    noun = "prompt"


class UnknownResource(_Unknown):
    """No connected server has this resource, nor a template that gives it; `name` is its URI."""

    noun = "resource"


class _Ambiguous(HostError):
    """Several connected servers have what this name names.

    Attributes:
        name: what was asked for.
        servers: the names of those that have it.
    """

    noun = ""

    def __init__(self, name: str, servers: Iterable[str]) -> None:
        self.name = name
        self.servers = tuple(servers)
        super().__init__(name, self.servers)

    def _choice(self, server: str) -> str:
        return f"{server}.{self.name}"

    def __str__(self) -> str:
        choices = some_names(map(self._choice, self.servers), " or ")
        return f"Several servers have a {self.noun} {self.name!r}: say {choices}."


class AmbiguousTool(_Ambiguous):
    """Several connected servers have this tool."""

    noun = "tool"


class AmbiguousPrompt(_Ambiguous):
    """Several connected servers have this prompt."""

    noun = "prompt"


class AmbiguousResource(_Ambiguous):
    """Several connected servers have this resource, or may have it; `name` is its URI."""

    noun = "resource"

    def _choice(self, server: str) -> str:
        return f"%mcp read {server} {self.name}"


class NothingFound(HostError):
    """A search that found nothing.

    Attributes:
        noun: what was looked for.
        text: the words that it should have.
        all_command: the line that shows all.
        server: the connection that the text names, None if it names none.
    """

    def __init__(self, noun: str, text: str, all_command: str, server: str | None = None) -> None:
        super().__init__(noun, text, all_command, server)
        self.noun = noun
        self.text = text
        self.all_command = all_command
        self.server = server

    def __str__(self) -> str:
        nothing = f"No {self.noun} has {self.text!r} in its name or description."
        if self.server is not None:
            return f"{nothing} For the {self.noun}s of the server {self.server}: {self.all_command} {self.server}"
        return f"{nothing} {self.all_command} shows all."


class TemplateUnreadable(HostError):
    """A URI template that cannot be expanded.

    Attributes:
        template: as the server gave it.
        reason: a clause.
    """

    def __init__(self, template: str, reason: str) -> None:
        super().__init__(template, reason)
        self.template = template
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"The template {self.template} cannot be filled in ({one_line(self.reason)}). Give the whole URI instead."
        )

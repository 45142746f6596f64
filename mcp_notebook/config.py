"""What a server is before it is connected: a command to start, or a URL to speak to.

Knows how a person writes one down, and keeps secrets as they were written (`${TOKEN}`) until the moment of use; a repr
shows neither header nor environment values. Refuses to know transports.
"""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from mcp_notebook.errors import VariableUnset
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Era",
    "HTTPServer",
    "InProcessServer",
    "ServerDefinition",
    "StdioServer",
    "expand_variables",
    "is_server_object",
    "read_definition",
]

Era = Literal["auto", "legacy", "modern"]
"""Which protocol to speak: legacy is 2025-11-25 and before, modern 2026-07-28; auto asks the server."""

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _no_values() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class StdioServer:
    """A server that is a process of ours, spoken to over its standard input and output.

    Attributes:
        command: a program, looked up in this kernel's own environment before PATH.
        args: its arguments.
        env: variables it gets beside the few that are safe to inherit; values may hold `${VAR}`.
        era: which protocol to speak.
    """

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=_no_values, repr=False)
    era: Era = "auto"

    @property
    def shown(self) -> str:
        """The command line, for a person."""
        return shlex.join([self.command, *self.args])


@dataclass(frozen=True)
class HTTPServer:
    """A server at a URL, spoken to over Streamable HTTP.

    Attributes:
        url: of the MCP endpoint.
        headers: sent with every request; values may hold `${VAR}`.
        era: which protocol to speak.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=_no_values, repr=False)
    era: Era = "auto"

    @property
    def shown(self) -> str:
        """The URL without what may be secret in it: credentials, query, fragment."""
        parts = urlsplit(self.url)
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))

    def __repr__(self) -> str:
        return f"HTTPServer({self.shown!r}, headers={sorted(self.headers)}, era={self.era!r})"


@dataclass(frozen=True)
class InProcessServer:
    """A server object of this notebook: the SDK's `MCPServer`, or its lowlevel `Server`.

    Attributes:
        server: the object.
        era: which protocol to speak.
    """

    server: Any
    era: Era = "auto"

    @property
    def shown(self) -> str:
        """What it is, for a person."""
        return f"{type(self.server).__name__} {self.server.name!r} in this notebook"

    def __repr__(self) -> str:
        return f"InProcessServer({self.shown!r}, era={self.era!r})"


def is_server_object(value: object) -> bool:
    """Whether a value is an SDK server, told by its class: importing the SDK to ask would take half a second."""
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(value).__mro__}
    return not names.isdisjoint({"mcp.server.mcpserver.server.MCPServer", "mcp.server.lowlevel.server.Server"})


ServerDefinition = StdioServer | HTTPServer | InProcessServer


def read_definition(
    target: str | Sequence[str],
    *,
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    era: Era = "auto",
) -> ServerDefinition:
    """Read what a person gave as a server.

    Args:
        target: a URL, or a command as one line or as a list of words.
        headers: for a URL.
        env: for a command.
        era: which protocol to speak.

    Raises:
        ValueError: nothing was given, or headers for a command, or an environment for a URL.
    """
    if isinstance(target, str) and target.startswith(("http://", "https://")):
        if env:
            raise ValueError("env is for a command; a URL takes headers")
        return HTTPServer(target, dict(headers or {}), era)
    if headers:
        raise ValueError("headers are for a URL; a command takes env")
    words = split_words(target) if isinstance(target, str) else list(target)
    if not words:
        raise ValueError("the command is empty")
    return StdioServer(words[0], tuple(words[1:]), dict(env or {}), era)


def expand_variables(text: str, where: str) -> str:
    """Replace each `${VAR}` by the environment's value.

    Args:
        text: what a person wrote; `$VAR` without braces is left alone.
        where: what it is for, for the error: "the header Authorization".

    Raises:
        VariableUnset: the environment has no such variable.
    """

    def value(match: re.Match[str]) -> str:
        try:
            return os.environ[match[1]]
        except KeyError:
            raise VariableUnset(match[1], where) from None

    return _VARIABLE.sub(value, text)

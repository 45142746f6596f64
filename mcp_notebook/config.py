"""What a server is before it is connected: a command to start, or a URL to speak to.

Knows how a person writes one down, and keeps secrets as they were written (`${TOKEN}`) until the moment of use; a repr
shows neither header nor environment values. Refuses to know transports, files (`config_files`) and what a variable
stands for (`variables`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from mcp_notebook.credentials import hide_credentials, hide_in_text
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Era",
    "HTTPServer",
    "InProcessServer",
    "Input",
    "OAuthClient",
    "Place",
    "ServerDefinition",
    "StdioServer",
    "WrittenDefinition",
    "is_server_object",
    "read_definition",
]

Era = Literal["auto", "legacy", "modern"]
"""Which protocol to speak: legacy is 2025-11-25 and before, modern 2026-07-28; auto asks the server."""


def _no_values() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Input:
    """What a file says about a value that is to be asked for (`${input:id}`).

    Attributes:
        description: what to show a person; empty if nothing.
        default: the value if a person enters nothing; None if there is none.
        options: the only values that will do; empty if any will.
    """

    description: str = ""
    default: str | None = None
    options: tuple[str, ...] = ()


def _no_inputs() -> Mapping[str, Input]:
    return {}


def _no_answers() -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Place:
    """The file in which definitions were written: some variables are about it.

    Attributes:
        file: its path.
        workspace: the project's folder (`${workspaceFolder}`), which relative paths begin at.
        inputs: what the file says about each `${input:id}`.
        answers: what a person has entered since the file was read, so that nobody is asked twice.
    """

    file: Path
    workspace: Path
    inputs: Mapping[str, Input] = field(default_factory=_no_inputs, repr=False)
    answers: dict[str, str] = field(default_factory=_no_answers, repr=False)

    @property
    def shown(self) -> str:
        """The file's path, for a person: from this folder, or from home."""
        for folder, prefix in ((Path.cwd(), ""), (Path.home(), "~/")):
            if self.file.absolute().is_relative_to(folder):
                return prefix + self.file.absolute().relative_to(folder).as_posix()
        return str(self.file)


@dataclass(frozen=True)
class StdioServer:
    """A server that is a process of ours, spoken to over its standard input and output.

    Every text may hold variables such as `${TOKEN}`.

    Attributes:
        command: a program, looked up in this kernel's own environment before PATH.
        args: its arguments.
        env: variables it gets beside the few that are safe to inherit.
        era: which protocol to speak.
        cwd: the folder it runs in; None for this kernel's.
        env_file: a file of more variables, one `NAME=value` a line; None if there is none.
        place: where this was written; None in a cell.
        written: what this was before its variables were replaced, for showing; None if it is as a person wrote it.
    """

    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=_no_values)
    era: Era = "auto"
    cwd: str | None = None
    env_file: str | None = None
    place: Place | None = field(default=None, compare=False)
    written: StdioServer | None = field(default=None, compare=False)

    @property
    def shown(self) -> str:
        """The command line, for a person; what looks like a credential is left out."""
        written = self.written or self
        return shlex.join(hide_credentials([written.command, *written.args]))

    def __repr__(self) -> str:
        return f"StdioServer({self.shown!r}, env={sorted(self.env)}, era={self.era!r})"


@dataclass(frozen=True)
class OAuthClient:
    """What this notebook is to an authorization server, where that is agreed beforehand.

    Attributes:
        client_id: as it was registered; None if this notebook is to register itself. May hold variables.
        client_secret: that belongs to it; None if there is none. May hold variables such as `${SECRET}`.
        issuer: whose it is; for another authorization server it is not used. None if any may have it.
        scopes: to ask for where the server does not say which it needs.
        callback_port: of this computer, where the browser comes back to; None for any.
        metadata_url: of a document that describes this notebook (a Client ID Metadata Document); None if there is none.
    """

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    issuer: str | None = None
    scopes: tuple[str, ...] = ()
    callback_port: int | None = None
    metadata_url: str | None = None


@dataclass(frozen=True)
class HTTPServer:
    """A server at a URL, spoken to over Streamable HTTP, or over the older HTTP+SSE.

    URL and headers may hold variables such as `${TOKEN}`.

    Attributes:
        url: of the MCP endpoint.
        headers: sent with every request.
        era: which protocol to speak.
        sse: speak HTTP+SSE (the transport of 2024-11-05).
        oauth: what this notebook is to its authorization server; None if that is not agreed beforehand.
        place: where this was written; None in a cell.
        written: what this was before its variables were replaced, for showing; None if it is as a person wrote it.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=_no_values)
    era: Era = "auto"
    sse: bool = False
    oauth: OAuthClient | None = None
    place: Place | None = field(default=None, compare=False)
    written: HTTPServer | None = field(default=None, compare=False)

    @property
    def shown(self) -> str:
        """The URL without what may be secret in it: credentials, query, fragment, known tokens."""
        parts = urlsplit((self.written or self).url)
        return hide_in_text(urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")))

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


WrittenDefinition = StdioServer | HTTPServer
"""What can be written down, in a line or in a file."""

ServerDefinition = WrittenDefinition | InProcessServer


def read_definition(
    target: str | Sequence[str],
    *,
    headers: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    era: Era = "auto",
) -> WrittenDefinition:
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

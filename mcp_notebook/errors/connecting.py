"""A connection that did not come about."""

from __future__ import annotations

import signal
from http import HTTPStatus
from typing import TYPE_CHECKING

from mcp_notebook.display import one_line, some_names
from mcp_notebook.errors.base import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "NO_TLS",
    "STDERR_LINES_SHOWN",
    "CallFailed",
    "CommandNotFound",
    "ConnectFailed",
    "ConnectTimedOut",
    "HandshakeFailed",
    "NoJupyterServer",
    "NotAllConnected",
    "ServerExited",
    "ServerRefused",
    "ServerUnreachable",
    "SignInFailed",
    "how_process_ended",
]

NO_TLS = "no TLS is spoken there"
"""The reason of a `ServerUnreachable` whose URL begins with https and should not."""

STDERR_LINES_SHOWN = 8
"""How many of the last lines that a server wrote are part of an error."""

_WRONG_PLACE = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED})


def how_process_ended(returncode: int | None) -> str:
    """Say how a server's process ended, as a clause; `returncode` None means that it still runs."""
    if returncode is None:
        return "it closed its output"
    if returncode >= 0:
        return f"its process exited with code {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        name = f"signal {-returncode}"
    return f"its process was killed by {name}"


class CallFailed(HostError):
    """A request that did not end in a result.

    Attributes:
        server: the connection's name.
    """

    def __init__(self, server: str, *facts: object) -> None:
        super().__init__(server, *facts)
        self.server = server


class ConnectFailed(HostError):
    """A server could not be connected to.

    Attributes:
        server: the name it was to have.
    """

    def __init__(self, server: str, *facts: object) -> None:
        super().__init__(server, *facts)
        self.server = server


class NotAllConnected(HostError):
    """Some of several servers could not be connected to; the others are.

    Attributes:
        failures: what went wrong, by server.
        connected: the names of the others.
    """

    def __init__(self, failures: Mapping[str, HostError], connected: Sequence[str]) -> None:
        self.failures = dict(failures)
        self.connected = tuple(connected)
        super().__init__(self.failures, self.connected)

    def __str__(self) -> str:
        total = len(self.failures) + len(self.connected)
        others = f"Connected: {some_names(self.connected)}." if self.connected else "None is connected."
        return f"{len(self.failures)} of {total} servers could not be connected to. {others}"

    def _details(self) -> Sequence[str]:
        return [str(failure) for failure in self.failures.values()]


class CommandNotFound(ConnectFailed):
    """The command that starts a stdio server is not there.

    Attributes:
        command: what was looked for.
    """

    def __init__(self, server: str, command: str) -> None:
        super().__init__(server, command)
        self.command = command

    def __str__(self) -> str:
        nowhere = f"{self.server}: there is no command {self.command!r} in this kernel's environment or on PATH."
        if " " in self.command:
            return f"{nowhere} Write it without the quotes around the whole of it: -- {self.command}"
        return f"{nowhere} Install it, or give its whole path."


class ServerExited(ConnectFailed):
    """A stdio server ended before it had spoken.

    Attributes:
        reason: a clause.
        stderr: the last lines it wrote.
    """

    def __init__(self, server: str, reason: str, stderr: Sequence[str]) -> None:
        super().__init__(server, reason, stderr)
        self.reason = reason
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        last = "its last words:" if self.stderr else "it wrote nothing to stderr."
        return f"{self.server}: the server ended before it was connected ({self.reason}); {last}"

    def _details(self) -> Sequence[str]:
        return self.stderr[-STDERR_LINES_SHOWN:]


class ServerUnreachable(ConnectFailed):
    """Nothing answers at the URL.

    Attributes:
        url: without credentials and query.
        reason: a clause.
    """

    def __init__(self, server: str, url: str, reason: str) -> None:
        super().__init__(server, url, reason)
        self.url = url
        self.reason = reason

    def __str__(self) -> str:
        nothing = f"{self.server}: nothing answers at {self.url} ({self.reason})."
        if self.reason == NO_TLS:
            return f"{nothing} Try http:// in place of https://"
        return f"{nothing} Is the server running, and the address right?"


class ServerRefused(ConnectFailed, CallFailed):
    """The URL answers, but not to us, at connecting or later.

    Attributes:
        url: without credentials and query.
        status: the HTTP status.
        sentence: what the server said about it.
        connecting_by_sse: whether it refused to be connected to over HTTP+SSE, or over Streamable HTTP; None if it
            was connected already.
    """

    def __init__(
        self, server: str, url: str, status: int, sentence: str, *, connecting_by_sse: bool | None = None
    ) -> None:
        super().__init__(server, url, status, sentence, connecting_by_sse)
        self.url = url
        self.status = status
        self.sentence = sentence
        self.connecting_by_sse = connecting_by_sse

    def __str__(self) -> str:
        answered = f"{self.server}: {self.url} answered {self.status}: {one_line(self.sentence)}"
        return f"{answered.rstrip('.')}.{self._hint()}"

    def _hint(self) -> str:
        if self.status == HTTPStatus.UNAUTHORIZED:
            return ' If it wants a token: -H "Authorization: Bearer ${TOKEN}"'
        if self.status not in _WRONG_PLACE:
            return ""
        if self.connecting_by_sse is None:
            return f" It may have forgotten the session: %mcp restart {self.server}"
        if self.connecting_by_sse:
            return " Most servers speak Streamable HTTP: leave out --sse, and the path is usually /mcp"
        if self.url.endswith("/sse"):
            return " A path /sse usually means the older HTTP+SSE: add --sse"
        usual = "" if self.url.endswith("/mcp") else "; the path is usually /mcp"
        return f" Is it the address of an MCP server? It has a path of its own{usual}"


class SignInFailed(ConnectFailed, CallFailed):
    """The server wants a person to sign in, and that did not come about, at connecting or later.

    Attributes:
        reason: a clause.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(server, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: you are not signed in: {one_line(self.reason, 400).rstrip('.')}."


class HandshakeFailed(ConnectFailed):
    """Something answered that is not the MCP server asked for.

    Attributes:
        reason: a clause.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(server, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: no MCP connection came about: {one_line(self.reason)}. See %mcp log {self.server} --raw"


class ConnectTimedOut(ConnectFailed):
    """The server started, or the URL answered, but no handshake was finished in time.

    Attributes:
        seconds: how long was waited.
        stderr: the last lines a stdio server wrote.
    """

    def __init__(self, server: str, seconds: float, stderr: Sequence[str] = ()) -> None:
        super().__init__(server, seconds, stderr)
        self.seconds = seconds
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        return (
            f"{self.server}: no answer within {self.seconds:g} s. Is it an MCP server? If it had to download something "
            "first, run the cell again."
        )

    def _details(self) -> Sequence[str]:
        return self.stderr[-STDERR_LINES_SHOWN:]


class NoJupyterServer(HostError):
    """No Jupyter server of this person runs, whose page could be shown."""

    def __str__(self) -> str:
        return "No Jupyter server runs here, so there is no page to show. Start one, for example with `jupyter lab`."

"""A connection that did not come about."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from mcp_notebook.display import one_line
from mcp_notebook.errors.base import HostError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "STDERR_LINES_SHOWN",
    "CallFailed",
    "CommandNotFound",
    "ConnectFailed",
    "ConnectTimedOut",
    "HandshakeFailed",
    "NotAllConnected",
    "ServerExited",
    "ServerRefused",
    "ServerUnreachable",
    "how_process_ended",
]

STDERR_LINES_SHOWN = 8
"""How many of the last lines that a server wrote are part of an error."""


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
        others = f"Connected: {', '.join(self.connected)}." if self.connected else "None is connected."
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
        return f"{self.server}: there is no command {self.command!r} in this kernel's environment or on PATH."


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
        return f"{self.server}: nothing answers at {self.url} ({self.reason})."


class ServerRefused(ConnectFailed, CallFailed):
    """The URL answers, but not to us, at connecting or later.

    Attributes:
        url: without credentials and query.
        status: the HTTP status.
        sentence: what the server said about it.
    """

    def __init__(self, server: str, url: str, status: int, sentence: str) -> None:
        super().__init__(server, url, status, sentence)
        self.url = url
        self.status = status
        self.sentence = sentence

    def __str__(self) -> str:
        return f"{self.server}: {self.url} answered {self.status}: {one_line(self.sentence)}"


class HandshakeFailed(ConnectFailed):
    """Something answered that is not the MCP server asked for.

    Attributes:
        reason: a clause.
    """

    def __init__(self, server: str, reason: str) -> None:
        super().__init__(server, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: no MCP connection came about: {one_line(self.reason)}"


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
        return f"{self.server}: no answer within {self.seconds:g} s. Is it an MCP server?"

    def _details(self) -> Sequence[str]:
        return self.stderr[-STDERR_LINES_SHOWN:]

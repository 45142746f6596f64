"""What all errors are that a host or a person is told of."""

from __future__ import annotations

__all__ = [
    "CommandError",
    "ServerError",
]


class ServerError(Exception):
    """A failure that a host is told of; `str()` is the whole sentence."""


class CommandError(ServerError):
    """A failure that the person at the command line is told of."""

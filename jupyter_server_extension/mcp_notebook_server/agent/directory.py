"""The private directory of one kernel: the nonce that we write there, the agent's address that the kernel writes there.

Knows files. Refuses to know what travels over the socket.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp_notebook_server.places import make_private_directory, write_private_file

__all__ = ["Address", "KernelDirectory"]

_SOCKET_PATH_BYTES = 100
"""What every system allows for the path of a Unix socket; Linux has 107, macOS 103."""

_LONGEST_NAME = "agent-4194304.sock"


@dataclass(frozen=True)
class Address:
    """Where an agent listens.

    Attributes:
        secret: what a connection must say first.
        socket: path of the Unix socket; None on Windows.
        port: on loopback, on Windows; None elsewhere.
    """

    secret: str
    socket: str | None
    port: int | None


class KernelDirectory:
    """The directory of one kernel, and a second one for the socket where the first one's path is too long.

    Args:
        path: the directory; made at `prepare`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sockets: Path | None = None

    def prepare(self) -> dict[str, str]:
        """Make the directory ready for a new agent and return what `service.install` needs to know."""
        make_private_directory(self._path)
        self._remove_agent()
        nonce = secrets.token_hex(16)
        write_private_file(self._path / "nonce", nonce)
        secret = secrets.token_hex(32)
        return {
            "directory": str(self._path),
            "sockets": str(self._socket_directory()),
            "nonce": nonce,
            "secret": secret,
        }

    def _socket_directory(self) -> Path:
        if len(os.fsencode(self._path / _LONGEST_NAME)) <= _SOCKET_PATH_BYTES:
            return self._path
        if self._sockets is None:
            self._sockets = Path(tempfile.mkdtemp(prefix="mcpn"))
        return self._sockets

    def find_address(self, secret: str) -> Address | None:
        """Return where the agent with this secret listens; None if it did not write its address here."""
        try:
            said: dict[str, Any] = json.loads((self._path / "agent.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return Address(secret, said.get("socket"), said.get("port")) if said.get("secret") == secret else None

    def _remove_agent(self) -> None:
        for directory in {self._path, self._sockets or self._path}:
            for stale in (*directory.glob("agent-*.sock"), *directory.glob("agent.json*")):
                with contextlib.suppress(OSError):
                    stale.unlink()

    def remove(self) -> None:
        """Remove everything."""
        for directory in (self._path, self._sockets):
            if directory is not None:
                shutil.rmtree(directory, ignore_errors=True)
        self._sockets = None

"""An MCP server over HTTP that can be stopped and started again, always at the same port."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Restartable"]


class Restartable:
    """A script that serves as `script http DIRECTORY PORT`, and writes its URL into the file "url" there.

    Args:
        script: of the server.
        directory: of the file.

    Attributes:
        url: of the server.
    """

    def __init__(self, script: Path, directory: Path) -> None:
        self._script = script
        self._directory = directory
        self._port = "0"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it listens."""
        command = [sys.executable, str(self._script), "http", str(self._directory), self._port]
        self._process = subprocess.Popen(command)
        wait_until((self._directory / "url").exists, "the server's port", seconds=60)
        self.url = (self._directory / "url").read_text()
        self._port = self.url.rpartition(":")[2].removesuffix("/mcp")

    def stop(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        (self._directory / "url").unlink(missing_ok=True)

"""A connection outlives a server that has forgotten the session, and says so."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mcp_notebook.config import HTTPServer
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mcp_notebook.session import Session

SAID = "MCP: workshop had forgotten the session, so a new one was begun.\n"


class Restartable:
    """The workshop over HTTP, always at the same port."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._port = "0"
        self.start()

    def start(self) -> None:
        workshop = f"{__file__.rpartition('/')[0]}/workshop_server.py"
        self._process = subprocess.Popen([sys.executable, workshop, "http", str(self._directory), self._port])
        wait_until((self._directory / "url").exists, "the workshop's port", seconds=60)
        self.url = (self._directory / "url").read_text()
        self._port = self.url.rpartition(":")[2].removesuffix("/mcp")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        (self._directory / "url").unlink()


@pytest.fixture
def server(directory: Path) -> Iterator[Restartable]:
    server = Restartable(directory)
    yield server
    server.stop()


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_a_server_that_was_restarted_is_called_as_before(
    server: Restartable, connect: Callable[..., Session], era: str, capsys: pytest.CaptureFixture[str]
) -> None:
    session = connect("workshop", HTTPServer(server.url, era=era))  # pyright: ignore[reportArgumentType]
    assert session.call("add", a=1, b=2).text == "3"
    server.stop()
    server.start()
    assert session.call("add", a=3, b=4).text == "7"
    assert session.state == "open"
    assert capsys.readouterr().out == (SAID if era == "legacy" else "")  # the modern era has no session to forget
    assert session.call("add", a=5, b=6).text == "11"
    assert capsys.readouterr().out == ""

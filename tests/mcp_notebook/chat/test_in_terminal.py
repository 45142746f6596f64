"""`%%mcp ask` in IPython on a terminal: calls are decided on by typing."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from support.model_server import ModelServer, Use, say

if TYPE_CHECKING:
    from collections.abc import Iterator

WEATHER = Path(__file__).with_name("weather_server.py")
BAKER = Path(__file__).parent.parent / "tasks_server.py"
SEOUL = Use("a", "weather__get_weather", {"city": "Seoul"})
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """IPython in a terminal, as a person sees it and types."""

    def __init__(self, home: Path) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "HOME": str(home), "IPYTHONDIR": str(home), "NO_PROXY": "*", "TERM": "dumb"}
        command = [sys.executable, "-m", "IPython", "--simple-prompt", "--no-banner", "--ext", "mcp_notebook"]
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
        os.close(theirs)
        self.shown = ""

    def type(self, line: str) -> None:
        os.write(self._ours, f"{line}\n".encode())

    def wait_for(self, text: str) -> str:
        """Read until a text is there; gives what was shown before it since the last one."""
        while text not in self.shown:
            self.shown += COLOURS.sub("", os.read(self._ours, 100_000).decode())
        before, _, self.shown = self.shown.partition(text)
        return before

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._ours)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    with Terminal(tmp_path_factory.mktemp("home")) as terminal:
        yield terminal


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_a_call_is_decided_on_by_typing_and_the_answer_appears(terminal: Terminal) -> None:
    with ModelServer() as model:
        model.will(say("", SEOUL), say("It rains in Seoul."))
        terminal.type(f"%mcp model openai:poet-1 --url {model.url}/v1")
        terminal.wait_for("you see it before")
        terminal.type(f"%mcp connect weather -- {sys.executable} {WEATHER}")
        terminal.wait_for("<Session weather")
        terminal.type("%mcp ask --server weather What is the weather in Seoul")
        asked = terminal.wait_for("[a] Call it")
        assert "MCP: A model wants to call weather.get_weather (weather, in get_weather)" in asked
        assert '|  "city": "Seoul"' in asked
        assert "The server claims, and nobody has checked: it only reads." in asked
        terminal.type("a")
        answered = terminal.wait_for("2 rounds, 1 call, 2 tokens in, 2 out.")
        assert "call: weather.get_weather gave (typed): 18 degrees, rain" in answered
        assert answered.count("It rains in Seoul.") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_how_a_task_stands_is_a_line_that_is_written_over(terminal: Terminal, tmp_path: Path) -> None:
    with ModelServer() as model:
        model.will(say("", Use("a", "baker__bake", {})), say("Bread."))
        terminal.type(f"%mcp model openai:poet-1 --url {model.url}/v1")
        terminal.wait_for("you see it before")
        terminal.type(f"%mcp connect baker -- {sys.executable} {BAKER} {tmp_path} stdio")
        terminal.wait_for("<Session baker")
        terminal.type("%mcp policy call=allow --server baker")
        terminal.type("%mcp ask --server baker Bake")
        terminal.wait_for("baker.bake: the server works on it: kneading")
        (tmp_path / "kneading done").touch()
        assert "\n" not in terminal.wait_for("baker.bake: the server works on it: in the oven")
        (tmp_path / "in the oven done").touch()
        ended = terminal.wait_for("2 rounds, 1 call")
        assert "\rbaker.bake: done, as a task of the server: in the oven" in ended
        assert "call: baker.bake gave (the rule call=allow for baker): bread after 5 minutes" in ended

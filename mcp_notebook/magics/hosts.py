"""The command that says how a host reaches this Jupyter: `%mcp hosts HOST`.

Knows that the command line does it (`mcp-notebook config`, of the package mcp_notebook_server), and runs that. Refuses
to know any host, and any token: the command prints none.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options

__all__ = ["HOSTING"]

_USAGE = "%mcp hosts HOST [--notebook PATH|--published NAME] [--url URL] [--profile NAME] [--write]"
_SECONDS = 60


def _hosts(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("host", metavar="HOST")
    for name in ("--notebook", "--published", "--url", "--profile", "--name"):
        options.add_argument(name)
    options.add_argument("--write", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    given = [word for name in ("notebook", "published", "url", "profile", "name") for word in _option(read, name)]
    words = [str(read.host), *given, *(["--write"] if read.write else [])]
    command = [sys.executable, "-m", "mcp_notebook_server.cli", "config", *words]
    done = subprocess.run(  # noqa: S603  our own program, and words that it checks
        command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=_SECONDS, check=False
    )
    if done.returncode:
        raise UsageError(done.stderr.strip().splitlines()[-1].removeprefix("mcp-notebook: "), _USAGE)
    print(f"{done.stdout}{done.stderr}", end="")  # noqa: T201  it is the answer


def _option(read: Any, name: str) -> list[str]:
    value = getattr(read, name)
    return [f"--{name}={value}"] if value is not None else []


HOSTING = Command(
    "hosts",
    _USAGE,
    "say what a host such as Claude Code needs to reach this Jupyter, or write it into the host's file",
    _hosts,
    example="%mcp hosts claude-code",
    notes="""\
HOST               claude-code, claude-desktop, cursor, vscode, codex, windsurf, zed, gemini-cli
--notebook PATH    the host sees this notebook alone
--published NAME   the host sees the server that a notebook publishes as NAME
--url URL          for a host on another machine: the address as that machine sees it, ending in /mcp
--profile NAME     of the token that the host presents; made, for reading, if it is not there
--write            put it into the host's file, of which a copy is kept
No token is shown here: the host's entry names a profile or a variable.""",
)

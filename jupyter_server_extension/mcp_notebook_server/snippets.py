"""What a person pastes so that a host reaches this Jupyter.

Knows the dialects of hosts: where each keeps its servers, and how it names a variable there. Refuses to know tokens:
an entry names a profile of the stdio bridge, a variable, or the placeholder `TOKEN`, where a person puts theirs. No
file that people commit ever has the place of a token itself (DESIGN decision 3).
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PROFILE", "TOKEN", "Snippet", "find_bridge_environment", "make_http_snippets", "make_stdio_snippets"]

TOKEN = "YOUR_HOST_TOKEN"  # noqa: S105 - stands where a person's own is to go
"""The placeholder for a host token."""

PROFILE = "YOUR_PROFILE"
"""The placeholder for the name of a token that the stdio bridge keeps."""

_VARIABLE = "JUPYTER_MCP_TOKEN"
_NAME = "jupyter"
"""What the server is called in the host."""

_DIRECTORIES = ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_PLATFORM_DIRS")

_PYTHON = """\
import asyncio, os
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

async def main():
    headers = {{"Authorization": "Bearer " + os.environ["{variable}"]}}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client({url}, http_client=http)) as client,
    ):
        print(await client.call_tool("list_kernels"))

asyncio.run(main())
"""


@dataclass(frozen=True)
class Snippet:
    """One thing to paste.

    Attributes:
        host: whose dialect it is.
        place: where it goes, as a person reads it.
        text: what goes there.
    """

    host: str
    place: str
    text: str


def make_stdio_snippets(profile: str, environment: Mapping[str, str], url: str | None = None) -> list[Snippet]:
    """Make those for hosts that start commands: no token and no port stands in their files.

    Args:
        profile: the bridge's.
        environment: variables the bridge needs to find Jupyter's directories; empty for a person's own Jupyter.
        url: of the endpoint; None for that of the one Jupyter server that runs, on whichever port.
    """
    command = [_executable(), "stdio", "--profile", profile, *(["--url", url] if url is not None else [])]
    flags = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    entry: dict[str, Any] = {"command": command[0], "args": command[1:]}
    if environment:
        entry["env"] = dict(environment)
    return [
        Snippet("Claude Code", "in a terminal", shlex.join(["claude", "mcp", "add", _NAME, *flags, "--", *command])),
        Snippet("VS Code", "in .vscode/mcp.json", _dump({"servers": {_NAME: {"type": "stdio", **entry}}})),
        Snippet("Cursor", "in ~/.cursor/mcp.json", _dump({"mcpServers": {_NAME: entry}})),
        Snippet("Claude Desktop and others", "in claude_desktop_config.json", _dump({"mcpServers": {_NAME: entry}})),
    ]


def make_http_snippets(url: str) -> list[Snippet]:
    """Make those for hosts that speak Streamable HTTP.

    Args:
        url: of the endpoint.
    """
    add = ["claude", "mcp", "add", "--transport", "http", _NAME, url, "--header", f"Authorization: Bearer {TOKEN}"]
    ask = {"type": "promptString", "id": "jupyter-token", "description": "Host token of Jupyter", "password": True}
    vscode = {
        "inputs": [ask],
        "servers": {_NAME: {"type": "http", "url": url, "headers": {"Authorization": "Bearer ${input:jupyter-token}"}}},
    }
    cursor = {"mcpServers": {_NAME: {"url": url, "headers": {"Authorization": f"Bearer ${{env:{_VARIABLE}}}"}}}}
    return [
        Snippet("Claude Code", "in a terminal", shlex.join(add)),
        Snippet("VS Code", "in .vscode/mcp.json; it asks for the token once", _dump(vscode)),
        Snippet("Cursor", f"in ~/.cursor/mcp.json, with the token in the variable {_VARIABLE}", _dump(cursor)),
        Snippet(
            "Python",
            f"with the MCP SDK, and the token in the variable {_VARIABLE}",
            _PYTHON.format(variable=_VARIABLE, url=json.dumps(url)),
        ),
    ]


def find_bridge_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables without which a bridge, started by a host, would look for Jupyter in another place."""
    return {name: environment[name] for name in _DIRECTORIES if name in environment}


def _dump(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, indent=2)


def _executable() -> str:
    """Return the command by its whole path: hosts often start commands without the person's environment."""
    return str(Path(sys.executable).with_name("mcp-notebook"))

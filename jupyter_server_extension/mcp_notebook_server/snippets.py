"""What a person pastes so that a host reaches this Jupyter.

Knows for whom there is more to say than what stands in a host's file (`hosts`): a command line, a program. Refuses to
know tokens: an entry names a profile of the stdio bridge, a variable, or the placeholder `TOKEN`, where a person puts
theirs. No file that people commit ever has the place of a token itself (DESIGN decision 3).
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.hosts import HOSTS, VARIABLE, make_bridge_command, write_command, write_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.hosts import HostFormat

__all__ = ["PROFILE", "TOKEN", "Snippet", "make_http_snippets", "make_stdio_snippets"]

TOKEN = "YOUR_HOST_TOKEN"  # noqa: S105 - stands where a person's own is to go
"""The placeholder for a host token."""

PROFILE = "YOUR_PROFILE"
"""The placeholder for the name of a token that the stdio bridge keeps."""

_TERMINAL = "in a terminal"
_NAME = "jupyter"
"""What the server is called in the host."""

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
    command = make_bridge_command(profile, *(["--url", url] if url is not None else []))
    flags = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    add = shlex.join(["claude", "mcp", "add", _NAME, *flags, "--", *command])
    files = [HOSTS[word] for word in ("vscode", "cursor", "claude-desktop")]
    written = [
        Snippet(_call(host), _place(host), _dump(write_command(host, _NAME, command, environment))) for host in files
    ]
    return [Snippet(HOSTS["claude-code"].title, _TERMINAL, add), *written]


def make_http_snippets(url: str) -> list[Snippet]:
    """Make those for hosts that speak Streamable HTTP.

    Args:
        url: of the endpoint.
    """
    add = ["claude", "mcp", "add", "--transport", "http", _NAME, url, "--header", f"Authorization: Bearer {TOKEN}"]
    vscode, cursor = HOSTS["vscode"], HOSTS["cursor"]
    in_variable = f"with the token in the variable {VARIABLE}"
    return [
        Snippet(HOSTS["claude-code"].title, _TERMINAL, shlex.join(add)),
        Snippet(vscode.title, f"{_place(vscode)}; it asks for the token once", _dump(write_url(vscode, _NAME, url))),
        Snippet(cursor.title, f"{_place(cursor)}, {in_variable}", _dump(write_url(cursor, _NAME, url))),
        Snippet(
            "Python",
            f"with the MCP SDK, and the token in the variable {VARIABLE}",
            _PYTHON.format(variable=VARIABLE, url=json.dumps(url)),
        ),
    ]


def _call(host: HostFormat) -> str:
    return f"{host.title} and others" if host is HOSTS["claude-desktop"] else host.title


def _place(host: HostFormat) -> str:
    """Say where a host keeps its servers; of a folder of settings only the file is the same on every system."""
    return f"in {PurePosixPath(host.file).name if host.file.startswith('settings:') else host.file}"


def _dump(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2)

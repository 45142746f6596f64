"""The hosts that are known here: where each keeps its servers, how it writes one, and what starts our bridge.

Knows each host's own documentation, named beside it (read in November 2026). Refuses to know tokens: where a host takes
a URL, its entry names a variable; a host that reads no variables is given no URL (DESIGN decision 3).
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "HOSTS",
    "VARIABLE",
    "HostFormat",
    "find_bridge_environment",
    "make_bridge_command",
    "write_command",
    "write_url",
]

VARIABLE = "JUPYTER_MCP_TOKEN"
"""Where a person puts the host token that a URL needs."""

_DIRECTORIES = ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_PLATFORM_DIRS")
_INPUT = "jupyter-token"
_PATIENCE = 40
"""Seconds that a host which would give up sooner gives the bridge, which itself waits 25 for Jupyter."""


@dataclass(frozen=True)
class HostFormat:
    """How one host writes a server.

    Attributes:
        title: the host, as people call it.
        source: the documentation.
        file: where it keeps servers: `~` is the person's own folder, a relative path lies in the project, and
            `settings:` begins one in the folder where programs of this system keep their settings.
        key: under which servers stand.
        bearer: how a header's value names the variable; None if the host reads none there.
        url: the word for a URL.
        says_type: whether an entry says `"type"`.
        toml: whether the file is TOML, and not JSON.
        extra: what a command's entry has besides.
    """

    title: str
    source: str
    file: str
    key: str = "mcpServers"
    bearer: str | None = None
    url: str = "url"
    says_type: bool = False
    toml: bool = False
    extra: tuple[tuple[str, Any], ...] = ()

    def find_file(self) -> Path:
        """Return where the host keeps its servers on this machine."""
        if self.file.startswith("settings:"):
            folder, _, rest = self.file.removeprefix("settings:").partition("/")
            return platformdirs.user_config_path(folder, appauthor=False, roaming=True) / rest
        return Path(self.file).expanduser()


HOSTS: Mapping[str, HostFormat] = {
    "claude-code": HostFormat(
        "Claude Code",
        "https://code.claude.com/docs/en/mcp",
        ".mcp.json",
        bearer=f"Bearer ${{{VARIABLE}}}",
        says_type=True,
    ),
    "claude-desktop": HostFormat(
        "Claude Desktop",
        "https://modelcontextprotocol.io/docs/develop/connect-local-servers",
        "settings:Claude/claude_desktop_config.json",
    ),
    "cursor": HostFormat(
        "Cursor", "https://cursor.com/docs/mcp", "~/.cursor/mcp.json", bearer=f"Bearer ${{env:{VARIABLE}}}"
    ),
    "vscode": HostFormat(
        "VS Code",
        "https://code.visualstudio.com/docs/copilot/reference/mcp-configuration",
        ".vscode/mcp.json",
        key="servers",
        bearer=f"Bearer ${{input:{_INPUT}}}",
        says_type=True,
    ),
    "codex": HostFormat(
        "Codex",
        "https://developers.openai.com/codex/mcp",
        "~/.codex/config.toml",
        key="mcp_servers",
        bearer=VARIABLE,
        toml=True,
        extra=(("startup_timeout_sec", _PATIENCE),),
    ),
    "windsurf": HostFormat(
        "Windsurf",
        "https://docs.windsurf.com/windsurf/cascade/mcp",
        "~/.codeium/windsurf/mcp_config.json",
        bearer=f"Bearer ${{env:{VARIABLE}}}",
        url="serverUrl",
    ),
    "zed": HostFormat("Zed", "https://zed.dev/docs/ai/mcp", "settings:zed/settings.json", key="context_servers"),
    "gemini-cli": HostFormat(
        "Gemini CLI",
        "https://geminicli.com/docs/tools/mcp-server",
        "~/.gemini/settings.json",
        bearer=f"Bearer ${{{VARIABLE}}}",
        url="httpUrl",
    ),
}
"""By the word on the command line."""


def make_bridge_command(profile: str, *more: str) -> list[str]:
    """Return the command of the stdio bridge, by its whole path: hosts often start commands without a person's PATH.

    Args:
        profile: of the token that it presents.
        more: arguments.
    """
    return [str(Path(sys.executable).with_name("mcp-notebook")), "stdio", "--profile", profile, *more]


def find_bridge_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables without which a bridge, started by a host, would look for Jupyter in another place."""
    return {name: environment[name] for name in _DIRECTORIES if name in environment}


def write_command(
    host: HostFormat, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> dict[str, Any]:
    """Return a file's content with one server that the host starts.

    Args:
        host: whose format.
        name: of the server.
        command: and its arguments.
        environment: variables for it.
    """
    entry: dict[str, Any] = {"type": "stdio"} if host.says_type else {}
    entry |= {"command": command[0], "args": list(command[1:])}
    entry |= {"env": dict(environment)} if environment else {}
    return {host.key: {name: entry | dict(host.extra)}}


def write_url(host: HostFormat, name: str, url: str) -> dict[str, Any]:
    """Return a file's content with one server at a URL, whose token stands in a variable.

    Args:
        host: whose format; one that reads variables in headers.
        name: of the server.
        url: of the endpoint.

    Raises:
        ValueError: the token itself would have to stand in the file.
    """
    if host.bearer is None:
        raise ValueError(f"{host.title} reads no variables in headers")
    if host.toml:
        return {host.key: {name: {host.url: url, "bearer_token_env_var": host.bearer}}}
    entry: dict[str, Any] = {"type": "http"} if host.says_type else {}
    entry |= {host.url: url, "headers": {"Authorization": host.bearer}}
    content: dict[str, Any] = {host.key: {name: entry}}
    if f"${{input:{_INPUT}}}" in host.bearer:
        ask = {"type": "promptString", "id": _INPUT, "description": "Host token of Jupyter", "password": True}
        content = {"inputs": [ask], **content}
    return content

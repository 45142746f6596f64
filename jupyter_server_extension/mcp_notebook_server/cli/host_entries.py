"""What a person pastes into a host so that it reaches this Jupyter over stdio.

Knows the dialects of three hosts. Refuses to know tokens: an entry names a profile, whose credential lies elsewhere.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["render_host_entries"]


def render_host_entries(profile: str, environment: Mapping[str, str]) -> str:
    """Return the lines for Claude Code, VS Code and Cursor.

    Args:
        profile: the bridge's.
        environment: variables the bridge needs to find Jupyter's directories; empty for a person's own Jupyter.
    """
    command = [_executable(), "stdio", "--profile", profile]
    flags = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
    entry: dict[str, Any] = {"command": command[0], "args": command[1:]}
    if environment:
        entry["env"] = dict(environment)
    vscode = {"servers": {"jupyter": {"type": "stdio", **entry}}}
    cursor = {"mcpServers": {"jupyter": entry}}
    return "\n".join(
        [
            "Claude Code:",
            f"  {shlex.join(['claude', 'mcp', 'add', 'jupyter', *flags, '--', *command])}",
            "VS Code, in .vscode/mcp.json:",
            f"  {json.dumps(vscode)}",
            "Cursor, in .cursor/mcp.json:",
            f"  {json.dumps(cursor)}",
        ]
    )


def _executable() -> str:
    """Return the command by its whole path: hosts often start commands without the person's environment."""
    return str(Path(sys.executable).with_name("mcp-notebook"))

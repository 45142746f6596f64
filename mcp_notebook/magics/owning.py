"""Names of tools and prompts as people write them: what is nearly right is told apart from what is not there.

Knows the slips. Refuses to guess: the line is not run, but the right one is said.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from mcp_notebook.errors import UnknownPrompt, UnknownTool, UsageError
from mcp_notebook.words import as_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp_notebook.host import Host

__all__ = ["find_slip", "get_named", "is_tool"]

_BRACKETS = re.compile(r"(?P<name>[^\s()]+)\((?P<arguments>.*)\)", re.DOTALL)

_SECONDS = 0.5
"""How long a server may take to say what tools it has, while an error is worded."""

T = TypeVar("T")


def get_named(words: Sequence[str], noun: str, get: Callable[[str], T], host: Host, usage: str) -> T:
    """Give what the first word names.

    Args:
        words: the name, and what follows it.
        noun: "tool" or "prompt".
        get: gives what has a name.
        host: the notebook's sessions.
        usage: how the line should look.

    Raises:
        UsageError: nothing was named, or there is a slip in the line.
        HostError: nothing has the name, or several have.
    """
    if not words:
        raise UsageError(f"Say which {noun}", usage)
    try:
        return get(words[0])
    except (UnknownTool, UnknownPrompt):
        slip = _find_slip_in_name(words, noun, host)
        if slip is None:
            raise
        raise UsageError(slip, usage) from None


def _find_slip_in_name(words: Sequence[str], noun: str, host: Host) -> str | None:
    name, following = words[0], words[1] if len(words) > 1 else ""
    brackets = _BRACKETS.fullmatch(" ".join(map(as_typed, words)))
    if brackets:
        arguments = re.sub(r"\s*,\s*", " ", brackets["arguments"])
        return f"Leave out the brackets: {brackets['name']} {arguments}".rstrip()
    if name not in host.sessions:
        return None
    if following and "=" not in following:
        return f"There is a dot between server and {noun}: {name}.{following}"
    return f"{name!r} is a server: say which {noun} of it, as in {name}.{noun.upper()}; %mcp {noun}s {name} shows them"


def find_slip(command: str, host: Host) -> str | None:
    """Find what was meant by a word that is no command of `%mcp`, as a sentence; None if it names nothing else."""
    if command in host.sessions:
        return f"{command!r} is a server: %mcp tools {command} shows what it can do"
    return f"{command!r} is a tool: %mcp call {command}" if is_tool(command, host) else None


def is_tool(name: str, host: Host) -> bool:
    """Whether a word names a tool, as far as that is known at once."""
    return any(
        name in {tool.name, f"{session.name}.{tool.name}"}
        for session in host.open_sessions
        for tool in session.find_offers("tools", _SECONDS)
    )

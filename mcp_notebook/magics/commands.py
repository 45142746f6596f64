"""The table of `%mcp` commands, and the choice of one by the first word of a line.

To add a command: a `Command` in a module of its noun, and a line in the table here.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table
from mcp_notebook.errors import UsageError
from mcp_notebook.host import get_host
from mcp_notebook.magics.command import Command, Invocation
from mcp_notebook.magics.servers import CONNECT, DISCONNECT, STATUS
from mcp_notebook.magics.tools import CALL, TOOLS
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from mcp_notebook.settings import MCPMagics

__all__ = ["COMMANDS", "run"]


def run(shell: Any, settings: MCPMagics, line: str, cell: str | None) -> Any:
    """Run one `%mcp` line.

    Args:
        shell: the notebook's.
        settings: the notebook's.
        line: what follows `%mcp`.
        cell: the lines below `%%mcp`; None for `%mcp`.

    Raises:
        HostError: whatever went wrong, as one sentence.
    """
    try:
        words = split_words(line)
    except ValueError as error:
        raise UsageError(f"This line cannot be read: {error}", "%mcp help") from None
    name = words[0] if words else ""
    if name not in COMMANDS:
        raise UsageError(f"%mcp has no command {name!r}.{_did_you_mean(name)}", HELP.usage)
    command = COMMANDS[name]
    if cell is not None and not command.takes_body:
        raise UsageError(f"{name or 'The status'} takes no lines below it, so it begins with one %", command.usage)
    return command.run(Invocation(words[1:], cell, shell, get_host(), settings))


def _did_you_mean(name: str) -> str:
    close = difflib.get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _help(invocation: Invocation) -> Table:
    chosen = invocation.words or list(COMMANDS)
    unknown = [name for name in chosen if name not in COMMANDS]
    if unknown:
        raise UsageError(f"%mcp has no command {unknown[0]!r}", HELP.usage)
    rows = [(COMMANDS[name].usage, COMMANDS[name].summary) for name in chosen]
    return Table(("command", "what it does"), rows, max_rows=len(rows))


HELP = Command("help", "%mcp help [COMMAND]", "say what the commands are", _help)

COMMANDS = {command.name: command for command in (STATUS, CONNECT, TOOLS, CALL, DISCONNECT, HELP)}

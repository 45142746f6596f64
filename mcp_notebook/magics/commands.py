"""The table of `%mcp` commands, and the choice of one by the first word of a line.

To add a command: a `Command` in a module of its noun, and a line in the table here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table, View, join_views, text_view, titled_view
from mcp_notebook.errors import Interrupted, UsageError
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.host import get_host
from mcp_notebook.magics.command import Command, Invocation
from mcp_notebook.magics.config_files import EXPORT
from mcp_notebook.magics.log import LOG
from mcp_notebook.magics.prompts import PROMPT, PROMPTS
from mcp_notebook.magics.resources import READ, RESOURCES, TEMPLATES
from mcp_notebook.magics.servers import CONNECT, DISCONNECT, RESTART, STATUS
from mcp_notebook.magics.tools import CALL, TOOL, TOOLS
from mcp_notebook.words import split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        Interrupted: the person interrupted it.
    """
    try:
        words = split_words(line)
    except ValueError as error:
        raise UsageError(f"This line cannot be read: {error}", "%mcp help") from None
    name = words[0] if words else ""
    command = _get_command(name)
    if cell is not None and not command.takes_body:
        raise UsageError(f"{name or 'The status'} takes no lines below it, so it begins with one %", command.usage)
    try:
        return command.run(Invocation(words[1:], cell, shell, get_host(), settings))
    except KeyboardInterrupt:
        raise Interrupted from None


def _help(invocation: Invocation) -> Table | HelpPage:
    if invocation.words:
        return HelpPage([_get_command(name) for name in invocation.words])
    rows = [(f"%mcp {one.name}".rstrip(), one.summary, one.example) for one in COMMANDS.values()]
    return Table(("command", "what it does", "for example"), rows, max_rows=len(rows))


def _get_command(name: str) -> Command:
    if name not in COMMANDS:
        raise UsageError(f"%mcp has no command {name!r}.{did_you_mean(name, COMMANDS)}", HELP.usage)
    return COMMANDS[name]


class HelpPage:
    """Commands in full: how a line looks, what it does, an example."""

    def __init__(self, commands: Sequence[Command]) -> None:
        self._commands = commands

    def to_view(self) -> View:
        """Give it in the ways that a front end chooses from."""
        return join_views([view for command in self._commands for view in _command_views(command)])

    def __repr__(self) -> str:
        return self.to_view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self.to_view().to_mimebundle()


def _command_views(command: Command) -> list[View]:
    what = f"{command.summary[:1].upper()}{command.summary[1:]}."
    return [titled_view(what, text_view(command.usage)), titled_view("For example:", text_view(command.example))]


HELP = Command(
    "help", "%mcp help [COMMAND]", "say what the commands are, or all about one", _help, example="%mcp help call"
)

_ALL = (
    *(STATUS, CONNECT, RESTART, DISCONNECT, EXPORT),
    *(TOOLS, TOOL, CALL),
    *(RESOURCES, TEMPLATES, READ),
    *(PROMPTS, PROMPT),
    *(LOG, HELP),
)
COMMANDS = {command.name: command for command in _ALL}

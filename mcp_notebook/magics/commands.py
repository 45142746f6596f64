"""The table of `%mcp` commands, and the choice of one by the first word of a line.

Knows what people write in its place: `%mcp list`, `%mcp call --help`, a tool's name.

To add a command: a `Command` in a module of its noun, and a line in the table here.
"""

from __future__ import annotations

import sys
from collections import ChainMap
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table, View, join_views, text_view, titled_view
from mcp_notebook.errors import Interrupted, UsageError
from mcp_notebook.errors.base import did_you_mean
from mcp_notebook.host import get_host
from mcp_notebook.magics.ask import ASK
from mcp_notebook.magics.audit import AUDIT
from mcp_notebook.magics.cache import CACHE
from mcp_notebook.magics.command import Command, Invocation
from mcp_notebook.magics.config_files import EXPORT
from mcp_notebook.magics.explore import EXPLORE
from mcp_notebook.magics.hide import HIDE
from mcp_notebook.magics.hosts import HOSTING
from mcp_notebook.magics.inbox import INBOX
from mcp_notebook.magics.log import LOG
from mcp_notebook.magics.model import MODEL
from mcp_notebook.magics.owning import find_slip, is_tool
from mcp_notebook.magics.policy import POLICY
from mcp_notebook.magics.prompts import PROMPT, PROMPTS
from mcp_notebook.magics.publish import PUBLISH, UNPUBLISH
from mcp_notebook.magics.registry import REGISTRY
from mcp_notebook.magics.resources import READ, RESOURCES, TEMPLATES
from mcp_notebook.magics.roots import ROOTS
from mcp_notebook.magics.servers import CONNECT, DISCONNECT, RESTART, SIGNOUT, STATUS
from mcp_notebook.magics.subscriptions import SUBSCRIBE, UNSUBSCRIBE, tell_changes
from mcp_notebook.magics.tools import CALL, TOOL, TOOLS
from mcp_notebook.words import as_typed, is_literal, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.host import Host
    from mcp_notebook.magics.assignment import Caller
    from mcp_notebook.settings import MCPMagics

__all__ = ["COMMANDS", "run"]

_STATUS_WORDS = frozenset({"status", "list", "ls", "servers", "sessions"})
_HELP_WORDS = frozenset({"--help", "-h", "-?", "?"})


def run(shell: Any, settings: MCPMagics, line: str, cell: str | None, caller: Caller) -> Any:
    """Run one `%mcp` line.

    Args:
        shell: the notebook's.
        settings: the notebook's.
        line: what follows `%mcp`.
        cell: the lines below `%%mcp`; None for `%mcp`.
        caller: where the line stands.

    Raises:
        HostError: whatever went wrong, as one sentence.
        Interrupted: the person interrupted it.
    """
    host = get_host()
    command, words = _choose(_split(line), host)
    if cell is not None and not command.takes_body:
        what = command.name or "The status"
        raise UsageError(f"{what} takes no lines below it, so it begins with one %", command.usage)
    variables = ChainMap(caller.variables, shell.user_ns)
    try:
        return command.run(Invocation(words, cell, shell, variables, caller.assigned, host, settings))
    except KeyboardInterrupt:
        raise Interrupted from None
    finally:
        _tell_what_waits()
        tell_changes(host)


def _tell_what_waits() -> None:
    """Say who has asked something while no cell waited for it."""
    inbox: Any = sys.modules.get("mcp_notebook.approval.inbox")  # else nobody has
    for asker in inbox.get_inbox().take_news() if inbox else ():
        print(f"MCP: {asker} asks something: %mcp inbox shows it.")  # noqa: T201  it is for the person


def _split(line: str) -> Sequence[str]:
    try:
        words = split_words(line)
    except ValueError as error:
        raise UsageError(f"This line cannot be read: {error}", "%mcp help") from None
    ours = _before_dashes(words)
    for word in words:
        if not is_literal(word) and (word == "#" or (word.startswith("#") and word in ours)):
            raise UsageError(
                f"{word!r} begins no comment here: put it into a line of its own, or in quotes", "%mcp help"
            )
    if ours and as_typed(ours[-1]).endswith(";"):
        problem = "Leave out the ; at the end: -o NAME keeps a result without showing it"
        raise UsageError(f"{problem}. If it belongs to the value, put that in quotes", "%mcp help")
    return words


def _before_dashes(words: Sequence[str]) -> Sequence[str]:
    """Give the words that are ours: what follows -- is another program's."""
    return words[: words.index("--")] if "--" in words else words


def _choose(words: Sequence[str], host: Host) -> tuple[Command, Sequence[str]]:
    """Choose the command of a line, and give the words that follow it."""
    name, rest = (words[0], words[1:]) if words else ("", words)
    if name in _HELP_WORDS:
        return HELP, rest
    if name in _STATUS_WORDS:
        if rest and rest[0] in COMMANDS:
            raise UsageError(f"Leave out {name!r}", COMMANDS[rest[0]].usage)
        return STATUS, rest
    if name not in COMMANDS:
        slip = find_slip(name, host)
        if slip is not None:
            raise UsageError(slip, HELP.usage)
    command = _get_command(name)
    if any(word in _HELP_WORDS and not is_literal(word) for word in _before_dashes(rest)):
        return HELP, [name] if name else []
    return command, rest


def _help(invocation: Invocation) -> Table | HelpPage:
    tool = next((word for word in invocation.words if word not in COMMANDS and is_tool(word, invocation.host)), None)
    if tool is not None:
        raise UsageError(f"{tool!r} is a tool: %mcp tool {tool} says all about it", HELP.usage)
    if invocation.words:
        return HelpPage([_get_command(name) for name in invocation.words])
    rows = [(f"%mcp {one.name}".rstrip(), one.summary, one.example.partition("\n")[0]) for one in COMMANDS.values()]
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
    views = [titled_view(what, text_view(command.usage)), titled_view("For example:", text_view(command.example))]
    return [*views, titled_view("In it:", text_view(command.notes))] if command.notes else views


HELP = Command(
    "help", "%mcp help [COMMAND]", "say what the commands are, or all about one", _help, example="%mcp help call"
)

_ALL = (
    *(STATUS, CONNECT, RESTART, SIGNOUT, DISCONNECT, REGISTRY, EXPORT),
    *(TOOLS, TOOL, CALL),
    *(RESOURCES, TEMPLATES, READ, SUBSCRIBE, UNSUBSCRIBE),
    *(PROMPTS, PROMPT),
    *(PUBLISH, UNPUBLISH),
    EXPLORE,
    *(ASK, AUDIT),
    *(LOG, POLICY, ROOTS, CACHE, MODEL, HIDE, INBOX, HOSTING, HELP),
)
COMMANDS = {command.name: command for command in _ALL}

"""What one `%mcp` command is, and how it reads its words.

A command is a function and its usage; `commands` has the table of all. Knows options. Refuses to know any command.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from mcp_notebook.errors import UsageError
from mcp_notebook.usage import read_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mcp_notebook.host import Host
    from mcp_notebook.settings import MCPMagics

__all__ = ["Command", "Invocation", "Options"]


@dataclass(frozen=True)
class Invocation:
    """One `%mcp` line as a command gets it.

    Attributes:
        words: what follows the command's name.
        body: the cell below a `%%mcp` line; None for a `%mcp` line.
        shell: the notebook's IPython, which is not typed.
        variables: what `$name` can name: those of the function that the line is in, then the notebook's.
        assigned: the value goes into a variable: `x = %mcp ...`.
        host: the notebook's sessions.
        settings: the notebook's.
    """

    words: Sequence[str]
    body: str | None
    shell: Any
    variables: Mapping[str, Any]
    assigned: bool
    host: Host
    settings: MCPMagics


@dataclass(frozen=True)
class Command:
    """One command of `%mcp`.

    Attributes:
        name: the word after `%mcp`.
        usage: the whole line, as help shows it; completion reads it too, so `--era auto|legacy` completes the eras
            and `[SERVER.]TOOL`, `SERVER`, `NAME`, `URI`, `FILE` complete what there is of these.
        summary: what it does, in a few words.
        run: does it; what it returns is the value of the cell.
        takes_body: it can stand in a `%%mcp` line.
        example: lines that a person could run as they are, for help.
        notes: what the words of the usage mean, for help; empty if they say it themselves.
    """

    name: str
    usage: str
    summary: str
    run: Callable[[Invocation], Any]
    takes_body: bool = False
    example: str = ""
    notes: str = ""


class Options(argparse.ArgumentParser):
    """The options of a command; what does not fit is a `UsageError` with the command's usage."""

    def __init__(self, usage: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False, usage=usage)
        self._shown = usage

    def error(self, message: str) -> NoReturn:
        """See argparse; called for whatever it cannot read."""
        if message.startswith("unrecognized arguments: -") and read_usage(self._shown).takes_arguments:
            message += "; arguments have no dashes, as in name=value"
        raise UsageError(message[:1].upper() + message[1:], self._shown)

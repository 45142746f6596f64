"""The door: `%mcp` and `%%mcp`, and what `%load_ext mcp_notebook` registers.

Knows IPython's way of calling a magic. Refuses to import anything that is not there already: the commands, and with
them everything else, are imported when the first `%mcp` line runs.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

from IPython.core.magic import needs_local_scope, no_var_expand

from mcp_notebook.magics.assignment import AssignByArrow, Caller, is_assigned
from mcp_notebook.magics.matcher import MATCHER_NAME, new_matcher
from mcp_notebook.settings import MCPMagics, find_project_file, read_project_settings

__all__ = ["register", "unregister"]


def register(shell: Any) -> None:
    """Make `%mcp`, `%%mcp` and `name << %mcp ...` known to a shell (IPython's, which is not typed)."""
    settings = MCPMagics(parent=shell)

    @no_var_expand
    @needs_local_scope
    def mcp(line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> Any:
        """Use MCP servers from this notebook.

        %mcp                                    what is connected
        %mcp connect NAME -- COMMAND ARGS...    start a server and connect to it
        %mcp connect NAME URL [-H "Header: value"]... [--sse] [--era auto|legacy|modern]
        %mcp connect OBJECT                     a server object of this notebook
        %mcp connect --config [FILE] [NAME...|--all]    servers of a configuration file
        %mcp connect [NAME] --registry SERVER   one that the public registry knows
        %mcp registry search WORDS              which it knows
        %mcp restart NAME                       connect anew
        %mcp signout SERVER                     forget who is signed in there
        %mcp disconnect NAME... or --all
        %mcp export [SERVER...] FILE            write a configuration file
        %mcp tools [SERVER] [-s TEXT] [--schema]    what the servers can do
        %mcp tool [SERVER.]TOOL                 one tool in full
        %mcp call [SERVER.]TOOL a=1 b:=JSON row=$name [-o NAME] [--df] [--raw] [--timeout SECONDS]
        %%mcp call [SERVER.]TOOL [-o NAME]      the arguments below, as JSON or YAML
        %mcp resources|templates|prompts [SERVER] [-s TEXT]
        %mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]    a resource; a=1 fills in a template
        %mcp subscribe [SERVER] URI             watch a resource, or SERVER tools|resources|prompts: a list
        %mcp unsubscribe [SERVER] URI           watch it no more
        %mcp prompt [SERVER.]PROMPT a=1         a prompt's messages
        %mcp explore [SERVER]                   all of that at a glance, and to run
        %mcp log [SERVER] [--live] [--raw] [--df] [--save FILE] [--diff A B] [--time]    every message, both ways
        %mcp log [SERVER] --level LEVEL         which log messages servers are to send
        %mcp cache [SERVER] [on|off]            keep what a server says is fresh
        %mcp roots [FOLDER...]                  which folders servers are told of
        %mcp policy [KIND=ask|allow|decline|replay:FILE...]    what servers' questions are answered
        %mcp model [MODEL] [--url URL]          which language model servers ask
        %mcp publish OBJECT|FUNCTION... [--name NAME]    this notebook's own server, for hosts outside
        %mcp unpublish NAME... or --all
        %%mcp ask [-c] [--server S] [-o NAME]   ask it, with the servers' tools; the question is below
        %mcp audit [SERVER] [--approve]         what servers say of themselves: hidden text, orders, changes
        %mcp hide [PATTERN...] [--undo]         names that no host may read
        %mcp inbox                              what waits for you: servers' questions, and the page for hosts
        %mcp hosts HOST [--write]               how a host such as Claude Code reaches this Jupyter
        %mcp help [COMMAND]                     all commands, or one with an example

        a=1 is typed by the tool's schema, b:=JSON is JSON, row=$name is the object of that name; text in quotes stays
        as it is. x = %mcp call ... and x << %mcp call ... keep the result instead of showing it.
        Tab completes everything in these lines. %config MCPMagics shows the settings.
        """
        from mcp_notebook.magics.commands import run  # noqa: PLC0415  the door is light, see above

        return run(shell, settings, line, cell, Caller(local_ns or {}, is_assigned(inspect.currentframe())))

    shell.register_magic_function(mcp, "line_cell", "mcp")
    shell.input_transformer_manager.token_transformers.append(AssignByArrow)
    shell.Completer.custom_matchers.append(new_matcher(shell))
    shell.configurables.append(settings)
    _take_project_settings(settings)


def _take_project_settings(settings: MCPMagics) -> None:
    """Take `[tool.mcp-notebook]` of the nearest pyproject.toml; what is wrong with it is said in a line each."""
    try:
        file = find_project_file(Path.cwd())
        if file is not None:
            for warning in settings.take_project_settings(read_project_settings(file), str(file)):
                _warn(warning)
    except (OSError, ValueError) as error:
        _warn(f"pyproject.toml cannot be read: {error}")


def _warn(sentence: str) -> None:
    print(f"mcp-notebook: {sentence}", file=sys.stderr)  # noqa: T201  warnings.warn would show a line of ours too


def unregister(shell: Any) -> None:
    """Take back what `register` did."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("mcp", None)
    transformers = shell.input_transformer_manager.token_transformers
    if AssignByArrow in transformers:
        transformers.remove(AssignByArrow)
    matchers = shell.Completer.custom_matchers
    matchers[:] = [one for one in matchers if getattr(one, "matcher_identifier", None) != MATCHER_NAME]
    shell.configurables[:] = [one for one in shell.configurables if not isinstance(one, MCPMagics)]

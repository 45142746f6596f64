"""Commands about configuration files: `%mcp connect --config`, `%mcp export`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp_notebook.config import InProcessServer
from mcp_notebook.config_export import export_config
from mcp_notebook.config_files import choose_entries, read_config
from mcp_notebook.display import Table
from mcp_notebook.errors import ConfigInvalid, UsageError
from mcp_notebook.magics.command import Command, Invocation, Options
from mcp_notebook.magics.command_line import read_command
from mcp_notebook.magics.waiting import WaitingLine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.config import Era, WrittenDefinition
    from mcp_notebook.config_files import Entry
    from mcp_notebook.session import Session

__all__ = ["EXPORT", "connect_from_config", "is_path"]

_EXPORT_USAGE = "%mcp export [SERVER...] FILE"


def connect_from_config(invocation: Invocation, usage: str) -> Table | dict[str, Session]:
    """Connect to servers of a configuration file, or show what it has.

    Args:
        invocation: with `--config` among its words.
        usage: the command's, for errors.

    Returns:
        The sessions by name; where nothing was chosen, a table of what could be.
    """
    options = Options(usage)
    options.add_argument("--config", nargs="?", default="")
    options.add_argument("--all", action="store_true")
    options.add_argument("--era", choices=("auto", "legacy", "modern"), default=invocation.settings.era)
    options.add_argument("names", metavar="NAME", nargs="*")
    read = options.parse_intermixed_args(invocation.words)
    file, names = _read_file(read.config or "", invocation.variables, usage), read.names
    if file and not is_path(file):  # --config NAME
        file, names = None, [file, *names]
    if names and read.all:
        raise UsageError("Say either names or --all", usage)
    entries, where = read_config(Path(file).expanduser() if file else None)
    if not names and not read.all:
        typed = f" {read.config}" if file else ""
        print(f"Connect with: %mcp connect --config{typed} NAME...")  # noqa: T201  it is the answer
        return _entry_table(entries, invocation.host.sessions)
    chosen = choose_entries(entries, names, where)
    if read.all:
        chosen = _leave_out_unusable(chosen)
    definitions = {entry.name: _with_era(entry.get_definition(), read.era) for entry in chosen}
    with WaitingLine(invocation.shell) as waiting:
        return invocation.host.connect_all(definitions, waiting)


def _read_file(word: str, variables: Mapping[str, Any], usage: str) -> str:
    """Read the name of a file; `$name` is a text or a path of this notebook."""
    try:
        return os.path.expandvars(read_command([word], variables)[0])
    except ValueError as error:
        raise UsageError(str(error), usage) from None


def _leave_out_unusable(entries: Sequence[Entry]) -> Sequence[Entry]:
    """Give the entries that can be used, and say what is wrong with the others; all, if none can."""
    usable = [entry for entry in entries if not isinstance(entry.definition, ConfigInvalid)]
    for entry in entries if usable else ():
        if isinstance(entry.definition, ConfigInvalid):
            print(f"MCP: {entry.definition} It is left out.", file=sys.stderr)  # noqa: T201  a note beside the result
    return usable or entries


def _with_era(definition: WrittenDefinition, era: Era) -> WrittenDefinition:
    return replace(definition, era=era) if definition.era == "auto" else definition


def is_path(word: str) -> bool:
    """Whether a word after `--config` is a file or folder, and not a server's name."""
    separators = [os.sep, "/", "~"]
    return word.endswith((".json", ".jsonc")) or any(one in word for one in separators) or Path(word).exists()


def _entry_table(entries: Sequence[Entry], sessions: Mapping[str, Session]) -> Table:
    rows = [(entry.name, _entry_state(entry, sessions), _shown(entry), entry.place.shown) for entry in entries]
    return Table(("server", "state", "connects to", "file"), rows, max_rows=len(rows))


def _entry_state(entry: Entry, sessions: Mapping[str, Session]) -> str:
    session = sessions.get(entry.name)
    if isinstance(entry.definition, ConfigInvalid):
        return "unusable"
    if session is not None and session.definition == _with_era(entry.definition, session.definition.era):
        return session.state
    return "disabled" if entry.disabled else ""


def _shown(entry: Entry) -> str:
    definition = entry.definition
    return definition.problem if isinstance(definition, ConfigInvalid) else definition.shown


def _export(invocation: Invocation) -> None:
    options = Options(_EXPORT_USAGE)
    options.add_argument("names", metavar="SERVER", nargs="*")
    options.add_argument("file", metavar="FILE")
    read = options.parse_args(invocation.words)
    file = Path(_read_file(read.file, invocation.variables, _EXPORT_USAGE)).expanduser()
    if file.suffix != ".json":
        raise UsageError(f"{read.file!r} is no file that ends in .json: the file comes last", _EXPORT_USAGE)
    sessions = [invocation.host.get(name) for name in read.names] or list(invocation.host.sessions.values())
    definitions = {session.name: session.definition for session in sessions}
    if not read.names:  # then what cannot be meant is left out
        definitions = {name: one for name, one in definitions.items() if not isinstance(one, InProcessServer)}
    if not definitions:
        raise UsageError("Nothing is connected that could be written", _EXPORT_USAGE)
    exported = export_config(file, definitions)
    if exported.written:
        print(f"Wrote {', '.join(exported.written)} to {read.file}, for {exported.host}.")  # noqa: T201  as above
    if exported.present:
        print(f"Already in {read.file}: {', '.join(exported.present)}.")  # noqa: T201  as above


EXPORT = Command(
    "export",
    _EXPORT_USAGE,
    "write connections to another host's configuration file, with variables in place of secrets",
    _export,
    example="%mcp export .vscode/mcp.json",
)

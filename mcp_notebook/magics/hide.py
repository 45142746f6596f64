"""The command that keeps variables to the person: `%mcp hide`.

Knows where the patterns are kept: in the attribute `mcp_notebook_hidden` of IPython's shell, a list of glob patterns
that is replaced and never changed. Whatever reads this kernel for hosts (package mcp_notebook_server, which sends its
reader into the kernel) looks there in every read, whether it came before or after. Refuses to know who reads.

Names are hidden, not values: the same object under another name, or inside another variable, is still seen.
"""

from __future__ import annotations

from typing import Any

from mcp_notebook.display import Table, some_names
from mcp_notebook.errors import UsageError
from mcp_notebook.magics.command import Command, Invocation, Options

__all__ = ["HIDE", "HIDING"]

HIDING = "mcp_notebook_hidden"
"""The shell's attribute."""

_USAGE = "%mcp hide [PATTERN...] [--undo]"


def _hide(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("patterns", metavar="PATTERN", nargs="*")
    options.add_argument("--undo", action="store_true")
    read = options.parse_intermixed_args(invocation.words)
    given = [str(pattern) for pattern in read.patterns]  # plain text, as its readers want
    hidden: list[str] = list(getattr(invocation.shell, HIDING, ()))
    if read.undo:
        hidden = _take_out(given, hidden)
        setattr(invocation.shell, HIDING, hidden)
    elif given:
        hidden = list(dict.fromkeys([*hidden, *given]))
        setattr(invocation.shell, HIDING, hidden)
    if not hidden:
        print("No names are hidden. Hide some with %mcp hide 'secret_*'.")  # noqa: T201  it is the answer
        return None
    return Table(("hidden from every host",), [(pattern,) for pattern in hidden], max_rows=len(hidden))


def _take_out(patterns: list[str], hidden: list[str]) -> list[str]:
    unknown = next((pattern for pattern in patterns if pattern not in hidden), None)
    if unknown is not None or not patterns:
        what = "Say which" if unknown is None else f"{unknown!r} is not among what is hidden"
        raise UsageError(f"{what}: {some_names(hidden) or 'nothing is hidden'}", _USAGE)
    return [pattern for pattern in hidden if pattern not in patterns]


HIDE = Command(
    "hide",
    _USAGE,
    "hide variables of this kernel, by name, from every host that reads it",
    _hide,
    example="%mcp hide 'secret_*' draft",
    notes="""\
PATTERN          a name in which * stands for any letters and ? for one; without any, what is hidden is listed
--undo           hosts see what these patterns, written as before, have hidden""",
)

"""The command that keeps variables to the person: `%mcp hide`.

Knows where the patterns are kept: in the attribute `mcp_notebook_hidden` of IPython's shell, a list of glob patterns
that is replaced and never changed. Whatever reads this kernel for hosts (package mcp_notebook_server, which sends its
reader into the kernel) looks there in every read, whether it came before or after. Refuses to know who reads.

Names are hidden, not values: the same object under another name, or inside another variable, is still seen.
"""

from __future__ import annotations

from typing import Any

from mcp_notebook.display import Table
from mcp_notebook.magics.command import Command, Invocation, Options

__all__ = ["HIDE", "HIDING"]

HIDING = "mcp_notebook_hidden"
"""The shell's attribute."""

_USAGE = "%mcp hide [PATTERN...]"


def _hide(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("patterns", metavar="PATTERN", nargs="*")
    added = [
        str(pattern) for pattern in options.parse_args(invocation.words).patterns
    ]  # plain text, as its readers want
    hidden: list[str] = list(getattr(invocation.shell, HIDING, ()))
    if added:
        hidden = list(dict.fromkeys([*hidden, *added]))
        setattr(invocation.shell, HIDING, hidden)
    if not hidden:
        print("No names are hidden. Hide some with %mcp hide 'secret_*'.")  # noqa: T201  it is the answer
        return None
    return Table(("hidden from every host",), [(pattern,) for pattern in hidden], max_rows=len(hidden))


HIDE = Command(
    "hide",
    _USAGE,
    "hide variables of this kernel, by name, from every host that reads it",
    _hide,
    example="%mcp hide 'secret_*' draft",
    notes="PATTERN is a name in which * stands for any letters and ? for one. Without any, what is hidden is listed.",
)

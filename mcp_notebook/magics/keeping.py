"""Where a result goes: it is shown, or kept under a name (-o), as a frame (--df) or as it was on the wire (--raw).

Knows these three options. Refuses to know where results come from, and to throw one away: what was asked for has been
done, so a result that is no table is kept as it came.
"""

from __future__ import annotations

import builtins
import keyword
import sys
from typing import TYPE_CHECKING, Any, Protocol

from mcp_notebook.errors import HostError, UsageError

if TYPE_CHECKING:
    import argparse

    from mcp_notebook.magics.command import Invocation, Options

__all__ = ["add_keeping_options", "check_keeping_options", "check_name", "keep"]


class _Tabular(Protocol):
    @property
    def raw(self) -> Any: ...
    def DataFrame(self) -> Any: ...  # noqa: N802  see Result.DataFrame


def add_keeping_options(options: Options) -> None:
    """Let a command take `-o NAME`, `--df` and `--raw`."""
    options.add_argument("-o", dest="out", metavar="NAME")
    options.add_argument("--df", action="store_true")
    options.add_argument("--raw", action="store_true")


def check_keeping_options(read: argparse.Namespace, usage: str) -> None:
    """Check the options before anything is asked of a server.

    Raises:
        UsageError: the name cannot be that of a variable.
    """
    if read.df and read.raw:
        raise UsageError("Say either --df or --raw", usage)
    check_name(read.out, usage)


def check_name(name: str | None, usage: str) -> None:
    """Check the name after -o; None if there is none.

    Raises:
        UsageError: it cannot be that of a variable.
    """
    if name is None:
        return
    if not name.isidentifier() or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot be the name of a variable", usage)
    if hasattr(builtins, name):
        problem = f"{name!r} is a name of Python's own, which nothing could use any more: choose another"
        raise UsageError(problem, usage)


def keep(result: _Tabular, read: argparse.Namespace, invocation: Invocation) -> Any:
    """Give what the cell shows, or keep it under the name that was given; that and `x = %mcp ...` go together."""
    value: Any = result.raw if read.raw else result
    if read.df:
        try:
            value = result.DataFrame()
        except HostError as error:
            where = f"{read.out} has it" if read.out else "It is kept" if invocation.assigned else "It is shown"
            print(f"MCP: {error} {where} as it came.", file=sys.stderr)  # noqa: T201  a note beside the result
    if read.out is None:
        return value
    invocation.shell.push({read.out: value})
    return value if invocation.assigned else None

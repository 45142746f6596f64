"""Where a result goes: it is shown, or kept under a name (-o), as a frame (--df) or as it was on the wire (--raw).

Knows these three options. Refuses to know where results come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mcp_notebook.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from mcp_notebook.magics.command import Invocation, Options

__all__ = ["add_keeping_options", "check_keeping_options", "keep"]


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
    if read.out is not None and not read.out.isidentifier():
        raise UsageError(f"{read.out!r} cannot be the name of a variable", usage)


def keep(result: _Tabular, read: argparse.Namespace, invocation: Invocation) -> Any:
    """Give what the cell shows, or keep it under the name that was given.

    Raises:
        HostError: a frame is wanted and the result is no table.
    """
    value: Any = result.DataFrame() if read.df else result.raw if read.raw else result
    if read.out is None:
        return value
    invocation.shell.push({read.out: value})
    return None

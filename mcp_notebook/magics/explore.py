"""The command that shows servers at a glance: `%mcp explore`, and the live log, which is a part of it.

Knows words. Refuses to know what is shown (`explorer`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_notebook.magics.command import Command, Invocation, Options

if TYPE_CHECKING:
    from mcp_notebook.display import View

__all__ = ["EXPLORE", "explore"]

_USAGE = "%mcp explore [SERVER]"


class _Still:
    """What is shown where no widget is."""

    def __init__(self, view: View) -> None:
        self._view = view

    def __repr__(self) -> str:
        return self._view.plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self._view.to_mimebundle()


def explore(invocation: Invocation, start: dict[str, Any]) -> Any:
    """Show an explorer; `start` as in `ExplorerWidget`."""
    from mcp_notebook.explorer.showing import show_explorer  # noqa: PLC0415  not for every line

    view = show_explorer(invocation.host, invocation.shell.push, start)
    return None if view is None else _Still(view)


def _explore(invocation: Invocation) -> Any:
    options = Options(_USAGE)
    options.add_argument("server", metavar="SERVER", nargs="?")
    server = options.parse_args(invocation.words).server
    if server is not None:
        invocation.host.get(server)  # or say that there is none
    first = next(iter(invocation.host.sessions), "")
    return explore(invocation, {"tab": "tools", "server": server or first})


EXPLORE = Command(
    "explore",
    _USAGE,
    "show the servers: what they offer, run it, read it, watch the log",
    _explore,
    example="%mcp explore",
    notes="""\
Tools with a form for each, resources, prompts, the live wire log, what was run, and what was decided beforehand.
It works while a cell runs. A saved notebook shows what was last seen. Close it, or clear its output, to end it.""",
)

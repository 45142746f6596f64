"""The tools of one server, in its own order.

Knows how to find one by name and how a list of them looks. Refuses to ask the server for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from mcp_notebook.display import Table, one_line
from mcp_notebook.errors import UnknownTool
from mcp_notebook.schemas import describe_arguments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp_types import Tool

__all__ = ["Tools", "tool_table"]


class Tools(Sequence["Tool"]):
    """A server's tools: a sequence, and findable by name."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = tuple(tools)

    @overload
    def __getitem__(self, index: int) -> Tool: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Tool]: ...
    def __getitem__(self, index: int | slice) -> Tool | Sequence[Tool]:
        return self._tools[index]

    def __len__(self) -> int:
        return len(self._tools)

    def __repr__(self) -> str:
        return f"<{len(self)} tools: {', '.join(self.names)}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return tool_table((tool.name, tool) for tool in self).to_mimebundle()

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the server's order."""
        return tuple(tool.name for tool in self._tools)

    def find(self, name: str) -> Tool | None:
        """Find a tool by its name; None if there is none."""
        return next((tool for tool in self._tools if tool.name == name), None)

    def get(self, name: str, server: str) -> Tool:
        """Give a tool by its name.

        Args:
            name: of the tool.
            server: whose tools these are, for the error.

        Raises:
            UnknownTool: there is none, and the error says what there is.
        """
        tool = self.find(name)
        if tool is None:
            raise UnknownTool(name, self.names, server)
        return tool


def tool_table(tools: Iterable[tuple[str, Tool]]) -> Table:
    """Lay tools out as a table; each comes with the name to show."""
    rows = [(name, describe_arguments(tool.input_schema), _summary(tool)) for name, tool in tools]
    return Table(("tool", "arguments", "what it does"), rows, rest="see .tools", max_rows=200)


def _summary(tool: Tool) -> str:
    text = (tool.description or tool.title or "").strip()
    return one_line(text.partition("\n\n")[0], limit=160)

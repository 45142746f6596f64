"""The tools of one server, in its own order: to look at, and to call.

    session.tools.get_weather(city="Seoul")
    session.tools["get-weather"](city="Seoul")

Knows how to find one by name and how tools look. Refuses to know how a server is asked.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, overload

from mcp_notebook.display import Table, View, clean, join_views, one_line, text_view, titled_view
from mcp_notebook.errors import UnknownTool
from mcp_notebook.examples import new_example
from mcp_notebook.schemas import (
    Schema,
    describe_arguments_briefly,
    describe_schema,
    properties,
    resolve,
)
from mcp_notebook.signatures import is_name, new_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mcp_types import Tool

    from mcp_notebook.results import Result
    from mcp_notebook.signatures import Call

__all__ = ["ToolPage", "Tools", "describe_hints", "search_tools", "tool_table"]

_MAX_SHOWN = 200
_MAX_ARGUMENTS, _MAX_SUMMARY, _MAX_DESCRIPTION = 60, 70, 1000


class Tools:
    """A server's tools: each is a function, as an attribute or by item; iterating gives the server's definitions.

    A tool is an item only where its name is no name of Python's, begins with `_`, or is `names`, `find` or `get`.

    Args:
        server: the connection's name.
        call: calls a tool.
        current: gives the definitions, asking the server if need be.
        known: gives those that were listed last, at once.
    """

    def __init__(
        self, server: str, call: Call, *, current: Callable[[], Sequence[Tool]], known: Callable[[], Sequence[Tool]]
    ) -> None:
        self._server = server
        self._call = call
        self._current = current
        self._known = known

    def __getattr__(self, name: str) -> Callable[..., Result]:
        if name.startswith("_"):  # what inspection looks for
            raise AttributeError(name, name=name, obj=self)
        # Tab looks at known ones: nothing is asked for that. `put_back` finds `put-back`, too.
        tool = _find(self._known(), name) or _find_spelt(self._known(), name) or self.find(name)
        if tool is None:
            raise AttributeError(str(UnknownTool(name, self.names, self._server)), name=name, obj=self)
        return new_function(tool, self._server, self._call)

    def __dir__(self) -> list[str]:
        return sorted({"names", "find", "get", *filter(is_name, map(_as_name, self._known()))})

    @overload
    def __getitem__(self, key: int) -> Tool: ...
    @overload
    def __getitem__(self, key: str) -> Callable[..., Result]: ...
    def __getitem__(self, key: int | str) -> Tool | Callable[..., Result]:
        if isinstance(key, int):
            return self._current()[key]
        return new_function(self.get(key, self._server), self._server, self._call)

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._current())

    def __len__(self) -> int:
        return len(self._current())

    def __repr__(self) -> str:
        return f"<{len(self)} tools: {', '.join(self.names)}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return tool_table((tool.name, tool) for tool in self).to_mimebundle()

    def _ipython_key_completions_(self) -> list[str]:
        return [tool.name for tool in self._known()]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names, in the server's order."""
        return tuple(tool.name for tool in self._current())

    def find(self, name: str) -> Tool | None:
        """Find a tool's definition by its name; None if there is none."""
        return _find(self._current(), name)

    def get(self, name: str, server: str) -> Tool:
        """Give a tool's definition by its name.

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


def _find(tools: Iterable[Tool], name: str) -> Tool | None:
    return next((tool for tool in tools if tool.name == name), None)


def _as_name(tool: Tool) -> str:
    return re.sub(r"\W", "_", tool.name)


def _find_spelt(tools: Iterable[Tool], name: str) -> Tool | None:
    """Find the one tool that is spelt so where Python does not take its own name; None if there are several."""
    found = [tool for tool in tools if _as_name(tool) == name]
    return found[0] if len(found) == 1 else None


def search_tools(tools: Iterable[tuple[str, Tool]], text: str) -> list[tuple[str, Tool]]:
    """Choose the tools in whose name, title, description or arguments every word of a text occurs."""
    words = text.lower().split()
    return [(name, tool) for name, tool in tools if all(word in _searched(tool) for word in words)]


def _searched(tool: Tool) -> str:
    return " ".join([tool.name, tool.title or "", tool.description or "", *properties(tool.input_schema)]).lower()


def tool_table(tools: Iterable[tuple[str, Tool]]) -> Table:
    """Lay tools out as a table; each comes with the name to show."""
    rows = [(name, _arguments(tool), _summary(tool)) for name, tool in tools]
    return Table(("tool", "arguments", "what it does"), rows, rest="%mcp tools -s TEXT searches", max_rows=_MAX_SHOWN)


def _arguments(tool: Tool) -> str:
    return one_line(describe_arguments_briefly(tool.input_schema), _MAX_ARGUMENTS)


def _summary(tool: Tool) -> str:
    text = (tool.description or tool.title or "").strip()
    return one_line(text.partition("\n\n")[0], _MAX_SUMMARY)


class ToolPage:
    """Tools in full, one after another: what each does, takes and gives, and a line that calls it.

    Args:
        tools: each with the name that a line calls it by.
        whole_schemas: show the schemas as the server sent them.
    """

    def __init__(self, tools: Iterable[tuple[str, Tool]], *, whole_schemas: bool = False) -> None:
        self._tools = tuple(tools)
        self._whole_schemas = whole_schemas

    def to_view(self) -> View:
        """Give it in the ways that a front end chooses from."""
        show = _schemas_view if self._whole_schemas else _tool_view
        return join_views([titled_view(name, show(name, tool)) for name, tool in self._tools])

    def __repr__(self) -> str:
        return self.to_view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self.to_view().to_mimebundle()


def _schemas_view(_name: str, tool: Tool) -> View:
    schemas = {"input": tool.input_schema} | ({"output": tool.output_schema} if tool.output_schema else {})
    return text_view(json.dumps(schemas, indent=2, ensure_ascii=False), rest="the rest is in session.tools")


def _tool_view(name: str, tool: Tool) -> View:
    views = [text_view(clean(tool.description or tool.title or "The server does not say what it does.").strip())]
    rows = [_argument_row(one, schema, tool.input_schema) for one, schema in properties(tool.input_schema).items()]
    if rows:
        views.append(
            Table(
                ("argument", "type", "if left out", "what it is"), rows, max_rows=len(rows), max_cell=_MAX_DESCRIPTION
            ).to_view()
        )
    hints = describe_hints(tool)
    if hints:
        views.append(text_view(f"The server says: {hints}."))
    if tool.output_schema:
        views.append(titled_view("gives", text_view(_output(tool.output_schema))))
    views.append(titled_view("call it", text_view(_example(name, tool))))
    return join_views(views)


def _argument_row(name: str, schema: Any, root: Schema) -> tuple[str, str, str, str]:
    resolved = resolve(schema, root)
    default = resolved.get("default")
    left_out = "needed" if name in (root.get("required") or ()) else "" if default is None else json.dumps(default)
    return name, describe_schema(schema, root), left_out, str(resolved.get("description") or "")


def describe_hints(tool: Tool) -> str:
    """Say what the annotations say; they are the server's word, and a server can lie. "" if they say nothing."""
    hints = tool.annotations
    if hints is None:
        return ""
    said = {
        "it only reads": hints.read_only_hint,
        "it may destroy something": hints.destructive_hint and not hints.read_only_hint,
        "calling it again changes nothing more": hints.idempotent_hint and not hints.read_only_hint,
        "it reaches beyond the server": hints.open_world_hint,
    }
    return ", ".join(text for text, holds in said.items() if holds)


def _output(schema: Schema) -> str:
    members = properties(schema)
    if not members:
        return describe_schema(schema, schema)
    return "\n".join(f"{name}: {describe_schema(one, schema)}" for name, one in members.items())


def _example(name: str, tool: Tool) -> str:
    schema = tool.input_schema
    needed = schema.get("required") or ()
    words = [_example_word(one, properties(schema).get(one, {}), schema) for one in needed]
    return " ".join(["%mcp call", name, *words])


def _example_word(name: str, schema: Any, root: Schema) -> str:
    value = new_example(schema, root)
    return f"{name}={shlex.quote(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"

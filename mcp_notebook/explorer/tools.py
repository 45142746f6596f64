"""What a page is told of a server's tools: a row for each, to search among; one in full.

Knows how much of 2,000 tools is sent at once. Refuses to know how one is run (`runs`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from mcp_notebook.display import one_line
from mcp_notebook.errors import UnknownTool
from mcp_notebook.explorer.previews import preview_json, shown_text
from mcp_notebook.tools import ToolPage, tool_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import Tool

    from mcp_notebook.explorer.room import Ask, Room, Said, Tell
    from mcp_notebook.session import Session

__all__ = ["ASKS", "get_tool"]

MAX_TOOLS = 10_000
MAX_NAME = 300
"""Characters of a name; a tool whose name is longer is counted, and not shown."""

_MAX_SHOWN_NAME, _MAX_SUMMARY, _MAX_DESCRIPTION = 120, 140, 10_000
_MAX_SCHEMA = 256 * 1024
_SEEN = 20
_FIRST = 50
"""Tools that a page gets at once: more than it shows."""


async def _tools(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """List the tools: `[name, shown name, summary]` for each, in the server's order; the first ones before the rest."""
    session = room.get_session(said)
    tools: list[Tool] = list(await session.list_here("tools", anew=said.number("anew") == 1))
    shown = [tool for tool in tools if len(tool.name) <= MAX_NAME][:MAX_TOOLS]
    tell({"rows": _rows(shown[:_FIRST])})
    rest = await run_sync(_rows, shown[_FIRST:])
    table = tool_table((tool.name, tool) for tool in tools[:_SEEN])
    more = f" ({len(tools):,}; the first {_SEEN})" if len(tools) > _SEEN else f" ({len(tools)})"
    room.seen.put("Tools", f"Tools of {one_line(session.name, 100)}{more}", table.to_view())
    return {"rows": rest, "leftOut": len(tools) - len(shown)}


def _rows(tools: Sequence[Tool]) -> list[list[str]]:
    return list(map(_row, tools))


def _row(tool: Tool) -> list[str]:
    name = one_line(tool.title or "", _MAX_SHOWN_NAME)
    summary = one_line((tool.description or "").strip().partition("\n\n")[0], _MAX_SUMMARY)
    return [
        tool.name,
        one_line(tool.name, _MAX_SHOWN_NAME),
        f"{name}: {summary}" if name and summary else name or summary,
    ]


async def _tool(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give one tool in full."""
    del tell
    session = room.get_session(said)
    tool = await get_tool(session, said.text("name"))
    schema, too_large = _bounded(tool.input_schema)
    view = ToolPage([(f"{session.name}.{tool.name}", tool)]).to_view()
    room.seen.put("Tool", "A tool", view)
    annotations = tool.annotations
    claims = annotations.model_dump(mode="json", by_alias=True, exclude_none=True) if annotations else {}
    return {
        "name": tool.name,
        "shown": one_line(tool.name, _MAX_SHOWN_NAME),
        "title": one_line(tool.title or "", 200),
        "description": shown_text((tool.description or "").strip(), _MAX_DESCRIPTION),
        "claims": {one_line(name, 60): one_line(str(claim), 200) for name, claim in list(claims.items())[:20]},
        "schema": schema,
        "schemaTooLarge": too_large,
        "input": preview_json(tool.input_schema),
        "output": "" if tool.output_schema is None else preview_json(tool.output_schema),
    }


def _bounded(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Give a schema for the form; an empty one where it is too large for a page, and then the form is JSON."""
    if len(json.dumps(schema)) > _MAX_SCHEMA:
        return {"type": "object"}, True
    return schema, False


async def get_tool(session: Session, name: str) -> Tool:
    """Give a tool by its name.

    Raises:
        UnknownTool: the server has none.
    """
    tools: list[Tool] = list(await session.list_here("tools"))
    found = next((tool for tool in tools if tool.name == name), None)
    if found is None:
        raise UnknownTool(name, [tool.name for tool in tools], session.name)
    return found


ASKS: dict[str, Ask] = {"tools": _tools, "tool": _tool}

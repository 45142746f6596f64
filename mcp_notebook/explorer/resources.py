"""What a page is told of a server's resources and templates: rows, what one holds, and when one has changed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from mcp_notebook.display import clean, one_line, text_view
from mcp_notebook.explorer.previews import preview_resource
from mcp_notebook.resources import fill_in, template_schema
from mcp_notebook.results import ResourceResult
from mcp_notebook.schemas import properties
from mcp_notebook.words import quote_word

if TYPE_CHECKING:
    from mcp_types import Resource, ResourceTemplate

    from mcp_notebook.explorer.room import Ask, Room, Said, Tell

__all__ = ["ASKS"]

MAX_ROWS = 10_000
MAX_URI = 2000
"""Characters of a URI; a resource whose URI is longer is counted, and not shown."""

_SEEN = 20


async def _resources(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """List the resources and the templates: `[URI, shown URI, summary, is a template]` for each."""
    del tell
    session = room.get_session(said)
    anew = said.number("anew") == 1
    resources: Any = await session.list_here("resources", anew=anew)
    templates: Any = await session.list_here("templates", anew=anew)
    rows = [*(_row(one.uri, one, 0) for one in resources), *(_row(one.uri_template, one, 1) for one in templates)]
    shown = [row for row in rows if len(row[0]) <= MAX_URI][:MAX_ROWS]
    lines = "\n".join(f"{row[1]}  {row[2]}" for row in shown[:_SEEN])
    if lines:
        room.seen.put("Resources", f"Resources of {one_line(session.name, 100)} ({len(rows):,})", text_view(lines))
    return {"rows": shown, "leftOut": len(rows) - len(shown)}


def _row(uri: str, item: Resource | ResourceTemplate, template: int) -> list[Any]:
    named = item.title or item.name
    summary = f"{named}: {item.description}" if item.description else named
    shown = f"{one_line(summary, 160)} ({one_line(item.mime_type, 60)})" if item.mime_type else one_line(summary, 160)
    return [uri, one_line(uri, 160), shown, template]


async def _template(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give the variables of a template."""
    del room, tell
    schema = template_schema(said.text("uri"))
    needed = schema.get("required") or ()
    return {"variables": [{"name": name, "needed": name in needed} for name in properties(schema)]}


async def _read(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Read a resource, or what a template becomes with these values."""
    del tell
    session = room.get_session(said)
    uri = fill_in(said.text("uri"), {name: value for name, value in said.object("values").items() if value != ""})
    result = ResourceResult(await session.connection.read_resource(uri, None))
    parts = await run_sync(preview_resource, result)
    room.seen.put("Resource", one_line(uri, 200), text_view(await run_sync(repr, result)))
    line = f"%mcp read {quote_word(session.name)} {quote_word(uri)}"
    return {
        "uri": one_line(uri, 500),
        "parts": parts,
        "line": line if len(line) <= MAX_URI and clean(line) == line else "",
    }


class _Page:
    """Tells the page of one resource that is watched; see `watching.Watcher`.

    Attributes:
        ended: done when it is not watched any more.
    """

    def __init__(self, tell: Tell) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tell = tell

    def take(self) -> None:
        self._tell({"changed": True})

    def end(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(ValueError(f"It is not watched any more: {reason}"))


async def _watch(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Tell each time that a resource has changed, until this is cancelled or the server ends it."""
    connection, uri, page = room.get_session(said).connection, said.text("uri"), _Page(tell)
    await connection.watch(uri, page)
    try:
        tell({"watching": True})
        await page.ended
    finally:
        if connection.failure is None:
            await connection.unwatch(uri, page)
    return {}


ASKS: dict[str, Ask] = {"resources": _resources, "template": _template, "read": _read, "watch": _watch}

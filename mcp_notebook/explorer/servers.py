"""What a page is told of the servers: which there are, how they stand, what each says of itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.inbox import get_inbox
from mcp_notebook.display import one_line, text_view
from mcp_notebook.explorer.previews import preview_json, shown_text
from mcp_notebook.explorer.still import see_servers
from mcp_notebook.news import hear_news

if TYPE_CHECKING:
    from mcp_notebook.explorer.room import Ask, Room, Said, Tell
    from mcp_notebook.session import Session

__all__ = ["ASKS"]

_WATCH_SECONDS = 60.0


async def _servers(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """List the servers; where the page knows them so already, wait until something is different."""
    del tell
    known = said.text("known")
    with hear_news() as news, suppress(TimeoutError):
        async with asyncio.timeout(_WATCH_SECONDS):
            while _stamp(room) == known:
                await news.wait()  # a cell connects, a server dies or asks something
                news.clear()
    rows = [_row(session) for session in list(room.host.sessions.values())]
    see_servers(room)
    return {"servers": rows, "known": _stamp(room), "asking": _who_asks()}


def _row(session: Session) -> dict[str, str]:
    where = one_line(session.definition.shown, 200)
    return {"name": session.name, "state": session.state, "era": session.protocol_version, "where": where}


def _stamp(room: Room) -> str:
    """Write how the servers stand, so that it is another text when something is different."""
    sessions = list(room.host.sessions.values())
    stood = [f"{one.name}:{id(one):x}:{one.state}" for one in sessions]
    return " ".join([*stood, *_who_asks()])


def _who_asks() -> list[str]:
    """Say which servers wait for an answer in the inbox; what they ask in a run of ours goes there."""
    return [entry.question.asker.shown_name for entry in get_inbox().entries]


async def _server(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give all that a server says of itself, and what it wrote to stderr last."""
    del tell
    session = room.get_session(said)
    info = session.server_info
    capabilities = session.capabilities.model_dump(mode="json", by_alias=True, exclude_none=True)
    facts = {
        "name": one_line(info.name if info else "it does not say", 200),
        "version": one_line(info.version if info else "", 100),
        "title": one_line((info.title if info else None) or "", 200),
        "protocol": f"{session.protocol_version} ({session.era})",
        "connected to": one_line(session.definition.shown, 500),
        "state": session.state,
    }
    shown = {name: fact for name, fact in facts.items() if fact}
    lines = "\n".join(f"{name}: {fact}" for name, fact in shown.items())
    room.seen.put("Server", f"Server {one_line(session.name, 100)}", text_view(lines))
    return {
        "facts": shown,
        "instructions": shown_text(session.instructions or ""),
        "capabilities": preview_json(capabilities),
    }


ASKS: dict[str, Ask] = {"servers": _servers, "server": _server}

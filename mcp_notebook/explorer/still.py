"""What an explorer shows before anybody has looked at anything: the servers, and what is known of each at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import Table, one_line

if TYPE_CHECKING:
    from mcp_notebook.explorer.room import Room

__all__ = ["see_servers", "servers_table"]


def servers_table(room: Room) -> Table:
    """Lay the servers out."""
    sessions = list(room.host.sessions.values())
    rows = [(one.name, one.state, one.protocol_version, one_line(one.definition.shown, 200)) for one in sessions]
    return Table(("server", "state", "protocol", "connected to"), rows, max_rows=len(rows))


def see_servers(room: Room) -> None:
    """Keep the servers as what is seen of the explorer."""
    if room.host.sessions:
        room.seen.put("Servers", "Servers", servers_table(room).to_view())

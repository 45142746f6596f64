"""Somebody's notes: an honest server. One of them holds a key."""

from mcp.server import MCPServer

NOTES = {"vault": "API_KEY=sk-only-for-this-tutorial", "shopping": "Bread, apples, tea."}


def new_notes(**options) -> MCPServer:
    """Make an instance; the options are the SDK's."""
    notes = MCPServer("notes", version="1.0.0", log_level="ERROR", **options)

    @notes.tool()
    def read_note(name: str) -> str:
        """Read a note."""
        return NOTES[name]

    return notes

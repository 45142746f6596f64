"""A small library: an MCP server in one file, with the official SDK."""

from typing import Annotated

from mcp.server import MCPServer
from mcp.server.mcpserver import Elicit, Resolve
from pydantic import BaseModel

BOOKS = {"Momo": "Michael Ende", "Dune": "Frank Herbert", "Emma": "Jane Austen"}

shelf = MCPServer("shelf", version="1.0.0", instructions="Ask before you lend a book.")


class Reader(BaseModel):
    name: str


def ask_reader(title: str) -> Elicit[Reader]:
    return Elicit(f"Who borrows {title}?", Reader)


@shelf.tool()
def author_of(title: str) -> str:
    """Who wrote a book."""
    return BOOKS[title]


@shelf.tool()
def lend(title: str, reader: Annotated[Reader, Resolve(ask_reader)]) -> str:
    """Lend a book; the server asks to whom."""
    return f"{title} is lent to {reader.name}."


if __name__ == "__main__":
    shelf.run()

"""An SDK server that suggests values and can be made to stop answering: `python shelf_server.py DIRECTORY`.

While the file "hang" is in DIRECTORY it lists no tools and suggests nothing, and answers neither that it does not.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Literal

import anyio
from mcp.server.mcpserver import MCPServer
from mcp_types import Completion, PromptReference

directory = Path(sys.argv[1])


async def hang_if_told() -> None:
    if (directory / "hang").exists():
        await anyio.sleep_forever()


class Shelf(MCPServer[Any]):
    async def list_tools(self) -> list[Any]:
        await hang_if_told()
        return await super().list_tools()


server = Shelf("shelf")
ITEMS = {"tools": ["hammer", "hand saw"], "woods": ["oak"]}


@server.tool()
def fetch(item: str, unit: Literal["cm", "inch"] = "cm", wrap: bool = False) -> str:
    """Fetch an item."""
    return f"{item} {unit} {wrap}"


@server.tool(name="put-back")
def put_back(item: str) -> str:
    """Put an item back."""
    return item


@server.prompt()
def plan(item: str, shelf: str = "tools") -> str:
    """Plan the work."""
    return f"{item} {shelf}"


@server.resource("shelf://rules")
def rules() -> str:
    """The rules."""
    return "no smoking"


@server.resource("shelf://{shelf}/items/{item}")
def item(shelf: str, item: str) -> str:
    """One item."""
    return f"{shelf} {item}"


@server.completion()
async def complete(ref: Any, argument: Any, context: Any) -> Completion:
    await hang_if_told()
    given = (context and context.arguments) or {}
    values = list(ITEMS) if argument.name == "shelf" else ITEMS[given.get("shelf", "tools")]
    if isinstance(ref, PromptReference):
        values = [*values, "anything"]
    return Completion(values=[value for value in values if value.startswith(argument.value)])


server.run("stdio")

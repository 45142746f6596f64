"""A server's lists, page by page, as the SDK's client asks for them.

Knows which capability and which method a list has. Refuses to know when to ask, and to go on for ever. Imports the SDK,
so only `connection` imports it; everything here belongs on the loop thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp import Client
    from mcp.client.caching import CacheMode

    from mcp_notebook.offers import Kind

__all__ = ["METHODS", "read_pages"]

_MAX_PAGES = 1000

_Page = tuple[Sequence[Any], str | None]


async def _tools_page(client: Client, cursor: str | None, mode: CacheMode) -> _Page:
    answer = await client.list_tools(cursor=cursor, cache_mode=mode)
    return answer.tools, answer.next_cursor


async def _resources_page(client: Client, cursor: str | None, mode: CacheMode) -> _Page:
    answer = await client.list_resources(cursor=cursor, cache_mode=mode)
    return answer.resources, answer.next_cursor


async def _templates_page(client: Client, cursor: str | None, mode: CacheMode) -> _Page:
    answer = await client.list_resource_templates(cursor=cursor, cache_mode=mode)
    return answer.resource_templates, answer.next_cursor


async def _prompts_page(client: Client, cursor: str | None, mode: CacheMode) -> _Page:
    answer = await client.list_prompts(cursor=cursor, cache_mode=mode)
    return answer.prompts, answer.next_cursor


METHODS: dict[Kind, str] = {
    "tools": "tools/list",
    "resources": "resources/list",
    "templates": "resources/templates/list",
    "prompts": "prompts/list",
}
"""The method that asks for each list."""

# The capability of servers that have such a list, and how a page of it is asked for.
_ASKED: dict[Kind, tuple[str, Callable[[Client, str | None, CacheMode], Awaitable[_Page]]]] = {
    "tools": ("tools", _tools_page),
    "resources": ("resources", _resources_page),
    "templates": ("resources", _templates_page),
    "prompts": ("prompts", _prompts_page),
}


async def read_pages(client: Client, kind: Kind, mode: CacheMode) -> list[Any]:
    """Read all pages of a list; empty, without asking, where the server declares that it has none.

    Args:
        client: the SDK's, connected.
        kind: of list.
        mode: whether an answer that was kept will do.

    Raises:
        MCPError: the server refused.
    """
    capability, ask = _ASKED[kind]
    if getattr(client.server_capabilities, capability) is None:
        return []
    listed: list[Any] = []
    cursor: str | None = None
    passed: set[str | None] = set()
    # A server whose list never ends, or which sends us round in a circle, must not hang the cell.
    while cursor not in passed and len(passed) < _MAX_PAGES:
        passed.add(cursor)
        page, cursor = await ask(client, cursor, mode)
        listed += page
        if cursor is None:
            break
    return listed

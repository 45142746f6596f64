"""An MCP host in tests: the SDK's own client, used from plain functions."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio.from_thread import BlockingPortal
    from mcp import StdioServerParameters
    from mcp_types import CallToolResult

MODES = ("legacy", "auto")
"""One per era: the handshake, and what 2026-07-28 does."""


class Host:
    """One connection to an endpoint; `portal` and `client` are there for what has no shortcut.

    Args:
        portal: the event loop that owns the connection.
        client: the SDK's client, entered.
    """

    def __init__(self, portal: BlockingPortal, client: Client) -> None:
        self.portal = portal
        self.client = client

    def call(self, tool: str, /, **arguments: object) -> CallToolResult:
        """Call a tool; an answer with `isError` is returned like any other."""
        return self.portal.call(self.client.call_tool, tool, arguments)

    def read(self, tool: str, /, **arguments: object) -> dict[str, Any]:
        """Call a tool that must succeed and return its structured content."""
        result = self.call(tool, **arguments)
        if result.is_error or result.structured_content is None:
            raise AssertionError(f"{tool}({arguments}) answered: {text_of(result)}")
        return result.structured_content


def text_of(result: CallToolResult) -> str:
    """What a model would read."""
    return "\n".join(block.text for block in result.content if block.type == "text")


@contextlib.contextmanager
def connect(
    url: str | StdioServerParameters, token: str | None = None, *, mode: str = "auto", **options: Any
) -> Iterator[Host]:
    """Connect a host to an endpoint.

    Args:
        url: the endpoint; or the command of one that speaks stdio.
        token: the host token for the Authorization header; None sends no header.
        mode: an era, see MODES.
        options: more arguments of the SDK's Client, such as callbacks.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}

    @contextlib.asynccontextmanager
    async def connected() -> Any:
        if not isinstance(url, str):
            async with Client(url, mode=mode, **options) as client:
                yield client
            return
        http = httpx2.AsyncClient(headers=headers, timeout=httpx2.Timeout(30, read=120))
        async with http, Client(streamable_http_client(url, http_client=http), mode=mode, **options) as client:
            yield client

    failure = None
    try:
        with start_blocking_portal() as portal, portal.wrap_async_context_manager(connected()) as client:
            try:
                yield Host(portal, client)
            except BaseException as error:  # noqa: BLE001  raised below, where no task group wraps it in a group
                failure = error
    except Exception:
        if failure is None:  # else it is of a call that was under way when the test failed
            raise
    if failure is not None:
        raise failure

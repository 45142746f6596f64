"""What is measured on: one Jupyter server with the product and the echo floor, and hosts that call both."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from support.echo_extension import ARGUMENT
from support.jupyter import JupyterServer
from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Call = tuple[Client, str, dict[str, object]]
"""A client, a tool's name and its arguments."""


def make_server() -> JupyterServer:
    return JupyterServer(ARGUMENT, environment={"PYTHONPATH": str(CHECKOUT / "tests")})


@contextlib.asynccontextmanager
async def clients(server: JupyterServer, token: str, *paths: str) -> AsyncIterator[list[Client]]:
    """A connected client for each path of the server, all on this event loop."""
    async with contextlib.AsyncExitStack() as stack:
        connected: list[Client] = []
        for path in paths:
            http = await stack.enter_async_context(httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}))
            transport = streamable_http_client(server.url + path, http_client=http)
            client = await stack.enter_async_context(Client(transport))
            await client.list_tools()  # else the first call asks for them
            connected.append(client)
        yield connected

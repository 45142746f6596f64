"""Hosts that call several endpoints of one Jupyter server from one event loop."""

from __future__ import annotations

import contextlib
import time
from statistics import median
from typing import TYPE_CHECKING

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from support.jupyter import JupyterServer

Call = tuple[Client, str, dict[str, object]]
"""A client, a tool's name and its arguments."""


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


async def find_floor(echo: Client, call: Call) -> Call:
    """Return the call of `echo` whose reply has as many bytes as that of another call."""
    client, name, arguments = call
    reply = await client.call_tool(name, arguments)
    size = len(reply.model_dump_json(exclude_none=True))
    return echo, "echo", {"text": "x" * (size // 2)}  # it comes back as text and structured


async def time_in_turns(calls: Sequence[Call], rounds: int) -> list[float]:
    """Medians in milliseconds, one for each of the calls, which are made one after the other in each round."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for times, (client, name, arguments) in zip(took, calls, strict=True):
            start = time.perf_counter()
            result = await client.call_tool(name, arguments)
            times.append((time.perf_counter() - start) * 1000)
            if result.is_error:
                raise RuntimeError(f"{name} failed: {result.content}")
    return [median(times) for times in took]

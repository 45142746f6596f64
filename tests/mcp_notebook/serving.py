"""How the servers of these tests are reached: over stdio, or at a URL that they write down."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import uvicorn
from mcp.server.stdio import stdio_server

if TYPE_CHECKING:
    from pathlib import Path

    from mcp.server import Server


async def serve_stdio(server: Server[Any]) -> None:
    """Answer on stdin and stdout until they are closed."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


def serve_http(app: Any, directory: Path, port: int = 0) -> None:
    """Answer over HTTP until the process is ended; the URL is in the directory's file "url" as soon as it does."""
    listener = socket.create_server(("127.0.0.1", port))
    # asyncio does so to the sockets that it makes; without it the body of an answer waits 40 ms for its head's receipt.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    unfinished = directory / "url.unfinished"
    unfinished.write_text(f"http://127.0.0.1:{listener.getsockname()[1]}/mcp")
    unfinished.rename(directory / "url")
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    uvicorn.Server(config).run(sockets=[listener])

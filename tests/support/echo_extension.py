"""A Jupyter extension for tests: an MCP server of its own at /echo, behind the product's own door and adapter.

What it costs to call `echo` here is the floor of every tool on the same Jupyter server. `hold` says that it has begun
and then waits for a call of `release`: whoever hears the first before sending the second was not kept waiting. With
`fork` the Jupyter server gets a child first, which lives on.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import CallToolResult, ListToolsResult, TextContent, Tool

from mcp_notebook_server.access.door import Door
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.event_store import SessionEventStore, SessionKeys
from mcp_notebook_server.handlers import MCPHandler
from mcp_notebook_server.lifespan import Lifespan
from mcp_notebook_server.places import tokens_file

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams
    from starlette.types import ASGIApp

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
NOTHING: dict[str, Any] = {"type": "object"}
TOOLS = {
    "echo": Tool(name="echo", description="Gives back its argument.", input_schema=TEXT, output_schema=TEXT),
    "hold": Tool(name="hold", description="Says that it has begun, then waits.", input_schema=NOTHING),
    "release": Tool(name="release", description="Lets `hold` end.", input_schema=NOTHING),
}


class EchoServer:
    """The tools, and the event for which `hold` waits."""

    def __init__(self) -> None:
        self._released = asyncio.Event()
        self.sdk: Server[Any] = Server(
            "echo",
            on_list_tools=self._list,
            on_call_tool=self._call,
            get_tool_input_schema=lambda name: TOOLS[name].input_schema,
        )

    async def _list(self, *_: object) -> ListToolsResult:
        return ListToolsResult(tools=list(TOOLS.values()))

    async def _call(self, request: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        if params.name == "hold":
            self._released.clear()
            if (params.arguments or {}).get("fork"):
                _ = os.fork() or os._exit(signal.pause() or 0)  # the child holds whatever the server held
            await request.session.report_progress(1, 2, "begun")
            await self._released.wait()
        elif params.name == "release":
            self._released.set()
        else:
            text = (params.arguments or {})["text"]
            return CallToolResult(content=[TextContent(text=text)], structured_content={"text": text})
        return CallToolResult(content=[])


class EchoApp(ExtensionApp):
    """Serves them at /echo."""

    name = "echo_extension"
    extension_url = "/echo"

    def initialize_handlers(self) -> None:
        identity = self.serverapp.identity_provider
        self.door = Door(TokenFile(tokens_file()), identity.token, identity.auth_enabled)
        self.session_keys = SessionKeys()
        self._sessions = StreamableHTTPSessionManager(EchoServer().sdk, event_store=SessionEventStore())
        self._lifespan = Lifespan(self._sessions.run)
        self.handlers.append((r"/echo", MCPHandler, {"endpoint": self}))

    @property
    def asgi(self) -> ASGIApp:
        return self._sessions.handle_request

    async def _start_jupyter_server_extension(self, _: Any) -> None:
        await self._lifespan.start()

    async def stop_extension(self) -> None:
        await self._lifespan.stop()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "support.echo_extension", "app": EchoApp}]

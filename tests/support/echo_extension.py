"""A Jupyter extension for measurements: an MCP server whose one tool echoes, behind the product's own door and adapter.

What it costs to call `echo` here is the floor of every tool on the same Jupyter server.
"""

from __future__ import annotations

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
    from mcp_types import CallToolRequestParams
    from starlette.types import ASGIApp

ARGUMENT = "--ServerApp.jpserver_extensions={'support.echo_extension': True}"
"""Command line argument that enables it; the Jupyter server needs `tests` on its PYTHONPATH."""

ECHO = Tool(
    name="echo",
    description="Gives back its argument.",
    input_schema={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    output_schema={"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
)


async def list_tools(*_: Any) -> ListToolsResult:
    return ListToolsResult(tools=[ECHO])


async def call_tool(_: Any, params: CallToolRequestParams) -> CallToolResult:
    text = (params.arguments or {})["text"]
    return CallToolResult(content=[TextContent(text=text)], structured_content={"text": text})


class EchoApp(ExtensionApp):
    """Serves the echo tool at /echo."""

    name = "echo_extension"
    extension_url = "/echo"

    def initialize_handlers(self) -> None:
        identity = self.serverapp.identity_provider
        self.door = Door(TokenFile(tokens_file()), identity.token, identity.auth_enabled)
        self.session_keys = SessionKeys()
        server: Server[Any] = Server(
            "echo", on_list_tools=list_tools, on_call_tool=call_tool, get_tool_input_schema=lambda _: ECHO.input_schema
        )
        self._sessions = StreamableHTTPSessionManager(server, event_store=SessionEventStore())
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

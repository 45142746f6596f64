"""A Jupyter extension for tests: an MCP server of its own at /echo, behind the product's own door and adapter.

What it costs to call `echo` here is the floor of every tool on the same Jupyter server. `hold` says that it has begun
and then waits for a call of `release`: whoever hears the first before sending the second was not kept waiting. With
`fork` the Jupyter server gets a child first, which lives on.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import DEFAULT_SESSION_IDLE_TIMEOUT, StreamableHTTPSessionManager
from mcp_types import CallToolResult, ListToolsResult, TextContent, Tool

from mcp_notebook_server.access.door import Door
from mcp_notebook_server.access.limits import Limits
from mcp_notebook_server.access.refusals import Refusals
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.access.visits import Visits
from mcp_notebook_server.event_store import SessionEventStore, SessionKeys
from mcp_notebook_server.handlers import MCPHandler
from mcp_notebook_server.lifespan import Lifespan
from mcp_notebook_server.places import tokens_file
from mcp_notebook_server.tools import TOOLS as PRODUCTS_TOOLS
from mcp_notebook_server.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server.caching import CacheableMethod
    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams

    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.handlers import Phase

_log = logging.getLogger(__name__)

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
            try:
                await self._released.wait()
            finally:
                _log.warning("hold has ended")
        elif params.name == "release":
            self._released.set()
        else:
            text = (params.arguments or {})["text"]
            return CallToolResult(content=[TextContent(text=text)], structured_content={"text": text})
        return CallToolResult(content=[])


def list_the_products_tools() -> Server[Any]:
    """The bare SDK with the product's own tools, for what it costs to list them.

    It says for how long the list holds, as the product does: the SDK's client copies an answer that it may keep, which
    costs the host about a millisecond, whoever answered.
    """

    async def list_tools(*_: object) -> ListToolsResult:
        return ListToolsResult(tools=[tool.definition for tool in PRODUCTS_TOOLS])

    hints: dict[CacheableMethod, CacheHint] = {"tools/list": CacheHint(ttl_ms=300_000, scope="private")}
    return Server("same-tools", on_list_tools=list_tools, cache_hints=hints)


class NothingRuns:
    """Its tools run no code in kernels."""

    live: Sequence[Any] = ()

    async def end_of(self, token: HostToken) -> None: ...


class Endpoint:
    """One SDK server behind the product's door."""

    phase: Phase = "running"

    def __init__(self, door: Door, sdk: Server[Any]) -> None:
        self.door = door
        self.visits = Visits(NothingRuns(), door.find_fault, DEFAULT_SESSION_IDLE_TIMEOUT)
        self.token_limits = Limits({}, self.visits)
        events = SessionEventStore()
        self.turns = Turns()
        self.session_keys = SessionKeys(events)
        self.refusals = Refusals()
        sessions = StreamableHTTPSessionManager(sdk, event_store=events)
        self.asgi = sessions.handle_request
        self.lifespan = Lifespan(sessions.run)


class EchoApp(ExtensionApp):
    """Serves them at /echo, and the product's tools without the product at /same-tools."""

    name = "echo_extension"
    extension_url = "/echo"

    def initialize_handlers(self) -> None:
        identity = self.serverapp.identity_provider
        door = Door(TokenFile(tokens_file()), identity.token, identity.auth_enabled)
        self._endpoints = [Endpoint(door, EchoServer().sdk), Endpoint(door, list_the_products_tools())]
        for path, endpoint in zip((r"/echo", r"/same-tools"), self._endpoints, strict=True):
            self.handlers.append((path, MCPHandler, {"endpoint": endpoint}))

    async def _start_jupyter_server_extension(self, _: Any) -> None:
        for endpoint in self._endpoints:
            await endpoint.lifespan.start()
            endpoint.visits.start()

    async def stop_extension(self) -> None:
        for endpoint in self._endpoints:
            endpoint.visits.stop()
            await endpoint.lifespan.stop()


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "support.echo_extension", "app": EchoApp}]

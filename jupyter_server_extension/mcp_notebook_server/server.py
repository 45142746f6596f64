"""The MCP server that hosts see: our tools, resources and prompts behind the SDK's lowlevel server.

Knows how a call becomes an answer of the protocol. Refuses to know HTTP, and what the tools do.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    GetPromptRequestParams,
    GetPromptResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    TextContent,
)

from mcp_notebook_server._version import __version__
from mcp_notebook_server.access.host import get_host_token
from mcp_notebook_server.errors import ScopeMissing, ServerError
from mcp_notebook_server.prompts import PROMPTS, get_prompt
from mcp_notebook_server.resources import TEMPLATES, read_resource
from mcp_notebook_server.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp.server.context import ServerRequestContext

    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.tools.tool import Answer, Context, Tool

__all__ = ["MCPNotebookServer"]

_INSTRUCTIONS = (
    "Running Jupyter kernels of a person. Call list_kernels first; every other tool names its kernel. Reading works "
    "while a cell runs and changes nothing."
)

_UNCHANGING: tuple[CacheableMethod, ...] = (
    "tools/list",
    "resources/list",
    "resources/templates/list",
    "prompts/list",
)
"""What is the same for as long as this server runs."""

_log = logging.getLogger(__name__)


class MCPNotebookServer:
    """Our server, and the streams of those who listen to it.

    Args:
        context: makes the context of a call by the token of the host that calls.
    """

    def __init__(self, context: Callable[[HostToken], Context]) -> None:
        self._context = context
        self._tools: dict[str, Tool[Any]] = {tool.name: tool for tool in TOOLS}
        self._definitions = [tool.definition for tool in TOOLS]
        self.listeners = ListenHandler(InMemorySubscriptionBus())
        self.sdk: Server[Any] = Server(
            "mcp-notebook",
            version=__version__,
            title="Jupyter kernels",
            instructions=_INSTRUCTIONS,
            cache_hints=dict.fromkeys(_UNCHANGING, CacheHint(ttl_ms=300_000, scope="private")),
            get_tool_input_schema=self._find_input_schema,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_resource_templates,
            on_read_resource=self._read_resource,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
            on_subscriptions_listen=self.listeners,
        )

    def _find_input_schema(self, name: str) -> Mapping[str, Any] | None:
        tool = self._tools.get(name)
        return None if tool is None else tool.definition.input_schema

    async def _list_tools(self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=self._definitions)

    async def _call_tool(self, request: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        tool = self._tools.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name!r}. There are: {', '.join(self._tools)}.")
        try:
            answer = await self._run(tool, get_host_token(request), params.arguments or {})
        except ServerError as error:
            return _failure(str(error))
        except Exception:  # noqa: BLE001 - whatever a tool does, its host gets an answer and the log gets the traceback
            _log.exception("the tool %s failed", tool.name)
            return _failure(f"{tool.name} failed inside the Jupyter server; its log says why.")
        return CallToolResult(content=[TextContent(text=answer.text)], structured_content=dict(answer.structured))

    async def _run(self, tool: Tool[Any], token: HostToken, arguments: Mapping[str, Any]) -> Answer:
        if tool.scope not in token.scopes:
            raise ScopeMissing(tool.name, tool.scope, token.name)
        return await tool.call(self._context(token), arguments)

    async def _list_resources(
        self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        return ListResourcesResult(resources=[])

    async def _list_resource_templates(
        self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=TEMPLATES)

    async def _read_resource(
        self, request: ServerRequestContext[Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        try:
            return await read_resource(self._context(get_host_token(request)), str(params.uri))
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error), {"uri": str(params.uri)}) from None

    async def _list_prompts(self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListPromptsResult:
        return ListPromptsResult(prompts=PROMPTS)

    async def _get_prompt(self, request: ServerRequestContext[Any], params: GetPromptRequestParams) -> GetPromptResult:
        try:
            return await get_prompt(self._context(get_host_token(request)), params.name, params.arguments or {})
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None


def _failure(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=sentence)], is_error=True)

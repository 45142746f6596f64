"""The MCP server that hosts see: our tools, resources and prompts behind the SDK's lowlevel server.

Knows how a call becomes an answer of the protocol. Refuses to know HTTP, and what the tools do.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import MCP_SESSION_ID_HEADER
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    EmptyResult,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    ReadResourceRequestParams,
    ReadResourceResult,
    SubscribeRequestParams,
    SubscriptionsListenRequestParams,
    SubscriptionsListenResult,
    TextContent,
    UnsubscribeRequestParams,
)

from mcp_notebook_server._version import __version__
from mcp_notebook_server.access.gate import make_boundary
from mcp_notebook_server.access.host import get_host
from mcp_notebook_server.audit import Audit, name_host
from mcp_notebook_server.completion import complete
from mcp_notebook_server.errors import InvalidArguments, KernelOccupied, ServerError
from mcp_notebook_server.prompts import PROMPTS, get_prompt
from mcp_notebook_server.resources import TEMPLATES, list_resources, read_resource
from mcp_notebook_server.tasks import Tasks, check_listening, takes_tasks
from mcp_notebook_server.tools import TOOLS
from mcp_notebook_server.tools.tool import Continued

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mcp.server.context import ServerRequestContext

    from mcp_notebook_server.access.gate import Gate
    from mcp_notebook_server.access.host import Host
    from mcp_notebook_server.presence import Presence
    from mcp_notebook_server.subscriptions import Subscriptions
    from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool

__all__ = ["MCPNotebookServer"]

_INSTRUCTIONS = (
    "Running Jupyter kernels of a person. Where tools want a kernel, call list_kernels first. Reading works while a "
    "cell runs and changes nothing. Where an answer says that the person must permit something, show them its link."
)

_UNCHANGING: tuple[CacheableMethod, ...] = (
    "tools/list",
    "resources/templates/list",
    "prompts/list",
)
"""What is the same for as long as this server runs."""

_log = logging.getLogger(__name__)


class MCPNotebookServer:
    """Our server.

    Args:
        context: makes the context of a call by the host that calls.
        gate: decides which calls may happen.
        presence: knows which hosts are here, and shows their calls.
        subscriptions: tells hosts of changes.
        write: puts the record of each call where it lasts.
        tell: take it afterwards.
    """

    def __init__(
        self,
        context: Callable[[Host], Context],
        gate: Gate,
        presence: Presence,
        subscriptions: Subscriptions,
        write: Callable[[dict[str, Any]], object],
        *tell: Callable[[dict[str, Any]], object],
    ) -> None:
        self._context = context
        self._gate = gate
        self._presence = presence
        self._tools: dict[str, Tool[Any]] = {tool.name: tool for tool in TOOLS}
        self._subscriptions = subscriptions
        self.sdk: Server[Any] = Server(
            "mcp-notebook",
            version=__version__,
            title="Jupyter kernels",
            instructions=_INSTRUCTIONS,
            cache_hints={
                **dict.fromkeys(_UNCHANGING, CacheHint(ttl_ms=300_000, scope="private")),
                "resources/list": CacheHint(ttl_ms=2000, scope="private"),  # frames come and go with every cell
            },
            # It is asked in every call, only for arguments that travel in a header, too, and none of ours does.
            get_tool_input_schema=lambda _: None,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_resource_templates,
            on_read_resource=self._read_resource,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
            on_completion=self._complete,
            on_subscribe_resource=self._subscribe,
            on_unsubscribe_resource=self._unsubscribe,
            on_subscriptions_listen=self._listen,
        )
        self._tasks = Tasks(self._get_reading_context, _as_json)
        self._tasks.add_to(self.sdk)
        known = [*self._tools, *(prompt.name for prompt in PROMPTS)]
        reading = [tool.name for tool in TOOLS if tool.scope == "read"]
        self.audit = Audit(known, reading, write, *tell)
        self.sdk.middleware.extend([presence, self.audit, make_boundary(self.sdk.name)])

    async def _list_tools(
        self, request: ServerRequestContext[Any], _: PaginatedRequestParams | None
    ) -> ListToolsResult:
        binding = get_host(request).binding
        return ListToolsResult(tools=[tool.definition_at(binding) for tool in TOOLS if tool.fits(binding)])

    async def _call_tool(
        self, request: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        tool = self._tools.get(params.name)
        binding = get_host(request).binding
        if tool is None or not tool.fits(binding):
            known = ", ".join(each.name for each in TOOLS if each.fits(binding))
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name!r}. There are: {known}.")
        try:
            with self._presence.follow(request, tool.name):
                answer = await self._run(tool, request, params)
        except ServerError as error:
            get_host(request).failure = type(error).__name__
            return _failure(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a tool does, its host gets an answer, the log the traceback
            _log.exception("the tool %s failed", tool.name)
            get_host(request).failure = type(error).__name__
            return _failure(f"{tool.name} failed inside the Jupyter server; its log says why.")
        if isinstance(answer, InputRequiredResult):
            return answer
        return await self._tasks.begin(answer) if isinstance(answer, Continued) else _as_json(answer)

    async def _run(
        self, tool: Tool[Any], request: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> Answer | Continued | InputRequiredResult:
        """Run a tool if it may run; else return what the host must show its person first."""
        host = get_host(request)
        context = self._context(host)
        if takes_tasks(request):
            context = replace(context, takes_tasks=True)
        if params.meta is not None and "progress_token" in params.meta:
            context = replace(context, report=request.session.report_progress)
        must_ask = self._gate.must_ask(tool.name, tool.scope, host)
        arguments = self._check(tool, host, params.arguments or {})
        if must_ask and tool.concerns_own is not None:
            must_ask = not await tool.concerns_own(context, arguments)
        if not must_ask:
            return await tool.run(context, arguments)
        call = replace(await tool.propose_call(context, arguments), host=name_host(request))
        permission = await self._gate.ask(call, request, params)
        if isinstance(permission, InputRequiredResult):
            return permission
        host.granted_by = permission.id
        try:
            # What was shown was for this kernel; by now the host's name for it may mean another.
            held = arguments.model_copy(update={"kernel": call.proposal.kernel})
            return await tool.run(replace(context, approved=call.proposal), held)
        except KernelOccupied:  # nothing was done with it
            self._gate.give_back(permission)
            raise

    def _check(self, tool: Tool[Any], host: Host, arguments: Mapping[str, Any]) -> Arguments:
        if not host.binding.values:
            return tool.check(arguments)
        taken = tool.arguments.model_fields
        open_names = [name for name in taken if name not in host.binding.values]
        if repeated := [name for name in arguments if name in taken and name not in open_names]:
            problems = [f"{name}: the address says it already" for name in repeated]
            raise InvalidArguments(tool.name, problems, open_names)
        try:
            return tool.check(host.binding.fill_in(arguments, taken))
        except InvalidArguments as error:
            raise InvalidArguments(tool.name, error.problems, open_names) from None

    def _get_reading_context(self, request: ServerRequestContext[Any]) -> Context:
        """Return the context of what reads a kernel and is no tool.

        Raises:
            MCPError: if the person lets nobody read.
        """
        host = get_host(request)
        try:
            self._gate.must_ask("reading", "read", host)
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None
        return self._context(host)

    async def _list_resources(
        self, request: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        cursor = params.cursor if params is not None else None
        resources, next_cursor = await list_resources(self._get_reading_context(request), cursor)
        return ListResourcesResult(resources=resources, next_cursor=next_cursor)

    async def _list_resource_templates(
        self, request: ServerRequestContext[Any], _: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        narrow = get_host(request).binding.narrow_template
        templates = [each.model_copy(update={"uri_template": narrow(each.uri_template)}) for each in TEMPLATES]
        return ListResourceTemplatesResult(resource_templates=templates)

    async def _read_resource(
        self, request: ServerRequestContext[Any], params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        try:
            return await read_resource(self._get_reading_context(request), str(params.uri))
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error), {"uri": str(params.uri)}) from None

    async def _subscribe(self, request: ServerRequestContext[Any], params: SubscribeRequestParams) -> EmptyResult:
        context, uri, tell = self._get_reading_context(request), str(params.uri), request.session.send_resource_updated
        try:
            await self._subscriptions.subscribe(context, _get_session_id(request), uri, tell)
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error), {"uri": uri}) from None
        return EmptyResult()

    async def _unsubscribe(self, request: ServerRequestContext[Any], params: UnsubscribeRequestParams) -> EmptyResult:
        self._subscriptions.unsubscribe(_get_session_id(request), str(params.uri))
        return EmptyResult()

    async def _listen(
        self, request: ServerRequestContext[Any], params: SubscriptionsListenRequestParams
    ) -> SubscriptionsListenResult:
        if params.notifications.resource_subscriptions:
            self._get_reading_context(request)  # or it may not
        check_listening(request)
        return await self._subscriptions.listen(self._context(get_host(request)), request, params)

    async def _list_prompts(
        self, request: ServerRequestContext[Any], _: PaginatedRequestParams | None
    ) -> ListPromptsResult:
        values = get_host(request).binding.values
        return ListPromptsResult(prompts=[_without_arguments(prompt, values) for prompt in PROMPTS])

    async def _get_prompt(self, request: ServerRequestContext[Any], params: GetPromptRequestParams) -> GetPromptResult:
        host = get_host(request)
        arguments = {**(params.arguments or {}), **host.binding.values}
        try:
            return await get_prompt(self._get_reading_context(request), params.name, arguments)
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None

    async def _complete(self, request: ServerRequestContext[Any], params: CompleteRequestParams) -> CompleteResult:
        host = get_host(request)
        try:
            return CompleteResult(completion=await complete(self._get_reading_context(request), host.binding, params))
        except ServerError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None


def _get_session_id(request: ServerRequestContext[Any]) -> str:
    if request.request is None:
        raise TypeError("a request reached the server without passing the door")
    return request.request.headers[MCP_SESSION_ID_HEADER]


def _without_arguments(prompt: Prompt, names: Collection[str]) -> Prompt:
    return prompt.model_copy(update={"arguments": [each for each in prompt.arguments or () if each.name not in names]})


def _as_json(answer: Answer) -> CallToolResult:
    """Return the result as the SDK would write it; a model it would go through once more, a tenth of a page's time."""
    attached = [block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in answer.attachments]
    result = {
        "content": [{"type": "text", "text": answer.text}, *attached],
        "structuredContent": answer.structured,
        "isError": answer.is_error,
        "resultType": "complete",  # left out again for hosts of the older era
    }
    return cast("CallToolResult", result)  # the SDK takes both, and says so only where it passes them on


def _failure(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=sentence)], is_error=True)

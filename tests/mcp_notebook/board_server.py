"""An SDK server that says when something changes: `python board_server.py stdio|http DIRECTORY [PORT]`.

It has notices, which are pinned and changed by tools; its lists have pages of one item; it logs at each level; it says
which roots it was told of. In DIRECTORY it writes "url", a line into "calls" for each call of a tool, and one into
"reads" for each resource; while the file "slow" is there, it never answers the next. Started beside a file "deaf", it
tells of nothing.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import anyio
from mcp.server import NotificationOptions, Server
from mcp.server.caching import CacheHint
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    EmptyResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    Tool,
)
from serving import serve_http, serve_stdio

transport, directory = sys.argv[1], Path(sys.argv[2])
deaf = (directory / "deaf").exists()
LEVELS = ("debug", "info", "notice", "warning", "error", "critical", "alert", "emergency")

bus = InMemorySubscriptionBus()
notices = {"board://menu": 0, "board://news": 0, "board://rules": 0}
subscribed: dict[str, dict[int, Any]] = {}
extra_tools: list[str] = []
minimum = {"level": "debug"}


def page(items: list[Any], params: PaginatedRequestParams | None) -> tuple[list[Any], str | None]:
    at = int(params.cursor) if params and params.cursor else 0
    return items[at : at + 1], str(at + 1) if at + 1 < len(items) else None


async def list_tools(_context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in ("uri", "inner", "name")}}
    names = ["change", "pin", "say", "told", "hold", *extra_tools]
    tools, cursor = page([Tool(name=name, input_schema=schema) for name in names], params)
    return ListToolsResult(tools=tools, next_cursor=cursor)


async def list_resources(_context: Any, params: PaginatedRequestParams | None) -> ListResourcesResult:
    resources, cursor = page([Resource(uri=uri, name=uri) for uri in notices], params)
    return ListResourcesResult(resources=resources, next_cursor=cursor)


async def list_templates(_context: Any, params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    listed = [ResourceTemplate(uri_template=f"board://{kind}/{{day}}", name=kind) for kind in "abc"]
    templates, cursor = page(listed, params)
    return ListResourceTemplatesResult(resource_templates=templates, next_cursor=cursor)


async def list_prompts(_context: Any, params: PaginatedRequestParams | None) -> ListPromptsResult:
    prompts, cursor = page([Prompt(name=name) for name in "abc"], params)
    return ListPromptsResult(prompts=prompts, next_cursor=cursor)


async def read_resource(_context: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
    with (directory / "reads").open("a") as reads:
        reads.write(f"{params.uri}\n")
    if (directory / "slow").exists():
        (directory / "slow").unlink()
        await anyio.sleep_forever()
    text = f"change {notices[str(params.uri)]}"
    return ReadResourceResult(contents=[TextResourceContents(uri=str(params.uri), text=text)])


def connection_of(context: Any) -> int:
    """Each request has a session object of its own; what they share is the connection."""
    return id(context.session._connection)


async def subscribe(context: Any, params: Any) -> EmptyResult:
    subscribed.setdefault(str(params.uri), {})[connection_of(context)] = context.session
    return EmptyResult()


async def unsubscribe(context: Any, params: Any) -> EmptyResult:
    subscribed.get(str(params.uri), {}).pop(connection_of(context), None)
    return EmptyResult()


async def set_level(_context: Any, params: Any) -> EmptyResult:
    minimum["level"] = params.level
    return EmptyResult()


async def change(uri: str, inner: str = "") -> str:
    notices[uri] += 1
    for session in list(subscribed.get(uri, {}).values()):
        await session.send_resource_updated(uri + inner)
    await bus.publish(ResourceUpdated(uri=uri + inner))
    return f"change {notices[uri]}"


async def pin(context: Any, name: str) -> str:
    extra_tools.append(name)
    notices[f"board://{name}"] = 0
    if context.protocol_version < "2026":
        await context.session.send_tool_list_changed()
        await context.session.send_resource_list_changed()
        await context.session.send_prompt_list_changed()
    for event in (ToolsListChanged(), ResourcesListChanged(), PromptsListChanged()):
        await bus.publish(event)
    return "pinned"


async def say(context: Any) -> str:
    legacy = context.protocol_version < "2026"
    for level in LEVELS:
        if not legacy or LEVELS.index(level) >= LEVELS.index(minimum["level"]):
            await context.session.send_log_message(level, f"this is {level}", related_request_id=context.request_id)
    return "said"


async def roots_changed(_context: Any, _params: Any) -> None:
    (directory / "roots").touch()


async def told(context: Any) -> str:
    roots = await context.session.list_roots()
    return " ".join(str(root.uri) for root in roots.roots)


async def hold() -> str:
    while not (directory / "go").exists():  # noqa: ASYNC110  the test is another process
        await anyio.sleep(0.005)
    return "held"


async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
    arguments: dict[str, Any] = params.arguments or {}
    with (directory / "calls").open("a") as calls:
        calls.write(json.dumps([params.name, arguments]) + "\n")
    if params.name == "change":
        text = await change(arguments.get("uri", "board://menu"), arguments.get("inner", ""))
    elif params.name == "pin":
        text = await pin(context, arguments.get("name", "new"))
    elif params.name == "say":
        text = await say(context)
    elif params.name == "told":
        text = await told(context)
    else:
        text = await hold()
    return CallToolResult(content=[TextContent(text=text)])


server: Any = Server(  # pyright: ignore[reportDeprecated]  the older era's
    "board",
    on_list_tools=list_tools,
    on_call_tool=call_tool,
    on_list_resources=list_resources,
    on_list_resource_templates=list_templates,
    on_read_resource=read_resource,
    on_subscribe_resource=None if deaf else subscribe,
    on_unsubscribe_resource=None if deaf else unsubscribe,
    on_subscriptions_listen=None if deaf else ListenHandler(bus),
    on_list_prompts=list_prompts,
    on_set_logging_level=set_level,
    on_roots_list_changed=roots_changed,
    cache_hints={
        "tools/list": CacheHint(ttl_ms=60_000, scope="public"),
        "resources/read": CacheHint(ttl_ms=60_000, scope="private"),
    },
)

# Older servers say at the handshake what they tell unasked.
told_unasked = NotificationOptions(prompts_changed=True, resources_changed=True, tools_changed=True)
server.create_initialization_options = partial(server.create_initialization_options, told_unasked)

if transport == "stdio":
    anyio.run(serve_stdio, server)
else:
    serve_http(server.streamable_http_app(), directory, int(sys.argv[3]) if len(sys.argv) > 3 else 0)

"""A server whose every text is HTML, script, a line of a mebibyte, or cannot be seen: `python hostile_server.py`."""

from __future__ import annotations

import sys
from typing import Any

import anyio
import mcp_types as types
from mcp.server import Server
from mcp.server.stdio import stdio_server

EVIL = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>\u202egnp\u200b\u2066\U000e0041"
LINE = "x" * 1024 * 1024
SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": EVIL,
    "properties": {
        EVIL: {"type": "string", "title": EVIL, "description": EVIL, "default": EVIL},
        "long": {"type": "string", "title": LINE, "description": LINE[:100_000]},
        "choice": {"enum": [EVIL, "b"], "description": EVIL},
        "__proto__": {"type": "string", "default": "x"},
    },
    "required": ["constructor"],
}


async def list_tools(*_: Any) -> types.ListToolsResult:
    hints = types.ToolAnnotations(title=EVIL, read_only_hint=True)
    tools = [
        types.Tool(
            name=f"evil {EVIL}",
            title=EVIL,
            description=EVIL,
            input_schema=SCHEMA,
            output_schema=SCHEMA,
            annotations=hints,
        ),
        types.Tool(name="long", title=LINE, description=LINE, input_schema={"type": "object"}),
        types.Tool(name=LINE, input_schema={"type": "object"}),
    ]
    return types.ListToolsResult(tools=tools)


async def call_tool(*_: Any) -> types.CallToolResult:
    html = types.TextResourceContents(uri=EVIL, mime_type="text/html", text=EVIL)
    picture = types.ImageContent(type="image", data="AAAA", mime_type='image/png" onerror="window.ran=1')
    return types.CallToolResult(
        content=[
            types.TextContent(type="text", text=EVIL),
            types.TextContent(type="text", text=LINE),
            types.EmbeddedResource(type="resource", resource=html),
            types.ResourceLink(type="resource_link", name=EVIL, uri=f"javascript:window.ran=1//{EVIL}"),
            picture,
        ]
    )


async def list_resources(*_: Any) -> types.ListResourcesResult:
    named = types.Resource(uri=f"evil://{EVIL}", name=EVIL, description=EVIL, mime_type="text/markdown")
    return types.ListResourcesResult(resources=[named, types.Resource(uri=f"evil://{LINE}", name=LINE)])


async def read_resource(*_: Any) -> types.ReadResourceResult:
    text = (
        f"{EVIL}\n\n[click](javascript:window.ran=1) <a href='javascript:window.ran=1'>x</a> ![x](http://127.0.0.1:9/)"
    )
    contents = types.TextResourceContents(uri=EVIL, mime_type="text/markdown", text=text)
    return types.ReadResourceResult(contents=[contents])


async def list_prompts(*_: Any) -> types.ListPromptsResult:
    argument = types.PromptArgument(name=EVIL, description=EVIL)
    return types.ListPromptsResult(
        prompts=[types.Prompt(name="evil", title=EVIL, description=EVIL, arguments=[argument])]
    )


async def get_prompt(*_: Any) -> types.GetPromptResult:
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=EVIL))
    return types.GetPromptResult(messages=[message])


async def complete(*_: Any) -> types.CompleteResult:
    return types.CompleteResult(completion=types.Completion(values=[EVIL, LINE[:1000]]))


server: Server[Any] = Server(
    f"evil {EVIL}",
    version=EVIL,
    instructions=EVIL + LINE,
    on_list_tools=list_tools,
    on_call_tool=call_tool,
    on_list_resources=list_resources,
    on_read_resource=read_resource,
    on_list_prompts=list_prompts,
    on_get_prompt=get_prompt,
    on_completion=complete,
)


async def main() -> None:
    sys.stderr.write(f"{EVIL}\n{LINE}\n")
    sys.stderr.flush()
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())


anyio.run(main)

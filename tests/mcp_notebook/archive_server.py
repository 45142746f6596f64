"""An SDK server with resources of every kind and prompts: `python archive_server.py`, over stdio."""

from __future__ import annotations

import base64
import io
import sys
import wave
from pathlib import Path
from typing import Any

import anyio
import pyarrow as pa
from mcp import MCPError
from mcp.server import Server
from mcp_types import (
    INVALID_PARAMS,
    AudioContent,
    BlobResourceContents,
    CallToolRequestParams,
    CallToolResult,
    EmbeddedResource,
    GetPromptRequestParams,
    GetPromptResult,
    ImageContent,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    Prompt,
    PromptArgument,
    PromptMessage,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceLink,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    Tool,
)
from pyarrow import feather, ipc, parquet
from serving import serve_stdio

directory = Path(sys.argv[1])

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgAAAAAgAB4iG8MwAAAABJRU5ErkJggg=="
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="alert(1)"><script>alert(1)</script></svg>'
TABLE = pa.table({"id": [1, 2, 3], "wood": ["oak", None, "elm"]})
CSV = "id,wood\r\n1,oak\r\n2,\r\n3,elm\r\n"
MARKDOWN = """# Title

| a | b |
|---|---|
| 1 | 2 |

<script>alert(1)</script>

![x](http://127.0.0.1:9/spy.png) [in](/logout)
"""


def parquet_bytes() -> bytes:
    sink = io.BytesIO()
    parquet.write_table(TABLE, sink)
    return sink.getvalue()


def stream_bytes() -> bytes:
    sink = io.BytesIO()
    with ipc.new_stream(sink, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return sink.getvalue()


def feather_bytes() -> bytes:
    sink = io.BytesIO()
    feather.write_feather(TABLE, sink)
    return sink.getvalue()


def tone() -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as sound:
        sound.setparams((1, 1, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(range(256)))
    return sink.getvalue()


CONTENTS: dict[str, tuple[str | None, str | bytes]] = {
    "table://csv": ("text/csv", CSV),
    "table://orders.csv": (None, CSV),
    "table://tsv": ("text/tab-separated-values; charset=utf-8", CSV.replace(",", "\t")),
    "table://passed-on.csv": ("application/octet-stream", b"\xef\xbb\xbf" + CSV.encode()),
    "table://records": (
        "application/json",
        '[{"id": 1, "wood": "oak"}, {"id": 2, "wood": null}, {"id": 3, "wood": "elm"}]',
    ),
    "table://columns": ("application/json", '{"columns": ["id", "wood"], "rows": [[1, "oak"], [2, null], [3, "elm"]]}'),
    "table://lines": (
        "application/x-ndjson",
        '{"id": 1, "wood": "oak"}\n{"id": 2, "wood": null}\n{"id": 3, "wood": "elm"}\n',
    ),
    "table://parquet": ("application/vnd.apache.parquet", parquet_bytes()),
    "table://orders.parquet?version=2": ("application/octet-stream", parquet_bytes()),
    "table://stream": ("application/vnd.apache.arrow.stream", stream_bytes()),
    "table://orders.feather": (None, feather_bytes()),
    "broken://parquet": ("application/vnd.apache.parquet", b"PAR1 and nothing more"),
    "broken://csv": ("text/csv", "a,b\n1,2,3\n1,2,3,4\n"),
    "text://plain": ("text/plain", "words"),
    "text://json": ("application/json", '{"a": {"b": 1}}'),
    "text://markdown": ("text/markdown", MARKDOWN),
    "text://html": ("text/html", "<script>alert(1)</script><h1>Hi</h1>"),
    "text://html.csv": ("text/html", "<b>a,b</b>"),
    "image://png": ("image/png", base64.b64decode(PIXEL)),
    "image://svg": ("image/svg+xml", SVG),
    "sound://tone": ("audio/wav", tone()),
    "binary://zip": ("application/zip", b"PK\x05\x06" + bytes(18)),
}


def contents(uri: str) -> TextResourceContents | BlobResourceContents:
    mime_type, value = CONTENTS[uri]
    if isinstance(value, str):
        return TextResourceContents(uri=uri, mime_type=mime_type, text=value)
    return BlobResourceContents(uri=uri, mime_type=mime_type, blob=base64.b64encode(value).decode())


async def list_resources(_context: Any, params: PaginatedRequestParams | None) -> ListResourcesResult:
    """Two pages."""
    resources = [
        Resource(uri=uri, name=uri.partition("://")[2], mime_type=kind, size=len(value))
        for uri, (kind, value) in CONTENTS.items()
    ]
    if params is None or params.cursor is None:
        return ListResourcesResult(resources=resources[:10], next_cursor="more")
    return ListResourcesResult(resources=resources[10:])


async def list_templates(_context: Any, _params: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    patterns = {"echo": "echo://{word}{?times}", "folder": "folder://{/path*}", "exotic": "exotic://{word:3}"}
    templates = [ResourceTemplate(uri_template=pattern, name=name) for name, pattern in patterns.items()]
    return ListResourceTemplatesResult(resource_templates=templates)


async def read_resource(_context: Any, params: ReadResourceRequestParams) -> ReadResourceResult:
    uri = params.uri
    if uri in CONTENTS:
        return ReadResourceResult(contents=[contents(uri)])
    if uri == "several://tables":
        return ReadResourceResult(contents=[contents("table://csv"), contents("table://records")])
    if uri == "several://things":
        return ReadResourceResult(contents=[contents("text://plain"), contents("image://png")])
    if uri.startswith(("echo://", "folder://")):
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, text=uri)])
    raise MCPError(INVALID_PARAMS, f"Resource not found: {uri}")


REVIEW = Prompt(
    name="review",
    description="Review some code",
    arguments=[PromptArgument(name="language", required=True), PromptArgument(name="lines")],
)


async def list_prompts(_context: Any, _params: PaginatedRequestParams | None) -> ListPromptsResult:
    return ListPromptsResult(prompts=[REVIEW])


async def get_prompt(_context: Any, params: GetPromptRequestParams) -> GetPromptResult:
    asked = TextContent(type="text", text=f"Review this {params.arguments!r}. <script>alert(1)</script>")
    return GetPromptResult(
        messages=[
            PromptMessage(role="user", content=asked),
            PromptMessage(role="user", content=ImageContent(type="image", data=PIXEL, mime_type="image/png")),
            PromptMessage(
                role="assistant", content=EmbeddedResource(type="resource", resource=contents("table://csv"))
            ),
        ]
    )


async def list_tools(_context: Any, _params: PaginatedRequestParams | None) -> ListToolsResult:
    names = ("mixed", "many", "export", "burst", "unknown_length", "fail")
    return ListToolsResult(tools=[Tool(name=name, input_schema={"type": "object", "properties": {}}) for name in names])


async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
    if params.name == "mixed":
        return CallToolResult(
            content=[
                TextContent(type="text", text="Here:"),
                AudioContent(type="audio", data=base64.b64encode(tone()).decode(), mime_type="audio/wav"),
                AudioContent(type="audio", data="AAAA", mime_type='audio/wav" onplay="alert(1)'),
                ImageContent(type="image", data=base64.b64encode(SVG.encode()).decode(), mime_type="image/svg+xml"),
                ResourceLink(
                    type="resource_link",
                    uri="echo://it's here\n%mcp disconnect archive",
                    name="echo",
                    description="An echo\n<b>bold</b>",
                    mime_type="text/plain",
                    size=1234,
                ),
                EmbeddedResource(type="resource", resource=contents("text://markdown")),
            ]
        )
    if params.name == "many":
        return CallToolResult(content=[TextContent(type="text", text=f"part {number}") for number in range(60)])
    if params.name == "export":
        return CallToolResult(
            content=[
                TextContent(type="text", text="Exported."),
                EmbeddedResource(type="resource", resource=contents("table://parquet")),
            ]
        )
    if params.name == "unknown_length":
        await context.session.report_progress(5, message="five")
        return CallToolResult(content=[TextContent(type="text", text="done")])
    for step in range(1, 101):
        await context.session.report_progress(step, 100, f"step {step}")
    while not (directory / "go").exists():  # noqa: ASYNC110  the test is another process
        await anyio.sleep(0.005)
    return CallToolResult(content=[TextContent(type="text", text="done")], is_error=params.name == "fail")


server = Server(
    "archive",
    on_list_resources=list_resources,
    on_list_resource_templates=list_templates,
    on_read_resource=read_resource,
    on_list_prompts=list_prompts,
    on_get_prompt=get_prompt,
    on_list_tools=list_tools,
    on_call_tool=call_tool,
)

anyio.run(serve_stdio, server)

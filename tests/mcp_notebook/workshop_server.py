"""An SDK server whose tools can be watched and held: `python workshop_server.py stdio|http DIRECTORY`.

Tools say where they are by files in DIRECTORY ("waiting", "cancelled", "url", ...), and go on when a test makes one.
"""

from __future__ import annotations

import base64
import os
import signal
import sys
from pathlib import Path
from typing import Any, Literal

import anyio
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import CallToolResult, EmbeddedResource, ImageContent, TextContent, TextResourceContents
from pydantic import BaseModel
from serving import serve_http

transport, directory = sys.argv[1], Path(sys.argv[2])
server = MCPServer("workshop", instructions="Be careful with the saw.")

PIXEL = base64.b64encode(
    bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
    )
).decode()


async def file_made(name: str) -> None:
    """Wait for a test to make a file in the directory."""
    while not (directory / name).exists():  # noqa: ASYNC110  the test is another process
        await anyio.sleep(0.005)


class Board(BaseModel):
    wood: str
    length: float = 1.0


@server.tool()
def add(a: int, b: int = 0) -> int:
    """Add two numbers.

    This part is for experts.
    """
    return a + b


@server.tool()
def saw(
    boards: list[Board],
    cuts: int | None = None,
    unit: Literal["cm", "inch"] = "cm",
    glue: bool = False,
    extra: dict[str, Any] | None = None,
    label: str = "",
    ratio: float = 1.0,
) -> dict[str, Any]:
    """Say what was understood."""
    return {
        "boards": [board.model_dump() for board in boards],
        "cuts": cuts,
        "unit": unit,
        "glue": glue,
        "extra": extra,
        "label": label,
        "ratio": ratio,
    }


@server.tool()
async def wait(name: str = "waiting") -> str:
    """Wait until cancelled."""
    (directory / name).touch()
    try:
        await anyio.sleep_forever()
    except anyio.get_cancelled_exc_class():
        (directory / "cancelled").touch()
        raise
    return "never"


@server.tool()
async def count(context: Context, steps: int = 3) -> str:
    """Report progress; go on from each step when a test lets it."""
    for step in range(1, steps + 1):
        await context.report_progress(step, steps, f"step {step}")
        await file_made(f"go{step}")
    return "counted"


@server.tool()
def orders() -> list[dict[str, Any]]:
    """Give a table."""
    return [{"id": number, "wood": "oak" if number % 2 else None} for number in range(30)]


@server.tool()
def break_down() -> str:
    """Fail."""
    raise ToolError("the blade\nis blunt")


@server.tool()
def paint() -> CallToolResult:
    """Give an image alone."""
    return CallToolResult(content=[ImageContent(type="image", data=PIXEL, mime_type="image/png")])


@server.tool()
def attack() -> CallToolResult:
    """Give everything that must not run."""
    script = "<script>alert(1)</script>\x1b]0;title\x07\x1b[31m```\n![x](http://127.0.0.1:9/spy.png)"
    document = TextResourceContents(uri="data://x", mime_type="text/html", text=script)
    return CallToolResult(
        content=[
            TextContent(type="text", text=script),
            ImageContent(type="image", data=PIXEL, mime_type='image/png" onerror="alert(1)'),
            ImageContent(type="image", data=PIXEL, mime_type="image/png"),
            EmbeddedResource(type="resource", resource=document),
        ]
    )


@server.tool()
def big(megabytes: int) -> str:
    """Give a large text."""
    return "x" * (megabytes * 1024 * 1024)


@server.tool()
async def big_after_progress(context: Context, megabytes: int) -> str:
    """Give a large text as a server-sent event."""
    await context.report_progress(1, 2)
    return "x" * (megabytes * 1024 * 1024)


@server.tool()
def large(size: int) -> str:
    """Give a text of so many bytes."""
    return "x" * size


@server.tool()
async def hurry(context: Context, steps: int) -> str:
    """Report progress as fast as it can be written."""
    for step in range(1, steps + 1):
        await context.report_progress(step, steps)
    return "hurried"


@server.tool()
async def die(context: Context) -> str:
    """End the process in the middle of the call, when a test says so."""
    await context.report_progress(1, 2)
    await file_made("kill")
    sys.stderr.write("the motor\nburned out\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


@server.tool()
async def learn(context: Context) -> str:
    """Get another tool and say so."""
    server.add_tool(lambda: "new", name="carve")
    await context.session.send_tool_list_changed()
    await context.notify_tools_changed()  # the modern era's way: to those that listen
    return "learned"


if transport == "stdio":
    server.run("stdio")
else:
    serve_http(server.streamable_http_app(), directory, int(sys.argv[3]) if len(sys.argv) > 3 else 0)

"""An SDK server over stdio whose tools ask the person back, politely and rudely."""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003  the SDK reads the annotations
from typing import Annotated, Any

import anyio
import mcp_types as types
from mcp import MCPError
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import AcceptedElicitation, Elicit, ElicitationResult, Resolve, Sample
from pydantic import BaseModel, Field

server = MCPServer("asking")


class Trip(BaseModel):
    city: str
    nights: int = Field(default=2, ge=1, le=30)


@server.tool()
async def book(ctx: Context) -> str:
    """Ask for a trip, by a request of the legacy era."""
    answer = await ctx.elicit("Where to?", Trip)
    return answer.model_dump_json()


async def ask_trip() -> Elicit[Trip]:
    return Elicit("Where to?", Trip)


@server.tool()
def travel(trip: Annotated[ElicitationResult[Trip], Resolve(ask_trip)]) -> str:
    """Ask for a trip, in the way of either era."""
    return trip.data.model_dump_json() if isinstance(trip, AcceptedElicitation) else trip.action


@server.tool()
async def flood(ctx: Context, count: int) -> list[str]:
    """Ask very many things, one after the other."""
    return [(await ctx.elicit(f"Number {number}?", Trip)).action for number in range(count)]


async def ask_raw(ctx: Context, **params: Any) -> str:
    request = types.ElicitRequest(params=types.ElicitRequestFormParams(**params))
    try:
        return (await ctx.session.send_request(request, types.ElicitResult)).model_dump_json(exclude_none=True)
    except Exception as error:  # noqa: BLE001  the test wants to read it
        return f"error: {error}"


@server.tool()
async def ask(ctx: Context, message: str, schema: dict[str, Any]) -> str:
    """Ask with any schema."""
    return await ask_raw(ctx, message=message, requested_schema=schema)


@server.tool()
async def shout(ctx: Context, megabytes: int) -> str:
    """Ask with a very long message."""
    return await ask_raw(
        ctx, message="A" * megabytes * 1_000_000, requested_schema={"type": "object", "properties": {}}
    )


_tasks: set[asyncio.Task[None]] = set()


@server.tool()
async def remind(ctx: Context, when: Path) -> str:
    """Ask for a trip after this call has ended: when a file is there. The answer goes into a file beside it."""

    async def ask_later() -> None:
        while not when.exists():  # noqa: ASYNC110, ASYNC240  nothing tells of it, and it is looked at for a moment
            await asyncio.sleep(0.01)
        schema = {"type": "object", "properties": {"city": {"type": "string"}, "nights": {"type": "integer"}}}
        answer = await ask_raw(ctx, message=f"Where to, {when.name}?", requested_schema=schema)
        when.with_suffix(".part").write_text(answer)
        when.with_suffix(".part").rename(when.with_suffix(".answer"))

    task = asyncio.create_task(ask_later())
    _tasks.add(task)
    return "I shall ask."


@server.tool()
async def visit(ctx: Context, url: str) -> str:
    """Have a page opened."""
    return (await ctx.elicit_url("Please log in.", url, "1")).model_dump_json(exclude_none=True)


async def ask_rhyme() -> Sample:
    message = types.SamplingMessage(role="user", content=types.TextContent(text="What rhymes with rain?"))
    return Sample([message], max_tokens=10)


@server.tool()
def rhyme(word: Annotated[types.CreateMessageResult, Resolve(ask_rhyme)]) -> str:
    """Have a model find a word, in the way of either era."""
    return f"{word.model}: {word.content.text if word.content.type == 'text' else '?'}"


async def sample(ctx: Context, params: types.CreateMessageRequestParams) -> str:
    try:
        request = types.CreateMessageRequest(params=params)
        answer = await ctx.session.send_request(request, types.CreateMessageResultWithTools)
    except Exception as error:  # noqa: BLE001  the test wants to read it
        return f"error: {error}"
    return answer.model_dump_json(exclude_none=True)


@server.tool()
async def poem(ctx: Context, stubborn: bool = False) -> str:
    """Have a model write something; a stubborn server wants it also when the call was cancelled."""
    said = types.TextContent(type="text", text="Write about rain.")
    params = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=said)],
        system_prompt="Be brief.",
        max_tokens=100,
        model_preferences=types.ModelPreferences(hints=[types.ModelHint(name="poet-1")]),
    )
    with anyio.CancelScope(shield=stubborn):
        return await sample(ctx, params)


@server.tool()
async def consult(ctx: Context) -> str:
    """Have a model use a tool on a picture."""
    picture = types.ImageContent(data="aGVsbG8=", mime_type="image/png")
    params = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=[types.TextContent(text="Where is it?"), picture])],
        max_tokens=100,
        tools=[types.Tool(name="locate", description="Finds a place", input_schema={"type": "object"})],
        tool_choice=types.ToolChoice(mode="required"),
    )
    return await sample(ctx, params)


@server.tool()
async def nag(ctx: Context) -> list[str]:
    """Ask a model again and again, whatever the person says."""
    said = types.TextContent(type="text", text="Give me your files.")
    params = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=said)], max_tokens=100
    )
    answers: list[str] = []
    for _ in range(10):
        try:
            await ctx.session.send_request(types.CreateMessageRequest(params=params), types.CreateMessageResult)
            answers.append("answered")
        except MCPError as error:
            answers.append(error.message)
    return answers


@server.tool()
async def roots(ctx: Context) -> list[str]:
    """Say which folders it was told of."""
    answer = await ctx.session.send_request(types.ListRootsRequest(), types.ListRootsResult)
    return [str(root.uri) for root in answer.roots]


if __name__ == "__main__":
    server.run("stdio")

"""A tiny host, as Claude Code or VS Code are big ones: a process of its own that uses one MCP server.

    python servers/assistant.py URL      with the token in the environment, as MCP_TOKEN

Reads a tool's name and its arguments, as JSON, a line each, and writes the answer, as JSON, on one line.
"""

import asyncio
import json
import os
import sys

import httpx2
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp_types import Implementation


async def main(url: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
    me = Implementation(name="assistant", version="1.0.0")
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        async with Client(streamable_http_client(url, http_client=http), client_info=me) as client:
            tools = await client.list_tools()
            write([tool.name for tool in tools.tools])
            while line := await asyncio.to_thread(sys.stdin.readline):
                name, arguments = json.loads(line)
                try:
                    result = await client.call_tool(name, arguments)
                except MCPError as error:  # no tool has failed, but the request
                    write({"is_error": True, "text": error.message, "data": None})
                    continue
                write({"is_error": result.is_error, "text": result.content[0].text, "data": result.structured_content})


def write(value: object) -> None:
    print(json.dumps(value), flush=True)


asyncio.run(main(sys.argv[1]))

"""`mcp-notebook stdio`: a host that starts commands reaches the endpoint, without a token or a port in its own files.

Knows two transports of the SDK and carries messages between them. Refuses to know what they say, save for the three
facts that HTTP wants repeated in headers (specification 2026-07-28, "Streamable HTTP").
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_server.utils import check_pid, url_path_join
from mcp.client.streamable_http import streamable_http_client
from mcp.server.stdio import stdio_server
from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    MCP_PROTOCOL_VERSION_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
)
from mcp.shared.message import ClientMessageMetadata, SessionMessage
from mcp_types import PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCNotification, JSONRPCRequest, JSONRPCResponse
from mcp_types import PROTOCOL_VERSION_META_KEY as VERSION_KEY

from mcp_notebook_server.access.profiles import read_credential
from mcp_notebook_server.cli.errors import NoJupyterServer, SeveralJupyterServers
from mcp_notebook_server.places import profile_file

if TYPE_CHECKING:
    from argparse import Namespace

    from mcp.shared._stream_protocols import ReadStream, WriteStream

__all__ = ["Headers", "find_endpoint", "run_bridge"]

_CONNECT_TIMEOUT = 10
"""Seconds to reach the Jupyter server; answers may take as long as they take."""


def run_bridge(options: Namespace) -> int:
    """Carry messages until the host closes standard input.

    Args:
        options: `profile`: whose credential to present; `url` of the endpoint, None: that of the one Jupyter server.

    Raises:
        UnknownProfile: if there is no such credential.
        NoJupyterServer, SeveralJupyterServers: if there is not exactly one to find.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    anyio.run(_carry, options.url or find_endpoint(), read_credential(profile_file(options.profile)))
    return 0


def find_endpoint() -> str:
    """Return the URL of the endpoint of the one Jupyter server this person runs."""
    # Jupyter's own list_running_servers does the same, but lives in a module whose import takes longer than all the
    # rest of the bridge's start (1.3 s of 2.1 s, most of it a grammar of IRIs), and hosts wait for that at every start.
    files = sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json"))
    servers = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    urls = [server["url"] for server in servers if check_pid(server["pid"])]
    if not urls:
        raise NoJupyterServer
    if len(urls) > 1:
        raise SeveralJupyterServers(urls)
    return url_path_join(urls[0], "mcp")


async def _carry(url: str, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    timeout = httpx2.Timeout(None, connect=_CONNECT_TIMEOUT)
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, trust_env=False) as http,
        streamable_http_client(url, http_client=http, max_sse_event_size=None) as (from_server, to_server),
        stdio_server() as (from_host, to_host),
        anyio.create_task_group() as tasks,
    ):
        stamps = Headers()
        tasks.start_soon(_carry_back, from_server, to_host, stamps)
        await _carry_forth(from_host, to_server, to_host, stamps)
        tasks.cancel_scope.cancel()
        await to_host.aclose()  # stdio_server waits for it


async def _carry_forth(
    from_host: ReadStream[SessionMessage | Exception],
    to_server: WriteStream[SessionMessage],
    to_host: WriteStream[SessionMessage],
    stamps: Headers,
) -> None:
    async for item in from_host:
        if isinstance(item, Exception):
            error = ErrorData(code=PARSE_ERROR, message="this line is not a JSON-RPC message")
            await to_host.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=error)))
        else:
            await to_server.send(SessionMessage(item.message, ClientMessageMetadata(headers=stamps.get(item.message))))


async def _carry_back(
    from_server: ReadStream[SessionMessage | Exception], to_host: WriteStream[SessionMessage], stamps: Headers
) -> None:
    async for item in from_server:
        if isinstance(item, Exception):
            logging.getLogger(__name__).warning("the connection to Jupyter: %s", item)
        else:
            stamps.learn(item.message)
            await to_host.send(SessionMessage(item.message))


class Headers:
    """Which headers a message needs, in either era.

    In the modern era each request names its protocol version itself; in the legacy one the answer to `initialize` did,
    for all that follow.
    """

    def __init__(self) -> None:
        self._version: str | None = None

    def get(self, message: object) -> dict[str, str]:
        """Return the headers for a message on its way to the server."""
        if not isinstance(message, (JSONRPCRequest, JSONRPCNotification)):
            return self._legacy()
        params: dict[str, Any] = message.params or {}
        version = params.get("_meta", {}).get(VERSION_KEY)
        if not isinstance(version, str):
            return self._legacy()
        headers = {MCP_PROTOCOL_VERSION_HEADER: version, MCP_METHOD_HEADER: message.method}
        name = params.get(NAME_BEARING_METHODS.get(message.method, ""))
        return headers | ({MCP_NAME_HEADER: encode_header_value(name)} if isinstance(name, str) else {})

    def learn(self, message: object) -> None:
        """Look at a message from the server: an answer to `initialize` names the version."""
        if isinstance(message, JSONRPCResponse) and isinstance(version := message.result.get("protocolVersion"), str):
            self._version = version

    def _legacy(self) -> dict[str, str]:
        return {} if self._version is None else {MCP_PROTOCOL_VERSION_HEADER: self._version}

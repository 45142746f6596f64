"""`mcp-notebook stdio`: a host that starts commands reaches the endpoint, without a token or a port in its own files.

Knows two transports of the SDK and carries messages between them. Refuses to know what they say, save for the three
facts that HTTP wants repeated in headers (specification 2026-07-28, "Streamable HTTP").
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import anyio
import httpx2
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
from mcp_types import (
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)
from mcp_types import PROTOCOL_VERSION_META_KEY as VERSION_KEY

from mcp_notebook_server.access.profiles import read_credential
from mcp_notebook_server.cli.reconnection import Reconnecting
from mcp_notebook_server.cli.running import RunningServer, choose_server, list_running_servers
from mcp_notebook_server.places import profile_file

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

    from mcp.shared._stream_protocols import ReadStream, WriteStream

    from mcp_notebook_server.errors import CommandError

__all__ = ["Headers", "run_bridge"]

_CONNECT_TIMEOUT = 10
"""Seconds to reach the Jupyter server; answers may take as long as they take."""

_LAST_ANSWERS = 5
"""Seconds for answers that are under way when the host closes standard input: as `printf ... | mcp-notebook stdio`."""

_NAMES = {**NAME_BEARING_METHODS, **dict.fromkeys(("tasks/get", "tasks/update", "tasks/cancel"), "taskId")}
"""Which parameter the header Mcp-Name repeats; the SDK's table leaves extensions out."""

_ANYWHERE = "http://jupyter.invalid/mcp"
"""What the SDK's transport is told; `Reconnecting` knows where Jupyter is."""


def run_bridge(options: Namespace) -> int:
    """Carry messages until the host closes standard input.

    Args:
        options: `profile`: whose credential to present; `url` of the endpoint, None: that of the Jupyter server that
            runs; `notebook` or `published`: the path or name that the host is to see alone, or None; `wait`: seconds
            for which a message waits for a Jupyter server.

    Raises:
        UnknownProfile: if there is no such credential.
        CommandError: if the host has gone and there was no Jupyter server to be found.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    credential = profile_file(options.profile)
    read_credential(credential)
    place = _Place(options.url, options.notebook, options.published)
    problem = anyio.run(_carry, place, lambda: read_credential(credential), options.wait)
    if problem is not None:
        raise problem
    return 0


class _Place:
    """Where the endpoint is: at a fixed URL, or at the Jupyter server that runs now.

    Args:
        url: of the endpoint; None to look for it.
        notebook: path of the notebook that alone is to be seen; None for all.
        published: name of the published server that alone is to be seen; None for ours.
    """

    def __init__(self, url: str | None, notebook: str | None, published: str | None) -> None:
        self._url = url
        self._notebook = notebook
        self._below = "" if notebook is None else f"notebooks/{quote(notebook)}"
        self._below = self._below if published is None else f"published/{quote(published, safe='')}"
        self._server: RunningServer | None = None

    def find_endpoint(self) -> str:
        """Return its URL.

        Raises:
            NoJupyterServer, SeveralJupyterServers: if there is not exactly one to find.
        """
        if self._url is not None:
            return url_path_join(self._url, self._below)
        if self._server is None or not check_pid(self._server.pid):
            self._server = choose_server(list_running_servers(), self._notebook, self._server)
        return url_path_join(self._server.url, "mcp", self._below)


async def _carry(place: _Place, read_token: Callable[[], str], patience: float) -> CommandError | None:
    """Carry messages; return what kept Jupyter from being reached, if nothing else came of it."""
    inner = httpx2.AsyncHTTPTransport(trust_env=False)
    reconnecting = Reconnecting(inner, place.find_endpoint, read_token, patience, _tell)
    timeout = httpx2.Timeout(None, connect=_CONNECT_TIMEOUT)
    async with (
        httpx2.AsyncClient(transport=reconnecting, timeout=timeout) as http,
        streamable_http_client(_ANYWHERE, http_client=http, max_sse_event_size=None) as (from_server, to_server),
        stdio_server() as (from_host, to_host),
        anyio.create_task_group() as tasks,
    ):
        reconnecting.look()
        stamps, awaited = Headers(), _Awaited()
        tasks.start_soon(_carry_back, from_server, to_host, stamps, awaited)
        await _carry_forth(from_host, to_server, to_host, stamps, awaited)
        with anyio.move_on_after(_LAST_ANSWERS):
            await awaited.nothing.wait()
        tasks.cancel_scope.cancel()
        await to_host.aclose()  # stdio_server waits for it
    return reconnecting.problem


def _tell(sentence: str) -> None:
    print(f"mcp-notebook: {sentence}", file=sys.stderr, flush=True)


async def _carry_forth(
    from_host: ReadStream[SessionMessage | Exception],
    to_server: WriteStream[SessionMessage],
    to_host: WriteStream[SessionMessage],
    stamps: Headers,
    awaited: _Awaited,
) -> None:
    async for item in from_host:
        if isinstance(item, Exception):
            error = ErrorData(code=PARSE_ERROR, message="this line is not a JSON-RPC message")
            await to_host.send(SessionMessage(JSONRPCError(jsonrpc="2.0", id=None, error=error)))
        else:
            awaited.ask(item.message)
            await to_server.send(SessionMessage(item.message, ClientMessageMetadata(headers=stamps.get(item.message))))


async def _carry_back(
    from_server: ReadStream[SessionMessage | Exception],
    to_host: WriteStream[SessionMessage],
    stamps: Headers,
    awaited: _Awaited,
) -> None:
    async for item in from_server:
        if isinstance(item, Exception):
            logging.getLogger(__name__).warning("the connection to Jupyter: %s", item)
        else:
            stamps.learn(item.message)
            await to_host.send(SessionMessage(item.message))
            awaited.answer(item.message)


class _Awaited:
    """Which requests of the host have no answer yet; streams that stand never have one.

    Attributes:
        nothing: set while there are none.
    """

    def __init__(self) -> None:
        self._ids: set[RequestId] = set()
        self.nothing = anyio.Event()
        self.nothing.set()

    def ask(self, message: object) -> None:
        """Look at a message from the host."""
        if isinstance(message, JSONRPCRequest) and message.method != "subscriptions/listen":
            self._ids.add(message.id)
            if self.nothing.is_set():
                self.nothing = anyio.Event()

    def answer(self, message: object) -> None:
        """Look at a message to the host."""
        if isinstance(message, (JSONRPCResponse, JSONRPCError)) and message.id is not None:
            self._ids.discard(message.id)
            if not self._ids:
                self.nothing.set()


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
        name = params.get(_NAMES.get(message.method, ""))
        return headers | ({MCP_NAME_HEADER: encode_header_value(name)} if isinstance(name, str) else {})

    def learn(self, message: object) -> None:
        """Look at a message from the server: an answer to `initialize` names the version."""
        if isinstance(message, JSONRPCResponse) and isinstance(version := message.result.get("protocolVersion"), str):
            self._version = version

    def _legacy(self) -> dict[str, str]:
        return {} if self._version is None else {MCP_PROTOCOL_VERSION_HEADER: self._version}

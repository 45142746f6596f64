"""Very many hosts on one Jupyter server, of both eras, as light as they can be: requests and open streams."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
from typing import TYPE_CHECKING, Any, Self

import httpx

from mcp_notebook_server.access.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from support.jupyter import JupyterServer

INFO = {"name": "crowd", "version": "0"}
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": INFO}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": INFO,
}
AT_ONCE = 8


def allow_many_files() -> None:
    """Let this process have as many sockets as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def make_tokens(server: JupyterServer, count: int) -> list[str]:
    """Make host tokens in the file that `mcp-notebook token` writes, without starting that so often."""
    tokens = TokenFile(server.data_directory / "mcp-notebook" / "tokens.json")
    return [tokens.create(f"crowd-{number}")[1] for number in range(count)]


class Crowd:
    """The hosts, as an asynchronous context manager.

    Args:
        server: where they are.
        tokens: they share them in turn.
    """

    def __init__(self, server: JupyterServer, tokens: Sequence[str]) -> None:
        self._url = server.mcp_url
        self._tokens = tokens
        self._room = asyncio.Semaphore(AT_ONCE)
        self._streams: list[httpx.Response] = []
        self._calls: list[asyncio.Task[None]] = []
        self.sessions: list[tuple[str, str]] = []

    async def __aenter__(self) -> Self:
        unlimited = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(60, read=None), limits=unlimited)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()
        await self._http.aclose()

    async def come(self, legacy: int, modern: int) -> None:
        """Open sessions with their standing streams, and streams that listen."""
        makers = [self._open_legacy] * legacy + [self._open_modern] * modern
        await self._all(makers)

    async def ask(self, kernel: str, count: int, code: Callable[[int], str]) -> None:
        """Begin calls of `execute_code`, in turn of both eras, and leave them waiting for the person."""
        for number in range(count):
            token = self._tokens[number % len(self._tokens)]
            arguments = {"kernel": kernel, "code": code(number)}
            call = self._call_legacy if number % 2 else self._call_modern
            self._calls.append(asyncio.ensure_future(call(token, arguments)))

    async def answers(self) -> None:
        """Wait until every call has been answered."""
        await asyncio.gather(*self._calls)

    async def end_sessions(self) -> None:
        """End every legacy session as a well-bred host does."""
        await self._all([self._end] * len(self.sessions))

    async def count_sessions(self) -> int:
        """Return how many of the legacy sessions still answer."""
        found: list[bool] = []

        async def ping(number: int) -> None:
            token, session = self.sessions[number]
            answer = await self._post(token, "ping", {}, 3, Mcp_Session_Id=session)
            found.append(answer.status_code == 200)

        await self._all([ping] * len(self.sessions))
        return sum(found)

    async def leave(self) -> None:
        """Close every stream and drop every call, and say nothing to the server, as a host that is killed."""
        for call in self._calls:
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        for stream in self._streams:
            with contextlib.suppress(httpx.HTTPError):
                await stream.aclose()
        self._calls, self._streams = [], []

    async def _all(self, makers: Sequence[Callable[[int], Awaitable[None]]]) -> None:
        async def one(number: int, make: Callable[[int], Awaitable[None]]) -> None:
            async with self._room:
                await make(number)

        work: list[Coroutine[Any, Any, None]] = [one(number, make) for number, make in enumerate(makers)]
        await asyncio.gather(*work)

    async def _open_legacy(self, number: int) -> None:
        token = self._tokens[number % len(self._tokens)]
        session = await self._initialize(token)
        headers = _headers(token, Mcp_Session_Id=session)
        await self._stream(self._http.build_request("GET", self._url, headers=headers))

    async def _open_modern(self, number: int) -> None:
        token = self._tokens[number % len(self._tokens)]
        method = "subscriptions/listen"
        headers = _headers(token, MCP_Protocol_Version="2026-07-28", Mcp_Method=method)
        body = _message(method, {"notifications": {"toolsListChanged": True}, "_meta": META}, 1)
        await self._stream(self._http.build_request("POST", self._url, headers=headers, json=body))

    async def _stream(self, request: httpx.Request) -> None:
        response = await self._http.send(request, stream=True)
        if response.status_code != 200:
            raise RuntimeError(f"{response.status_code} {await response.aread()!r}")
        self._streams.append(response)

    async def _initialize(self, token: str) -> str:
        answer = await self._post(token, "initialize", INITIALIZE, 1)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        session = answer.headers["mcp-session-id"]
        self.sessions.append((token, session))
        await self._post(token, "notifications/initialized", {}, None, Mcp_Session_Id=session)
        return session

    async def _call_legacy(self, token: str, arguments: dict[str, Any]) -> None:
        session = await self._initialize(token)
        params = {"name": "execute_code", "arguments": arguments}
        await self._post(token, "tools/call", params, 2, Mcp_Session_Id=session)

    async def _call_modern(self, token: str, arguments: dict[str, Any]) -> None:
        more = {"MCP_Protocol_Version": "2026-07-28", "Mcp_Method": "tools/call", "Mcp_Name": "execute_code"}
        params = {"name": "execute_code", "arguments": arguments, "_meta": META}
        await self._post(token, "tools/call", params, 2, **more)

    async def _end(self, number: int) -> None:
        token, session = self.sessions[number]
        await self._http.request("DELETE", self._url, headers=_headers(token, Mcp_Session_Id=session))

    async def _post(
        self, token: str, method: str, params: dict[str, Any], identity: int | None, **headers: str
    ) -> httpx.Response:
        body = json.dumps(_message(method, params, identity))
        return await self._http.post(self._url, headers=_headers(token, **headers), content=body)


def _message(method: str, params: dict[str, Any], identity: int | None) -> dict[str, Any]:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return message if identity is None else message | {"id": identity}


def _headers(token: str, **more: str) -> dict[str, str]:
    accept = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    return accept | {"Authorization": f"Bearer {token}"} | {name.replace("_", "-"): more[name] for name in more}

"""A notebook that publishes a server, for tests: what its cells print, and a host's raw requests to it."""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import TYPE_CHECKING, Any, Self

import httpx

from support.cells import run_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer

MODERN, LEGACY = "2026-07-28", "2025-11-25"

_ABOUT = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
}


class Publisher:
    """A kernel with the extension loaded, and a front end's client of it.

    Args:
        server: the Jupyter server.
        kernel_id: the kernel's.
        client: ready.
    """

    def __init__(self, server: JupyterServer, kernel_id: str, client: BlockingKernelClient) -> None:
        self.server = server
        self.kernel_id = kernel_id
        self.client = client

    def run(self, code: str) -> str:
        """Run a cell that must succeed; return what it printed."""
        cell = run_cell(self.client, code)
        assert cell.reply["status"] == "ok", "\n".join(cell.reply["traceback"])
        return cell.text

    def value_of(self, expression: str) -> Any:
        """Return the value of an expression that JSON can write."""
        return json.loads(self.run(f"import json; print(json.dumps({expression}))"))

    def url(self, name: str) -> str:
        return f"{self.server.mcp_url}/published/{name}"


@contextlib.contextmanager
def publisher_on(server: JupyterServer) -> Iterator[Publisher]:
    """Start a kernel that is ready to publish; shut down afterwards."""
    kernel_id = server.start_kernel()
    with server.client(kernel_id) as client:
        publisher = Publisher(server, kernel_id, client)
        publisher.run("%load_ext mcp_notebook\nfrom mcp.server.mcpserver import Context, MCPServer")
        yield publisher
    if any(kernel["id"] == kernel_id for kernel in server.api("GET", "/api/kernels")):
        server.api("DELETE", f"/api/kernels/{kernel_id}")


class RawHost:
    """A host that sends what a test wants, in one era.

    Args:
        url: the endpoint.
        token: what it presents.
        era: MODERN or LEGACY.
    """

    def __init__(self, url: str, token: str, era: str = MODERN) -> None:
        self._url = url
        self._era = era
        self._ids = itertools.count(1)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        self._http = httpx.Client(headers=headers, timeout=60, trust_env=False)

    def __enter__(self) -> Self:
        if self._era == LEGACY:
            about = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}
            answer = self._http.post(self._url, json=self._message("initialize", about))
            self._http.headers["Mcp-Session-Id"] = answer.headers["Mcp-Session-Id"]
            self._http.headers["MCP-Protocol-Version"] = LEGACY
            self._http.post(self._url, json={"jsonrpc": "2.0", "method": "notifications/initialized"})
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, tool: str, **arguments: Any) -> httpx.Response:
        """Call a tool and return the whole answer."""
        return self._http.send(self._request(tool, arguments))

    @contextlib.contextmanager
    def stream(self, tool: str, **arguments: Any) -> Iterator[httpx.Response]:
        """Call a tool and give the answer as it comes."""
        response = self._http.send(self._request(tool, arguments), stream=True)
        try:
            yield response
        finally:
            response.close()

    def _request(self, tool: str, arguments: dict[str, Any]) -> httpx.Request:
        params: dict[str, Any] = {"name": tool, "arguments": arguments, "_meta": {"progressToken": "p"}}
        headers = {}
        if self._era == MODERN:
            params["_meta"] |= _ABOUT
            headers = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/call", "Mcp-Name": tool}
        message = self._message("tools/call", params)
        return self._http.build_request("POST", self._url, json=message, headers=headers)

    def _message(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}

"""A host that is as light as one can be: one connection, one prepared request of the modern era.

What an SDK's client takes in its own process (about as long as the Jupyter server takes for the whole call) is no part
of what a call costs here.
"""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from support.crowd import META

if TYPE_CHECKING:
    from support.jupyter import JupyterServer


class PlainHost:
    """Makes one call again and again, as a context manager.

    Args:
        server: where.
        path: of the endpoint.
        token: the host token.
        tool: what is called.
        arguments: of the call.
    """

    def __init__(self, server: JupyterServer, path: str, token: str, tool: str, **arguments: Any) -> None:
        place = urlsplit(server.url + path)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port)
        self._path = place.path
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": "tools/call",
            "Mcp-Name": tool,
        }
        params = {"name": tool, "arguments": arguments, "_meta": META}
        self._body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def call(self) -> dict[str, Any]:
        """Return the structured content of the answer."""
        self._connection.request("POST", self._path, self._body, self._headers)
        answer = json.loads(self._connection.getresponse().read())
        if "result" not in answer or answer["result"].get("isError"):
            raise RuntimeError(answer)
        return answer["result"]["structuredContent"]

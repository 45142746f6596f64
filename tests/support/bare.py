"""A host without the SDK, in both eras: says what it is told to say, however wrong, and gives back what came."""

from __future__ import annotations

import base64
import json
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from support.crowd import INITIALIZE, META

if TYPE_CHECKING:
    from support.jupyter import JupyterServer

ERAS = ("legacy", "modern")
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
"""Methods whose header Mcp-Name repeats one of their parameters."""


@dataclass
class Said:
    """What a server answered.

    Attributes:
        status: of HTTP.
        text: the whole body.
        answer: the JSON-RPC message in it; empty if there is none.
    """

    status: int
    text: str
    answer: dict[str, Any]

    @property
    def code(self) -> int | None:
        return self.answer.get("error", {}).get("code")

    @property
    def is_error(self) -> bool:
        return bool(self.answer.get("result", {}).get("isError"))


class BareHost:
    """A host of one token, as a context manager, with a legacy session.

    Args:
        server: where the endpoint is.
        token: for the Authorization header.
    """

    def __init__(self, server: JupyterServer, token: str) -> None:
        self._url = server.mcp_url
        self._http = httpx.Client(timeout=60)
        self._own = {
            "Authorization": f"Bearer {token}",
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
        }

    def __enter__(self) -> Self:
        opening = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
        answer = self._http.post(self._url, headers=self._own, json=opening)
        self.session = answer.headers["mcp-session-id"]
        self.send("legacy", b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def send(self, era: str, body: bytes, verb: str = "POST", **headers: str) -> Said:
        """Send any bytes; header names are written with underscores, and an empty value leaves a header out."""
        legacy = {"Mcp-Session-Id": self.session, "MCP-Protocol-Version": "2025-11-25"}
        sent = self._own | (legacy if era == "legacy" else {"MCP-Protocol-Version": "2026-07-28"})
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        response = self._http.request(
            verb, self._url, headers={name: value for name, value in sent.items() if value}, content=body
        )
        return Said(response.status_code, response.text, _find_message(response))

    def ask(self, era: str, method: str, params: dict[str, Any]) -> Said:
        """Make a request that is right but for what its parameters say."""
        params = deepcopy(params) | ({} if era == "legacy" else {"_meta": META})
        message = {"jsonrpc": "2.0", "id": 2, "method": method, "params": params}
        headers = {} if era == "legacy" else {"Mcp_Method": method}
        if era == "modern" and method in NAMED:
            headers["Mcp_Name"] = _as_header(str(params[NAMED[method]]))
        return self.send(era, json.dumps(message).encode(), **headers)

    def call(self, era: str, tool: str, arguments: Any) -> Said:
        """Call a tool."""
        return self.ask(era, "tools/call", {"name": tool, "arguments": arguments})


def _as_header(value: str) -> str:
    """Write a value as the specification of 2026-07-28 says (transports, header values)."""
    if value.isascii() and value.isprintable() and value == value.strip() and not value.startswith("=?"):
        return value
    return f"=?base64?{base64.b64encode(value.encode()).decode()}?="


def _find_message(response: httpx.Response) -> dict[str, Any]:
    kind = response.headers.get("content-type", "")
    if kind.startswith("text/event-stream"):
        lines = response.text.replace("\r\n", "\n").split(
            "\n"
        )  # not splitlines: there are more ends of lines in Unicode
        events = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
        messages = [json.loads(event) for event in events if event]
        return messages[-1] if messages else {}
    return json.loads(response.text) if kind.startswith("application/json") and response.text else {}

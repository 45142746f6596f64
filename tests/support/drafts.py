"""HTTP requests to the endpoint that are well made, of every method and in both eras; what they name may not exist."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from support.crowd import INITIALIZE, META

if TYPE_CHECKING:
    import random

_METHODS = (
    "tools/list",
    "tools/call",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "resources/subscribe",
    "resources/unsubscribe",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "subscriptions/listen",
    "server/discover",
    "initialize",
    "ping",
    "logging/setLevel",
    "notifications/initialized",
    "notifications/cancelled",
    "no/such/method",
    "",
)
_NAMES = ("list_kernels", "list_variables", "read_dataframe", "execute_code", "analyze_dataframe", "no_such", "", "\0")
_URIS = (
    "jupyter://kernels/x/variables/y",
    "jupyter://notebooks/../../etc/passwd",
    "file:///etc/passwd",
    "http://[",
    "",
)


@dataclass
class Draft:
    """A request before it is written."""

    dice: random.Random
    token: str
    session: str
    verb: str = "POST"
    path: str = "/mcp"
    protocol: str = "HTTP/1.1"
    message: Any = field(default_factory=dict[str, Any])
    headers: list[tuple[str, str]] = field(default_factory=list["tuple[str, str]"])
    body: bytes = b""
    counts: bool = True

    def set(self, name: str, value: str | None) -> None:
        """Have one header of that name, or none."""
        self.headers = [each for each in self.headers if each[0] != name]
        if value is not None:
            self.headers.append((name, value))

    def write(self) -> bytes:
        lines = [f"{self.verb} {self.path} {self.protocol}", *(f"{name}: {value}" for name, value in self.headers)]
        if self.counts:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body


def make_sound_draft(dice: random.Random, token: str, session: str, host: str) -> Draft:
    """Return a request that nothing was done to yet; the arguments are those of `malformed.make_request`."""
    method = dice.choice(_METHODS)
    modern = dice.random() < 0.5
    name, uri = dice.choice(_NAMES), dice.choice(_URIS)
    params: dict[str, Any] = {
        "tools/call": {"name": name, "arguments": {"kernel": "x", "code": "1"}},
        "prompts/get": {"name": name, "arguments": {"kernel": "x", "name": "y"}},
        "completion/complete": {
            "ref": {"type": "ref/prompt", "name": name},
            "argument": {"name": "kernel", "value": ""},
        },
        "subscriptions/listen": {"notifications": {"resourceSubscriptions": [uri]}},
        "initialize": deepcopy(INITIALIZE),
    }.get(method, {"uri": uri} if method.startswith("resources/") else {})
    message = {"jsonrpc": "2.0", "id": dice.randrange(1000), "method": method, "params": params}
    if method.startswith("notifications/"):
        del message["id"]
    draft = Draft(dice, token, session, message=message)
    draft.headers = [
        ("Host", host),
        ("Authorization", f"Bearer {token}"),
        ("Accept", "application/json, text/event-stream"),
        ("Content-Type", "application/json"),
    ]
    if modern:
        params["_meta"] = deepcopy(META)
        draft.headers += [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", method)]
        if "name" in params or "uri" in params:
            draft.headers.append(("Mcp-Name", str(params.get("name", params.get("uri"))).strip("\0")))
    elif method != "initialize":
        draft.headers += [("Mcp-Session-Id", session), ("MCP-Protocol-Version", "2025-11-25")]
    return draft

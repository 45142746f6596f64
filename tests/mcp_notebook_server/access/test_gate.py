"""The sealed state of a call: what the SDK's boundary and our principal refuse, down to the second."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp_types import InputRequiredResult

from mcp_notebook_server.access.approvals import OPEN_MINUTES
from mcp_notebook_server.access.gate import make_boundary
from mcp_notebook_server.access.host import Host
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.binding import Binding

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook_server.access.tokens import HostToken


def make_request(token: HostToken, binding: Binding, state: str | None) -> ServerRequestContext[Any]:
    host = Host(token, binding, frozenset({"read"}))
    params = {"name": "execute_code", "arguments": {"code": "1"}, **({"requestState": state} if state else {})}
    return ServerRequestContext(
        session=cast("Any", None),
        lifespan_context={},
        protocol_version="2026-07-28",
        method="tools/call",
        params=params,
        request=SimpleNamespace(scope={"user": host}),
    )


async def see_state(request: ServerRequestContext[Any]) -> InputRequiredResult:
    """Answer with the state that a handler sees, or with a first one."""
    return InputRequiredResult(request_state=(request.params or {}).get("requestState", "the question"))


def test_a_sealed_state_is_its_tokens_at_its_address_and_expires(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boundary = make_boundary("mcp-notebook")
    tokens = TokenFile(tmp_path / "tokens.json")
    (token, _), (other, _) = tokens.create("a"), tokens.create("b")

    def enter(token: HostToken, state: str | None, binding: Binding | None = None) -> Any:
        return asyncio.run(cast("Any", boundary(make_request(token, binding or Binding(), state), see_state)))

    sealed = enter(token, None).request_state
    assert "the question" not in sealed
    assert enter(token, sealed).request_state != sealed  # it was let in, and sealed anew
    for refused in (lambda: enter(other, sealed), lambda: enter(token, sealed, Binding(kernel="k"))):
        with pytest.raises(MCPError, match="Invalid or expired"):
            refused()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + OPEN_MINUTES * 60 + 1)
    with pytest.raises(MCPError, match="Invalid or expired"):
        enter(token, sealed)

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


class Desk:
    """Two tokens, and the boundary that their calls pass."""

    def __init__(self, directory: Path) -> None:
        tokens = TokenFile(directory / "tokens.json")
        (self.token, _), (self.other, _) = tokens.create("a"), tokens.create("b")
        self._boundary = make_boundary("mcp-notebook")
        self.sealed = self.enter(self.token, None)

    def enter(self, token: HostToken, state: str | None, binding: Binding | None = None) -> str:
        request = make_request(token, binding or Binding(), state)
        return asyncio.run(cast("Any", self._boundary(request, see_state))).request_state

    def check_refused(self, *request: Any) -> None:
        with pytest.raises(MCPError, match="Invalid or expired"):
            self.enter(*request)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_sealed_state_says_nothing_and_is_let_in_and_sealed_anew(desk: Desk) -> None:
    assert "the question" not in desk.sealed
    assert desk.enter(desk.token, desk.sealed) != desk.sealed


def test_a_sealed_state_is_of_no_use_to_another_token_or_at_another_address(desk: Desk) -> None:
    desk.check_refused(desk.other, desk.sealed)
    desk.check_refused(desk.token, desk.sealed, Binding(kernel="k"))


def test_a_sealed_state_is_refused_after_it_has_expired(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = time.time()
    monkeypatch.setattr(time, "time", lambda: sealed + OPEN_MINUTES * 60 - 1)
    desk.enter(desk.token, desk.sealed)
    monkeypatch.setattr(time, "time", lambda: sealed + OPEN_MINUTES * 60 + 1)
    desk.check_refused(desk.token, desk.sealed)


def test_a_state_sealed_by_another_jupyter_server_is_refused(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    desk.check_refused(desk.token, Desk(tmp_path / "other").sealed)

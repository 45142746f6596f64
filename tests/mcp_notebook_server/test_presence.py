"""Who counts as here; tests/browser/test_page.py looks at real hosts and ends their calls."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.access.door import _everything
from mcp_notebook_server.access.errors import CallInterrupted, UnknownCall
from mcp_notebook_server.access.host import Host
from mcp_notebook_server.binding import Binding
from mcp_notebook_server.presence import Presence


def message(name: str = "host", *, session: str | None = None, **params: Any) -> Any:
    """As much of a request as is looked at."""
    host = Host(_everything("open"), Binding(), frozenset({"read"}))
    http = SimpleNamespace(scope={"user": host}, headers={"mcp-session-id": session} if session else {})
    client = SimpleNamespace(client_info=SimpleNamespace(name=name, version="1"))
    return SimpleNamespace(
        method="tools/call",
        params=params,
        request=http,
        protocol_version="2025-11-25" if session else "2026-07-28",
        session=SimpleNamespace(client_params=client),
    )


async def nothing(_: object) -> None:
    """Answer at once."""


def test_a_host_that_changes_its_name_at_each_call_fills_no_memory() -> None:
    async def story() -> None:
        presence = Presence(Changes(), lambda _: True)
        for number in range(1500):
            await presence(message(f"host {number}" + "x" * 10_000), nothing)
        hosts = presence.list_hosts()
        assert len(hosts) == 1000
        assert hosts[0].name.startswith("host 1499x")
        assert max(len(host.name) for host in hosts) <= 200

    asyncio.run(story())


def test_a_legacy_host_is_here_for_as_long_as_its_session() -> None:
    async def story() -> None:
        sessions = {"one"}
        presence = Presence(Changes(), sessions.__contains__)
        await presence(message(session="one"), nothing)
        assert [host.era for host in presence.list_hosts()] == ["legacy"]
        sessions.clear()
        assert presence.list_hosts() == []

    asyncio.run(story())


def test_an_interrupted_call_ends_and_cannot_be_interrupted_again() -> None:
    async def story() -> None:
        presence = Presence(Changes(), lambda _: True)

        async def call() -> None:
            with presence.follow(message(arguments={"kernel": "k1", "code": "x" * 10_000}), "execute_code"):
                await asyncio.Event().wait()

        calling = asyncio.ensure_future(call())
        await asyncio.sleep(0)  # to the wait
        [live] = presence.list_calls()
        assert (live.kernel, len(live.code)) == ("k1", 2000)
        presence.interrupt(live.id)
        with pytest.raises(CallInterrupted, match="The person interrupted this call of execute_code"):
            await calling
        assert presence.list_calls() == []
        with pytest.raises(UnknownCall):
            presence.interrupt(live.id)

    asyncio.run(story())

"""Connections to a kernel's socket, with a server on one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mcp_notebook_server.published.connections import Connections
from mcp_notebook_server.published.descriptions import Description

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Kernel:
    """Accepts what comes, on a port of loopback, and remembers it."""

    def __init__(self) -> None:
        self.accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def __aenter__(self) -> Connections:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return Connections(Description(name="shop", kernel_id="k", socket=None, port=self.port, secret=""))

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _accept(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.accepted.put(writer)


def with_kernel(test: Callable[[Kernel, Connections], Awaitable[None]]) -> None:
    async def run() -> None:
        kernel = Kernel()
        async with kernel as connections:
            await test(kernel, connections)
            connections.close()

    asyncio.run(run())


def test_a_connection_that_was_given_back_is_used_again() -> None:
    async def check(_: Kernel, connections: Connections) -> None:
        first = await connections.take()
        second = await connections.take()
        assert second is not first
        connections.give_back(first)
        assert await connections.take() is first

    with_kernel(check)


def test_a_connection_that_has_ended_meanwhile_is_not_used_again() -> None:
    async def check(kernel: Kernel, connections: Connections) -> None:
        first = await connections.take()
        ending = await kernel.accepted.get()
        connections.give_back(first)
        ending.close()
        await ending.wait_closed()
        second = await connections.take()
        assert second is not first
        assert not second.closed()

    with_kernel(check)


def test_where_nobody_listens_it_is_said() -> None:
    async def run() -> None:
        kernel = Kernel()
        async with kernel:
            port = kernel.port
        gone = Connections(Description(name="shop", kernel_id="k", socket=None, port=port, secret=""))
        with pytest.raises(ConnectionRefusedError):
            await gone.take()
        nowhere = Connections(Description(name="shop", kernel_id="k", socket="/nowhere/s", port=None, secret=""))
        with pytest.raises(ConnectionRefusedError):
            await nowhere.take()

    asyncio.run(run())


def test_closing_ends_also_what_was_taken() -> None:
    async def check(_: Kernel, connections: Connections) -> None:
        taken, idle = await connections.take(), await connections.take()
        connections.give_back(idle)
        connections.close()
        assert taken.closed()
        assert idle.closed()

    with_kernel(check)

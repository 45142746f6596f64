"""Connections to a kernel's socket, with another end to each."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from mcp_notebook_server.published.connections import Connections
from mcp_notebook_server.published.descriptions import Description

if TYPE_CHECKING:
    from collections.abc import Generator


@contextlib.contextmanager
def listening() -> Generator[tuple[socket.socket, Connections]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        yield listener, Connections(Description(name="shop", kernel_id="k", socket=None, port=port, secret=""))


def test_a_connection_that_was_given_back_is_used_again() -> None:
    async def check() -> None:
        with listening() as (_, connections):
            first = await connections.take()
            second = await connections.take()
            assert second is not first
            connections.give_back(first)
            assert await connections.take() is first
            connections.close()

    asyncio.run(check())


def test_a_connection_that_has_ended_meanwhile_is_not_used_again() -> None:
    async def check() -> None:
        with listening() as (listener, connections):
            ended = await connections.take()
            connections.give_back(ended)
            listener.accept()[0].close()
            assert await connections.take() is not ended
            connections.close()

    asyncio.run(check())


def test_where_nobody_listens_it_is_said() -> None:
    async def check() -> None:
        with listening() as (_, gone):
            pass
        with pytest.raises(ConnectionRefusedError):
            await gone.take()
        nowhere = Connections(Description(name="shop", kernel_id="k", socket="/nowhere/s", port=None, secret=""))
        with pytest.raises(ConnectionRefusedError):
            await nowhere.take()

    asyncio.run(check())


def test_closing_ends_also_what_was_taken() -> None:
    async def check() -> None:
        with listening() as (_, connections):
            taken, idle = await connections.take(), await connections.take()
            connections.give_back(idle)
            connections.close()
        assert taken.closed()
        assert idle.closed()

    asyncio.run(check())

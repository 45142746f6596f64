from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from mcp_notebook_server.errors import ReadRefused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from .conftest import Desk

    OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


FRAME = "import pandas\nframe = pandas.DataFrame({{'a': ['some text'] * {}}}, dtype=object)"
WHERE = [{"column": "a", "op": "contains", "value": "other"}]  # text is looked at cell by cell


def test_cancelled_call_does_not_disturb_the_next(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            await person.run(f"x = 'right'\n{FRAME.format(1_000_000)}")
            await desk.names()
            for _ in range(3):
                call = asyncio.ensure_future(desk.ask("read_dataframe", name="frame", where=WHERE, timeout=2))
                await asyncio.sleep(0)
                assert call.cancel()  # it was under way
                assert (await desk.ask("inspect_variable", path="x"))["text"] == "right"

    asyncio.run(scene())


def test_question_longer_than_a_socket_holds_is_answered_and_the_next_one_too(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            await person.run("x = 1")
            await desk.names()  # a connection is open
            with pytest.raises(ReadRefused):
                await desk.ask("inspect_variable", path="y" * 900_000)
            assert (await desk.ask("inspect_variable", path="x"))["text"] == "1"

    asyncio.run(scene())


def test_slow_call_does_not_stand_before_a_quick_one(open_desk: OpenDesk) -> None:
    async def scene() -> None:
        async with open_desk() as desk, desk.person() as person:
            await person.run(FRAME.format(1_000_000))
            await desk.names()
            slow = asyncio.ensure_future(desk.ask("read_dataframe", name="frame", where=WHERE, timeout=60))
            for _ in range(20):
                await desk.ask("status", timeout=1)
            assert not slow.done()
            assert (await slow)["total"] == 0

    asyncio.run(scene())

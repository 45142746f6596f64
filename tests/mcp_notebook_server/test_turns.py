"""How many of a crowd begin between two looks of the event loop at anything else."""

from __future__ import annotations

import asyncio

from mcp_notebook_server.turns import Turns


def test_a_crowd_begins_a_few_at_a_time_and_all_get_their_turn() -> None:
    async def story() -> None:
        turns, begun = Turns(), list[int]()

        async def begin(number: int) -> None:
            await turns.take()
            begun.append(number)

        crowd = [asyncio.ensure_future(begin(number)) for number in range(100)]
        most = before = 0
        while len(begun) < len(crowd):
            await asyncio.sleep(0)  # one turn of the loop
            most, before = max(most, len(begun) - before), len(begun)
        assert begun == list(range(100))
        assert most <= 8

    asyncio.run(asyncio.wait_for(story(), 10))


def test_one_that_comes_alone_does_not_wait() -> None:
    async def story() -> None:
        turns = Turns()
        for _ in range(3):
            taken = turns.take()
            try:
                taken.send(None)
            except StopIteration:
                continue
            raise AssertionError("it waited")

    asyncio.run(story())

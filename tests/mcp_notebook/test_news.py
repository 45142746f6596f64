"""Who shows how the servers stand is woken when something is different."""

from __future__ import annotations

import asyncio
import threading

from mcp_notebook.news import hear_news, tell_news


def test_what_is_told_on_another_thread_wakes_all_who_wait_until_they_wait_no_more() -> None:
    async def hear() -> None:
        with hear_news() as first:
            with hear_news() as second:
                assert not first.is_set()
                threading.Thread(target=tell_news).start()
                await asyncio.gather(first.wait(), second.wait())
            first.clear()
            second.clear()
            tell_news()
            await first.wait()
            assert not second.is_set()

    asyncio.run(hear())
    tell_news()  # to nobody

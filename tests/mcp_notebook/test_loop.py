from __future__ import annotations

import asyncio
import os
import threading
from typing import Any

import anyio
import pytest

from mcp_notebook.loop import Loop, find_loop, get_loop


@pytest.fixture
def loop() -> Loop:
    return get_loop()


def test_there_is_one_loop_and_it_is_a_thread_of_its_own(loop: Loop) -> None:
    async def where() -> str:
        loop.check_here()
        return threading.current_thread().name

    assert get_loop() is loop
    assert find_loop() is loop
    assert loop.run(where) == "mcp-notebook-loop"


def test_each_thread_is_told_where_it_does_not_belong(loop: Loop) -> None:
    async def block() -> None:
        loop.run(anyio.sleep, 0)

    with pytest.raises(AssertionError, match="belongs on the loop thread"):
        loop.check_here()
    with pytest.raises(AssertionError, match="would wait for itself"):
        loop.run(block)


def test_what_the_work_raises_is_raised_here(loop: Loop) -> None:
    async def fail() -> None:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        loop.run(fail)


def test_an_interrupt_that_comes_before_the_wait_cancels_the_work(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, cancelled = threading.Event(), threading.Event()
    submit = loop.submit

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    def interrupt_after(*call: Any) -> None:
        submit(*call)
        assert begun.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "submit", interrupt_after)
    with pytest.raises(KeyboardInterrupt):
        loop.run(work)
    assert cancelled.wait(10)


def test_a_stopped_loop_is_replaced_at_next_use(loop: Loop) -> None:
    loop.stop()
    assert find_loop() is None
    assert "mcp-notebook-loop" not in [thread.name for thread in threading.enumerate()]
    get_loop().run(anyio.sleep, 0)


def test_a_forked_child_gets_a_loop_of_its_own(loop: Loop) -> None:
    loop.run(anyio.sleep, 0)
    pid = os.fork()
    if pid == 0:
        try:
            fresh = get_loop()
            fresh.run(anyio.sleep, 0)
            os._exit(0 if fresh is not loop and not loop.is_usable else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    loop.run(anyio.sleep, 0)

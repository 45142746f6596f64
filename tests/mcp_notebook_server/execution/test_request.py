"""A request's last words: the reply and the status that the kernel is idle, in whichever order, and if one is lost."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.execution import request as module
from mcp_notebook_server.execution.request import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

OK = {"status": "ok"}
IDLE = ("status", {"execution_state": "idle"})


def ask(words: Callable[[Request], None], *, seconds: float = 10) -> tuple[Mapping[str, Any] | None, list[Any]]:
    """Return how a request ended to which a kernel said some words, and what was heard; None if it did not end."""

    async def hear() -> tuple[Mapping[str, Any] | None, list[Any]]:
        heard: list[Any] = []
        ends: list[Mapping[str, Any]] = []
        request = Request("id", heard.append, lambda kind, content: heard.append((kind, content)), ends.append)
        try:
            words(request)
            assert ends == ([request.done.result()] if request.done.done() else [])  # it is told at once
            async with asyncio.timeout(seconds):
                await request.done
            assert ends == [request.done.result()]
            return ends[0], heard
        except TimeoutError:
            return None, heard
        finally:
            request.close()

    return asyncio.run(hear())


def say_all(request: Request) -> None:
    request.hear("status", {"execution_state": "busy"})
    request.hear("stream", {"text": "x"})
    request.hear_reply(OK)
    request.hear(*IDLE)


def test_a_request_ends_with_both_last_words_whichever_comes_first() -> None:
    assert ask(say_all) == (OK, ["id", ("stream", {"text": "x"})])
    assert ask(lambda request: (request.hear(*IDLE), request.hear_reply(OK))) == (OK, [])


def test_one_word_alone_ends_nothing_at_once() -> None:
    assert ask(lambda request: request.hear_reply(OK), seconds=0.05) == (None, [])
    assert ask(lambda request: request.hear(*IDLE), seconds=0.05) == (None, [])


def test_a_word_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LAST_WORD_SECONDS", 0.02)
    aborted = {"status": "aborted"}
    assert ask(lambda request: request.hear_reply(aborted)) == (aborted, [])
    assert ask(lambda request: request.hear(*IDLE)) == (OK, [])

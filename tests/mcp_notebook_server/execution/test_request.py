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
ABORTED = {"status": "aborted"}
IDLE = ("status", {"execution_state": "idle"})


class Listener:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.ends: list[Mapping[str, Any]] = []

    def begin(self, request: str) -> None:
        self.heard.append(request)

    def take(self, kind: str, content: Mapping[str, Any]) -> None:
        self.heard.append((kind, content))

    def note_code_end(self) -> None:
        self.heard.append("the code has ended")

    def finish(self, reply: Mapping[str, Any]) -> None:
        self.ends.append(reply)


def ask(words: Callable[[Request], None], *, seconds: float = 10) -> tuple[Mapping[str, Any] | None, list[Any]]:
    """Return how a request ended to which a kernel said some words, and what was heard; None if it did not end."""

    async def hear() -> tuple[Mapping[str, Any] | None, list[Any]]:
        listener = Listener()
        request = Request("id", listener)
        try:
            words(request)
            at_once = list(listener.ends) if request.done.done() else None
            async with asyncio.timeout(seconds):
                reply = await request.done
        except TimeoutError:
            assert not listener.ends
            return None, listener.heard
        else:
            assert listener.ends == ([] if reply == ABORTED else [reply])
            assert at_once in (None, listener.ends)
            return reply, listener.heard
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


def test_what_the_kernel_did_not_begin_with_has_no_end() -> None:
    assert ask(lambda request: (request.hear_reply(ABORTED), request.hear(*IDLE))) == (ABORTED, [])


def test_the_end_of_the_code_is_told_before_that_of_the_request() -> None:
    mark = {"execution_state": "busy", "mcp_notebook_code_ended": True}

    def say_its_end(request: Request) -> None:
        request.hear("status", {"execution_state": "busy"})
        request.hear("status", mark)
        assert not request.done.done()
        request.hear_reply(OK)
        request.hear(*IDLE)

    assert ask(say_its_end) == (OK, ["id", "the code has ended"])


def test_one_word_alone_ends_nothing_at_once() -> None:
    assert ask(lambda request: request.hear_reply(OK), seconds=0.05) == (None, [])
    assert ask(lambda request: request.hear(*IDLE), seconds=0.05) == (None, [])


def test_a_word_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LAST_WORD_SECONDS", 0.02)
    assert ask(lambda request: request.hear_reply(ABORTED)) == (ABORTED, [])
    assert ask(lambda request: request.hear_reply(OK)) == (OK, [])
    assert ask(lambda request: request.hear(*IDLE)) == (OK, [])

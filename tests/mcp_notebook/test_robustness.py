"""Servers that do what servers should not: nothing hangs, no later message is lost, memory stays bounded."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from mcp_notebook.config import StdioServer
from mcp_notebook.errors import CallTimedOut, InvalidAnswer
from mcp_notebook.host import get_host
from mcp_notebook.wire import MAX_MESSAGES
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.session import Session

RUDE = str(Path(__file__).with_name("rude_server.py"))
MEBIBYTE = 1024 * 1024


@pytest.fixture
def rude(connect: Callable[..., Session]) -> Session:
    """A session with a server that does what servers should not."""
    return connect("rude", StdioServer(sys.executable, (RUDE,)))


def memory() -> int:
    """This process's memory, in bytes."""
    return psutil.Process().memory_info().rss


def test_a_flood_of_notifications_loses_no_later_message_and_takes_no_memory(rude: Session) -> None:
    rude.call("flood", rate=10_000, seconds=1.5)  # fills the wire log
    before = memory()
    rude.call("flood", rate=10_000, seconds=3)
    assert memory() - before < 10 * MEBIBYTE
    assert rude.call("echo").text == "echo"
    assert len(rude.log) == MAX_MESSAGES
    assert rude.log.messages[-1].method == "tools/call"


def test_the_notebook_computes_during_a_flood(rude: Session) -> None:
    flood = threading.Thread(target=rude.call, args=("flood", {"rate": 10_000, "seconds": 2}))
    flood.start()
    total = sum(range(1_000_000))  # on this thread, beside the loop's
    assert total == 499_999_500_000
    assert flood.is_alive()
    assert rude.call("echo").text == "echo"  # comes through in the middle of it
    flood.join()


def test_a_flood_of_progress_to_a_slow_reader_is_thinned_out(workshop: Session) -> None:
    seen: list[float] = []

    def on_progress(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        seen.append(progress)
        time.sleep(0.001)  # slower than the server

    assert workshop.call("hurry", steps=5000, on_progress=on_progress).text == "hurried"
    assert seen[-1] == 5000
    assert seen == sorted(seen)
    assert len(seen) < 5000


@pytest.mark.parametrize("size", [900 * 1024, 20 * MEBIBYTE])
def test_large_results_arrive_and_are_not_kept_twice(workshop: Session, size: int) -> None:
    result = workshop.call("large", size=size)
    assert len(result.text) == size
    (message,) = [one for one in workshop.log.messages if one.kind == "result" and one.size > size]
    assert (message.body is None) == (size > 4 * MEBIBYTE)


def test_many_large_results_take_bounded_memory(rude: Session) -> None:
    for _ in range(3):
        rude.call("large", size=3 * MEBIBYTE)
    before = memory()
    for _ in range(20):
        rude.call("large", size=3 * MEBIBYTE)
    assert memory() - before < 30 * MEBIBYTE  # the log keeps 16 MiB
    assert rude.log.dropped > 0


def test_an_interrupt_ends_a_call_that_is_never_answered(rude: Session) -> None:
    def interrupt() -> None:
        wait_until(lambda: rude.log.messages[-1].method == "tools/call", "the call to be sent")
        os.kill(os.getpid(), signal.SIGINT)

    rude.list_tools()
    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        rude.call("never")
    interrupter.join()
    assert rude.call("echo").text == "echo"
    with pytest.raises(CallTimedOut):
        rude.call("never", timeout=0.2)
    assert rude.call("echo").text == "echo"


def test_garbage_on_stdout_is_logged_and_harms_nothing(rude: Session) -> None:
    assert rude.call("garble").text == "garble"
    assert rude.call("echo").text == "echo"
    garbage = [message.body for message in rude.log.messages if message.kind == "invalid"]
    assert garbage == [
        "Loading model... done",
        "{'single': 'quotes'}",
        '{"jsonrpc": "2.0"',
        "\ufffd\ufffd\x00 caf\ufffd",
        "",
    ]


INVALID_ANSWERS = {
    "misfit": (
        "its structured content does not fit the tool's output schema at ['number']: 'seven' is not of type 'integer'"
    ),
    "omit": "Tool omit has an output schema but did not return structured content",
    "distort": "content.0.TextContent.text: Field required",
}


@pytest.mark.parametrize("tool", INVALID_ANSWERS)
def test_an_answer_that_is_not_valid_is_one_sentence(rude: Session, tool: str) -> None:
    with pytest.raises(InvalidAnswer) as invalid:
        rude.call(tool)
    problem = INVALID_ANSWERS[tool]
    assert str(invalid.value) == f"rude.{tool} gave an answer that is not valid: {problem}. See %mcp log rude --raw."
    assert rude.call("echo").text == "echo"


def test_a_thousand_calls_in_a_row_take_no_memory(rude: Session) -> None:
    for _ in range(200):
        rude.call("echo")
    before = memory()
    for _ in range(1000):
        rude.call("echo")
    assert memory() - before < 10 * MEBIBYTE


def test_twenty_servers_at_once_are_each_their_own(
    children: Callable[[], list[psutil.Process]], connect: Callable[..., Session]
) -> None:
    sessions = [connect(f"rude{number}", StdioServer(sys.executable, (RUDE,))) for number in range(20)]
    started = children()
    assert len(started) == 20
    before = memory()
    assert {session.call("echo").text for session in sessions} == {"echo"}
    assert memory() - before < 30 * MEBIBYTE
    get_host().close()
    assert [child for child in started if child.is_running()] == []


def test_a_server_that_is_silent_before_it_is_initialized_costs_ten_seconds_once(
    connect: Callable[..., Session],
) -> None:
    definition = StdioServer(sys.executable, (RUDE, "silent"))
    assert connect("silent", definition).era == "legacy"
    began = time.monotonic()
    session = connect("silent", definition)
    assert time.monotonic() - began < 5
    assert session.log.messages[0].method == "initialize"
    assert session.call("echo").text == "echo"

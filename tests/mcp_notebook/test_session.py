"""Sessions against the SDK's own server, over both transports and in both eras, from plain Python."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from mcp_notebook import aconnect
from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.errors import (
    AnswerLost,
    CallTimedOut,
    Disconnected,
    MissingArgument,
    SessionForgotten,
    ToolFailed,
    UnknownTool,
    WrongArgument,
)
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_notebook.session import Session


def test_a_session_says_what_it_is_connected_to(workshop: Session, era: str) -> None:
    assert workshop.state == "open"
    assert workshop.era == ("legacy" if era == "legacy" else "modern")
    assert workshop.server_info is not None
    assert workshop.server_info.name == "workshop"
    assert workshop.instructions == "Be careful with the saw."
    assert workshop.tools.names[:2] == ("add", "saw")
    assert repr(workshop) == f"<Session workshop: open, {workshop.era}, {len(workshop.tools)} tools>"


def test_a_call_returns_text_and_structure(workshop: Session) -> None:
    result = workshop.call("add", a=1, b=2)
    assert result.text == "3"
    assert result.structured == {"result": 3}
    assert not result.is_error


def test_arguments_named_like_ours_go_into_a_mapping(workshop: Session) -> None:
    assert workshop.call("add", {"a": 1}, b=5, timeout=30).text == "6"


def test_a_coroutine_can_call_while_others_run(workshop: Session) -> None:
    async def both() -> list[str]:
        results = await asyncio.gather(workshop.acall("add", a=1), workshop.acall("add", a=2))
        return [result.text for result in results]

    assert asyncio.run(both()) == ["1", "2"]


@pytest.mark.usefixtures("connect")
def test_connecting_and_closing_can_be_awaited(workshop_command: list[str]) -> None:
    async def use() -> str:
        session = await aconnect("other", workshop_command)
        text = (await session.acall("add", a=20, b=22)).text
        await session.aclose()
        assert session.state == "closed"
        return text

    assert asyncio.run(use()) == "42"


def test_arguments_are_checked_before_anything_is_sent(workshop: Session) -> None:
    with pytest.raises(MissingArgument) as missing:
        workshop.call("add", b=1)
    assert str(missing.value) == "add needs the argument 'a'. add takes a: integer, b: integer = 0."
    with pytest.raises(WrongArgument, match=r"argument 'a' is \"x\", but must be integer"):
        workshop.call("add", a="x")


def test_an_unknown_tool_is_asked_for_again_and_then_named(workshop: Session) -> None:
    with pytest.raises(UnknownTool) as unknown:
        workshop.call("ad")
    assert str(unknown.value) == "workshop has no tool 'ad'. Did you mean 'add'?"
    workshop.call("learn")
    assert workshop.call("carve").text == "new"


def test_a_failing_tool_raises_one_sentence_and_keeps_the_answer(workshop: Session) -> None:
    with pytest.raises(ToolFailed) as failed:
        workshop.call("break_down")
    assert str(failed.value) == "workshop.break_down failed: Error executing tool break_down: the blade is blunt"
    assert failed.value.result.is_error


def test_progress_arrives_while_the_call_runs_on_the_calling_thread(workshop: Session, directory: Path) -> None:
    seen: list[Any] = []

    def on_progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message, threading.current_thread() is threading.main_thread()))
        (directory / f"go{progress:g}").touch()  # the tool goes on only now, so nothing was buffered

    assert workshop.call("count", on_progress=on_progress).text == "counted"
    assert seen == [(1, 3, "step 1", True), (2, 3, "step 2", True), (3, 3, "step 3", True)]


def test_progress_arrives_in_a_coroutine(workshop: Session, directory: Path) -> None:
    cell = ContextVar("cell", default="another")  # IPython keeps in one where to print
    seen: list[tuple[float, str]] = []

    def on_progress(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        seen.append((progress, cell.get()))
        (directory / f"go{progress:g}").touch()

    async def run_cell() -> str:
        cell.set("this one")
        return (await workshop.acall("count", on_progress=on_progress)).text

    assert asyncio.run(run_cell()) == "counted"
    assert seen == [(1, "this one"), (2, "this one"), (3, "this one")]


def test_an_error_in_on_progress_ends_the_call(workshop: Session) -> None:
    def on_progress(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        workshop.call("count", on_progress=on_progress)
    assert workshop.call("add", a=1).text == "1"


def test_a_timeout_cancels_on_the_wire_and_leaves_the_session_usable(workshop: Session, directory: Path) -> None:
    with pytest.raises(CallTimedOut) as late:
        workshop.call("wait", timeout=0.5)
    assert str(late.value) == (
        "workshop.wait gave no result within 0.5 s and was cancelled. To wait longer: --timeout SECONDS, or timeout= "
        "in Python."
    )
    wait_until((directory / "cancelled").exists, "the server to see the cancellation")
    assert workshop.call("add", a=1).text == "1"


def test_an_interrupt_cancels_on_the_wire_and_leaves_the_session_usable(workshop: Session, directory: Path) -> None:
    def interrupt() -> None:
        wait_until((directory / "waiting").exists, "the call to begin")
        os.kill(os.getpid(), signal.SIGINT)

    interrupter = threading.Thread(target=interrupt)
    interrupter.start()
    with pytest.raises(KeyboardInterrupt):
        workshop.call("wait")
    interrupter.join()
    wait_until((directory / "cancelled").exists, "the server to see the cancellation")
    assert workshop.call("add", a=1).text == "1"


def test_a_cancelled_coroutine_cancels_on_the_wire(workshop: Session, directory: Path) -> None:
    async def cancel() -> None:
        call = asyncio.create_task(workshop.acall("wait"))
        await asyncio.to_thread(wait_until, (directory / "waiting").exists, "the call to begin")
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(cancel())
    wait_until((directory / "cancelled").exists, "the server to see the cancellation")
    assert workshop.call("add", a=1).text == "1"


def test_a_call_that_runs_while_its_session_is_disconnected_by_name_is_told_what_can_be_done(
    workshop: Session, directory: Path
) -> None:
    async def disconnect() -> None:
        call = asyncio.create_task(workshop.acall("wait"))
        await asyncio.to_thread(wait_until, (directory / "waiting").exists, "the call to begin")
        await asyncio.to_thread(workshop.forget)
        with pytest.raises(SessionForgotten, match="To have one again: session = %mcp connect workshop"):
            await call

    asyncio.run(disconnect())
    assert workshop.state == "closed"


def test_closing_ends_a_running_call_and_the_process(
    children: Callable[[], list[psutil.Process]], workshop: Session, directory: Path
) -> None:
    servers = children()

    def close() -> None:
        wait_until((directory / "waiting").exists, "the call to begin")
        workshop.close()

    closer = threading.Thread(target=close)
    closer.start()
    with pytest.raises(Disconnected, match="it was closed in this notebook"):
        workshop.call("wait")
    closer.join()
    assert workshop.state == "closed"
    with pytest.raises(Disconnected, match=r"it was closed in this notebook\. Run %mcp restart workshop, or"):
        workshop.call("add", a=1)
    if isinstance(workshop.definition, StdioServer):
        assert servers
        assert [server for server in servers if server.is_running()] == []


def call_and_kill(session: Session, directory: Path) -> AnswerLost:
    """Call a tool that kills its server; the error must be there within two seconds."""
    died: list[float] = []

    def on_progress(*_: object) -> None:
        died.append(time.monotonic())
        (directory / "kill").touch()

    with pytest.raises(AnswerLost, match="it may have been done or not") as gone:
        session.call("die", on_progress=on_progress)
    assert time.monotonic() - died[0] < 2
    return gone.value


KILLED = (
    "workshop.die: the connection broke off before the answer came (its process was killed by SIGKILL), and it may "
    "have been done or not. Try again, or run %mcp restart workshop."
)


def test_a_server_killed_in_a_call_ends_it_within_two_seconds(workshop: Session, directory: Path) -> None:
    error = call_and_kill(workshop, directory)
    if isinstance(workshop.definition, StdioServer):
        assert str(error) == KILLED
        assert error.stderr == ("the motor", "burned out")
        assert workshop.state == "lost"
        (directory / "kill").unlink()
        assert workshop.call("add", a=1).text == "1"
        assert workshop.state == "open"
    else:
        with pytest.raises(Disconnected, match="connection refused"):
            workshop.call("add", a=1)
        assert workshop.state == "lost"


def test_a_child_that_keeps_the_output_open_does_not_hide_the_end_of_its_server(
    workshop_command: list[str], connect: Callable[..., Session], directory: Path, era: Any
) -> None:
    script = f"sleep 60 & echo $! > {directory}/child; exec {shlex.join(workshop_command)}"
    session = connect("workshop", StdioServer("sh", ("-c", script), era=era))
    try:
        assert str(call_and_kill(session, directory)) == KILLED
    finally:
        psutil.Process(int((directory / "child").read_text())).kill()


def test_a_session_notices_the_end_of_an_idle_server(
    children: Callable[[], list[psutil.Process]], workshop_command: list[str], connect: Callable[..., Session]
) -> None:
    session = connect("workshop", StdioServer(workshop_command[0], tuple(workshop_command[1:])))
    (child,) = children()
    child.kill()
    wait_until(lambda: session.state == "lost", "the session to notice", seconds=2)


def test_results_above_the_sdk_limit_arrive(workshop: Session) -> None:
    assert len(workshop.call("big", megabytes=5).text) == 5 * 1024 * 1024
    assert len(workshop.call("big_after_progress", megabytes=5).text) == 5 * 1024 * 1024


def test_a_forked_child_keeps_no_server_alive_and_says_so(
    children: Callable[[], list[psutil.Process]], workshop_command: list[str], connect: Callable[..., Session]
) -> None:
    session = connect("workshop", StdioServer(workshop_command[0], tuple(workshop_command[1:])))
    (server,) = children()
    to_child, from_test = os.pipe()
    from_child, to_test = os.pipe()
    pid = os.fork()
    if pid == 0:  # the child: tells what a call does there, then lives until the test lets it go
        os.close(from_test)
        try:
            session.call("add", a=1)
        except Disconnected as error:
            os.write(to_test, str(error).encode())
        os.read(to_child, 1)
        os._exit(0)
    os.close(to_child)
    assert b"it belongs to the process that this one was forked from" in os.read(from_child, 1000)
    assert session.call("add", a=1).text == "1"  # the parent's is as it was
    session.close()
    assert not server.is_running()
    os.close(from_test)
    os.waitpid(pid, 0)
    for descriptor in (from_child, to_test):
        os.close(descriptor)


def test_http_headers_carry_variables_and_no_repr_shows_them(
    workshop_url: str, connect: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKSHOP_KEY", "sesame")
    definition = HTTPServer(f"{workshop_url}?key=hidden", {"Authorization": "Bearer ${WORKSHOP_KEY}"})
    session = connect("workshop", definition)
    assert session.call("add", a=1).text == "1"
    shown = f"{definition!r} {session!r} {definition.shown}"
    assert "sesame" not in shown
    assert "hidden" not in shown
    assert "Authorization" in repr(definition)

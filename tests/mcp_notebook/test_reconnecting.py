"""A connection comes back, and says so; what may have been done is not done twice, and what was lost is said to be."""

from __future__ import annotations

import gc
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.errors import AnswerLost, CallTimedOut, Disconnected
from support.cuttable import CuttableWay
from support.restartable import Restartable
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psutil

    from mcp_notebook.session import Session

FORGOTTEN = "MCP: board had forgotten the session, so a new one was begun.\n"
AWAY = "MCP: board was away (connection refused), so it was asked again.\n"
BOARD = Path(__file__).with_name("board_server.py")
MENU = "board://menu"


@pytest.fixture(scope="module")
def directory() -> Iterator[Path]:
    """Where the board writes what it does, for all tests of this module."""
    with tempfile.TemporaryDirectory(prefix="mn") as name:
        yield Path(name)


@pytest.fixture(scope="module")
def server(directory: Path) -> Iterator[Restartable]:
    server = Restartable(BOARD, directory)
    yield server
    server.stop()


@pytest.fixture
def way(server: Restartable) -> Iterator[CuttableWay]:
    with CuttableWay(server.url) as way:
        yield way


@pytest.fixture(params=["legacy", "modern"])
def board(request: pytest.FixtureRequest, connect: Callable[..., Session], way: CuttableWay) -> Session:
    """A session with the board by a way that can be cut, in each era; its tools are known."""
    session = connect("board", HTTPServer(way.url, era=request.param))
    session.list_tools()
    return session


def count_lines(file: Path) -> int:
    return len(file.read_text().splitlines()) if file.exists() else 0


def beside(function: Callable[[], object]) -> threading.Thread:
    """Run something while this thread waits for an answer."""
    thread = threading.Thread(target=function)
    thread.start()
    return thread


def test_a_call_to_a_server_that_is_away_for_a_moment_is_made_once(
    board: Session, way: CuttableWay, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    called = count_lines(directory / "calls")
    way.refuse()

    before = len(board.log.messages)

    def is_refused() -> bool:
        answers = [one for one in board.log.messages[before:] if one.kind == "error"]
        return any(one.method in {"tools/list", "tools/call"} for one in answers)

    def come_back() -> None:
        wait_until(is_refused, "the call to be refused")
        way.accept_again()

    thread = beside(come_back)
    assert board.call("change", uri=MENU).text.startswith("change")
    thread.join()
    assert count_lines(directory / "calls") == called + 1
    assert capsys.readouterr().out == AWAY
    assert board.state == "open"


def test_a_call_that_was_sent_is_not_sent_again(board: Session, way: CuttableWay, directory: Path) -> None:
    called = count_lines(directory / "calls")

    def cut() -> None:
        wait_until(lambda: count_lines(directory / "calls") > called, "the call to arrive")
        way.cut()

    thread = beside(cut)
    with pytest.raises(AnswerLost, match=r"before the answer came.*and it may have been done or not"):
        board.call("hold")
    thread.join()
    assert board.call("change", uri=MENU).text.startswith("change")
    assert count_lines(directory / "calls") == called + 2


def test_what_harms_nobody_twice_is_asked_once_more(
    board: Session, way: CuttableWay, directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = count_lines(directory / "reads")
    (directory / "slow").touch()

    def cut() -> None:
        wait_until(lambda: count_lines(directory / "reads") > read, "the request to arrive")
        wait_until(lambda: not (directory / "slow").exists(), "the server to be slow")
        way.cut()

    thread = beside(cut)
    assert board.read(MENU).text.startswith("change")
    thread.join()
    assert count_lines(directory / "reads") == read + 2
    said = capsys.readouterr().out
    assert said.startswith("MCP: the connection to board broke off")
    assert said.endswith("so board://menu was asked for again.\n")


def test_a_connection_that_fell_silent_is_left_when_the_time_is_over(board: Session, way: CuttableWay) -> None:
    way.fall_silent()
    with pytest.raises(CallTimedOut):
        board.call("change", uri=MENU, timeout=0.5)
    way.cut()  # as a computer does that hears of a connection it has forgotten
    assert board.call("change", uri=MENU).text.startswith("change")
    assert board.state == "open"


def test_a_server_that_stays_away_is_lost_and_the_next_line_tries_again(
    board: Session, way: CuttableWay, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_notebook.reconnecting.AWAY_SECONDS", 0.5)
    way.refuse()
    for _ in range(2):
        with pytest.raises(Disconnected, match=r"board is disconnected: connection refused\. Run %mcp restart board"):
            board.call("change", uri=MENU)
        assert board.state == "lost"
    way.accept_again()
    assert board.call("change", uri=MENU).text.startswith("change")
    assert board.state == "open"
    assert capsys.readouterr().out == (
        "MCP: board was disconnected (connection refused), so it was connected to again.\n"
    )


def test_a_process_that_ended_is_started_anew_once_and_what_was_asked_of_it_holds(
    children: Callable[[], list[psutil.Process]],
    connect: Callable[..., Session],
    tmp_path: Path,
    era: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = connect("board", StdioServer(sys.executable, (str(BOARD), "stdio", str(tmp_path)), era=era))
    menu = session.subscribe(MENU)
    session.set_log_level("critical")
    (process,) = children()
    process.kill()
    wait_until(lambda: session.state == "lost", "the session to notice")
    assert menu.ended == "its process was killed by SIGKILL"
    assert session.call("say").text == "said"
    assert capsys.readouterr().out == (
        "MCP: board was disconnected (its process was killed by SIGKILL), so it was connected to again.\n"
    )
    messages = [one for one in session.log.messages if one.method == "notifications/message"]
    assert [one.body["params"]["level"] for one in messages] == ["critical", "alert", "emergency"]
    session.call("change", uri=MENU)
    wait_until(lambda: menu.changes == 2, "the change")  # one for what may have been missed
    assert menu.ended is None
    assert len(children()) == 1


def test_the_system_notices_a_connection_that_is_dead(connect: Callable[..., Session], way: CuttableWay) -> None:
    session = connect("board", HTTPServer(way.url))
    session.subscribe(MENU)  # a connection that stays open
    found = [one for one in gc.get_objects() if isinstance(one, socket.socket) and one.fileno() >= 0]
    port = int(way.url.rpartition(":")[2].partition("/")[0])
    ours = [one for one in found if one.family == socket.AF_INET and _peer(one) == port]
    assert ours
    assert all(one.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for one in ours)
    assert {one.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) for one in ours} == {4}


def _peer(one: socket.socket) -> int | None:
    try:
        return one.getpeername()[1]
    except OSError:  # it listens
        return None


def test_closing_ends_it_for_good(connect: Callable[..., Session], way: CuttableWay) -> None:
    session = connect("board", HTTPServer(way.url))
    session.close()
    with pytest.raises(Disconnected, match="it was closed in this notebook"):
        session.call("change", uri=MENU)
    assert session.state == "closed"


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_a_server_that_was_restarted_is_called_as_before(
    server: Restartable, connect: Callable[..., Session], era: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    session = connect("board", HTTPServer(server.url, era=era))
    assert session.call("change", uri=MENU).text.startswith("change")
    server.stop()
    server.start()
    assert session.call("change", uri=MENU).text == "change 1"
    assert session.state == "open"
    assert capsys.readouterr().out == (FORGOTTEN if era == "legacy" else "")  # the modern era has nothing to forget
    assert session.call("change", uri=MENU).text == "change 2"
    assert capsys.readouterr().out == ""

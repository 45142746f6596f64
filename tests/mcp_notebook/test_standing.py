"""What is watched is told of, in both eras and over each transport, also while a cell runs and after a break."""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.errors import NotWatched
from support.restartable import Restartable
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.session import Session
    from mcp_notebook.subscriptions import Subscription

BOARD = Path(__file__).with_name("board_server.py")
MENU = "board://menu"
SECONDS = 20


@pytest.fixture
def http_board(directory: Path) -> Iterator[Restartable]:
    server = Restartable(BOARD, directory)
    yield server
    server.stop()


@pytest.fixture(params=["stdio", "http"])
def board(request: pytest.FixtureRequest, connect: Callable[..., Session], directory: Path, era: Any) -> Session:
    """A session with the board, over each transport, in each era."""
    if request.param == "stdio":
        return connect("board", StdioServer(sys.executable, (str(BOARD), "stdio", str(directory)), era=era))
    return connect("board", HTTPServer(request.getfixturevalue("http_board").url, era=era))


def heard(session: Session, what: str) -> tuple[Subscription, queue.Queue[int]]:
    """Subscribe; each call of the function puts how often it has changed."""
    calls: queue.Queue[int] = queue.Queue()
    return session.subscribe(what, lambda subscription: calls.put(subscription.changes)), calls


def test_a_change_of_a_resource_is_told_until_it_is_watched_no_more(board: Session) -> None:
    menu, calls = heard(board, MENU)
    news, other_calls = heard(board, "board://news")
    board.call("change", uri=MENU)
    assert calls.get(timeout=SECONDS) == 1
    assert board.read(MENU).text == "change 1"
    board.call("change", uri=MENU, inner="/dessert")  # a part of what is watched
    assert calls.get(timeout=SECONDS) == 2
    menu.close()
    board.call("change", uri=MENU)
    board.call("change", uri="board://news")
    assert other_calls.get(timeout=SECONDS) == 1
    assert (menu.changes, menu.ended, calls.empty()) == (2, "you ended it", True)
    assert list(board.subscriptions) == ["board://news"]
    assert repr(news) == "<Subscription to board://news of board: changed once>"


def test_a_change_of_a_list_is_told(board: Session) -> None:
    kinds = ("tools", "resources", "prompts")
    calls = [heard(board, kind)[1] for kind in kinds]
    board.call("pin")
    for one in calls:
        assert one.get(timeout=SECONDS) == 1
    assert board.tools.find("new") is not None


def test_a_change_is_told_while_a_call_runs_and_from_a_coroutine(board: Session, directory: Path) -> None:
    calls: queue.Queue[str] = queue.Queue()

    async def subscribe() -> None:
        await board.asubscribe(MENU, lambda _: calls.put(threading.current_thread().name))
        waiting = asyncio.create_task(board.acall("hold"))
        await board.acall("change", uri=MENU)
        assert await asyncio.to_thread(calls.get, timeout=SECONDS) == "mcp-notebook-change-board"
        assert not waiting.done()
        (directory / "go").touch()
        assert (await waiting).text == "held"
        await board.aunsubscribe(MENU)

    asyncio.run(subscribe())
    assert board.subscriptions == {}


def test_a_slow_function_is_called_once_for_what_came_meanwhile_and_may_ask_the_server(board: Session) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen: queue.Queue[str] = queue.Queue()

    def on_change(_: Subscription) -> None:
        begun.set()
        assert go_on.wait(SECONDS)
        seen.put(board.read(MENU).text)

    menu = board.subscribe(MENU, on_change)
    board.call("change", uri=MENU)
    assert begun.wait(SECONDS)
    for count in range(2, 6):
        board.call("change", uri=MENU)
        wait_until(lambda count=count: menu.changes == count, "the change to arrive")
    go_on.set()
    assert seen.get(timeout=SECONDS) == "change 5"
    assert seen.get(timeout=SECONDS) == "change 5"
    board.unsubscribe(MENU)
    assert seen.empty()


def test_a_function_that_fails_is_shown_and_called_again(board: Session, capsys: pytest.CaptureFixture[str]) -> None:
    done = threading.Event()

    def on_change(subscription: Subscription) -> None:
        if subscription.changes == 2:
            done.set()
        raise LookupError("no menu")

    board.subscribe(MENU, on_change)
    board.call("change", uri=MENU)
    shown: list[str] = []
    wait_until(lambda: shown.append(capsys.readouterr().err) or "LookupError: no menu" in "".join(shown), "the failure")
    board.call("change", uri=MENU)
    assert done.wait(SECONDS)


def test_subscribing_again_replaces_what_was_called(board: Session) -> None:
    first, _ = heard(board, MENU)
    _, calls = heard(board, MENU)
    assert first.ended == "it was watched anew"
    board.call("change", uri=MENU)
    assert calls.get(timeout=SECONDS) == 1
    assert first.changes == 0
    first.close()  # which is not its business any more
    board.call("change", uri=MENU)
    assert calls.get(timeout=SECONDS) == 2


def test_what_a_server_does_not_tell_of_is_refused_at_once(connect: Callable[..., Session], era: Any) -> None:
    time = connect("time", StdioServer("python", ("-m", "mcp_server_time"), era=era))
    with pytest.raises(NotWatched, match=r"time: x://y cannot be watched: the server does not say when a resource"):
        time.subscribe("x://y")
    with pytest.raises(NotWatched, match=r"time: the list of prompts cannot be watched: the server does not say when"):
        time.subscribe("prompts")
    assert time.subscriptions == {}


def test_closing_the_session_ends_what_is_watched(board: Session) -> None:
    menu, _ = heard(board, MENU)
    board.close()
    assert menu.ended == "it was closed in this notebook"


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_what_is_watched_stays_so_when_the_server_was_away(
    http_board: Restartable, connect: Callable[..., Session], era: Any
) -> None:
    session = connect("board", HTTPServer(http_board.url, era=era))
    menu, calls = heard(session, MENU)
    _, tools = heard(session, "tools")
    http_board.stop()
    http_board.start()
    if era == "legacy":  # nobody tells that the session is forgotten, until it is used
        session.list_tools()
    assert calls.get(timeout=SECONDS) == 1  # it may have changed
    assert tools.get(timeout=SECONDS) == 1
    session.call("change", uri=MENU)
    assert calls.get(timeout=SECONDS) == 2
    session.call("pin")
    assert tools.get(timeout=SECONDS) == 2
    assert menu.ended is None

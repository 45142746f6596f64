"""What is watched is told of, in both eras and over each transport, also while a cell runs and after a break."""

from __future__ import annotations

import asyncio
import queue
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from mcp.server import Server
from mcp_types import ListToolsResult, Tool

from mcp_notebook.approval.roots import set_roots
from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer
from mcp_notebook.errors import NoLogging, NotWatched
from mcp_notebook.explorer.desk import Desk
from mcp_notebook.explorer.room import Room
from mcp_notebook.loop import get_loop
from mcp_notebook.opening import open_session
from mcp_notebook.wire import WireLog
from support.restartable import Restartable
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.session import Session
    from mcp_notebook.subscriptions import Subscription

BOARD = Path(__file__).with_name("board_server.py")
MENU = "board://menu"
SECONDS = 20


@pytest.fixture(scope="module", params=["stdio", "http"])
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Path, StdioServer | HTTPServer]]:
    """The board over each transport: its directory, and how to connect."""
    with tempfile.TemporaryDirectory(prefix="mn") as name:
        if request.param == "stdio":
            yield Path(name), StdioServer(sys.executable, (str(BOARD), "stdio", name))
            return
        server = Restartable(BOARD, Path(name))
        yield Path(name), HTTPServer(server.url)
        server.stop()


@pytest.fixture(scope="module", params=["legacy", "modern"])
def shared(request: pytest.FixtureRequest, place: tuple[Path, StdioServer | HTTPServer]) -> Iterator[Session]:
    """One session with it in each era, with roots from the beginning."""
    set_roots([place[0]])
    with open_session("board", replace(place[1], era=request.param), WireLog) as session:
        yield session
    set_roots([])


@pytest.fixture
def board(shared: Session) -> Iterator[Session]:
    yield shared
    for what in list(shared.subscriptions):
        shared.unsubscribe(what)


def heard(session: Session, what: str) -> tuple[Subscription, queue.Queue[int]]:
    """Subscribe; each call of the function puts how often it has changed."""
    calls: queue.Queue[int] = queue.Queue()
    return session.subscribe(what, lambda subscription: calls.put(subscription.changes)), calls


def test_a_change_of_a_resource_is_told_until_it_is_watched_no_more(board: Session) -> None:
    menu, calls = heard(board, MENU)
    news, other_calls = heard(board, "board://news")
    changed = board.call("change", uri=MENU).text
    assert calls.get(timeout=SECONDS) == 1
    assert board.read(MENU).text == changed
    # A part of what is watched; the SDK's servers of the modern era tell of no such.
    board.call("change", uri=MENU, inner="/dessert" if board.era == "legacy" else "")
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
    board.call("pin", name="rota")
    for one in calls:
        assert one.get(timeout=SECONDS) == 1
    assert board.tools.find("rota") is not None


def test_a_change_is_told_while_a_call_runs_and_from_a_coroutine(board: Session, place: tuple[Path, object]) -> None:
    calls: queue.Queue[str] = queue.Queue()

    async def subscribe() -> None:
        await board.asubscribe(MENU, lambda _: calls.put(threading.current_thread().name))
        waiting = asyncio.create_task(board.acall("hold"))
        await board.acall("change", uri=MENU)
        assert await asyncio.to_thread(calls.get, timeout=SECONDS) == "mcp-notebook-change-board"
        assert not waiting.done()
        (place[0] / "go").touch()
        assert (await waiting).text == "held"
        (place[0] / "go").unlink()
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
    last = ""
    for count in range(2, 6):
        last = board.call("change", uri=MENU).text
        wait_until(lambda count=count: menu.changes >= count, "the change to arrive")
    go_on.set()
    assert seen.get(timeout=SECONDS) == last
    assert seen.get(timeout=SECONDS) == last
    board.unsubscribe(MENU)
    assert seen.empty()


def test_a_function_that_fails_is_shown_and_called_again(board: Session, capsys: pytest.CaptureFixture[str]) -> None:
    shown: list[str] = []

    def is_shown(times: int) -> bool:
        shown.append(capsys.readouterr().err)
        return "".join(shown).count("LookupError: no menu") == times

    def on_change(_: Subscription) -> None:
        raise LookupError("no menu")

    board.subscribe(MENU, on_change)
    for times in (1, 2):
        board.call("change", uri=MENU)
        wait_until(lambda times=times: is_shown(times), "the failure")


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


def test_the_explorer_watches_beside_the_cell_and_each_alone_ends_what_it_watches(board: Session) -> None:
    said: queue.Queue[dict[str, Any]] = queue.Queue()
    host: Any = SimpleNamespace(get=lambda _: board)
    desk = Desk(Room(host, lambda _: None), said.put, get_loop(), lambda: None)
    desk.take({"id": "1", "ask": "watch", "said": {"server": "board", "uri": MENU}})
    assert said.get(timeout=SECONDS) == {"id": "1", "part": {"watching": True}}
    menu, calls = heard(board, MENU)
    board.call("change", uri=MENU)
    assert calls.get(timeout=SECONDS) == 1
    assert said.get(timeout=SECONDS) == {"id": "1", "part": {"changed": True}}
    menu.close()
    board.call("change", uri=MENU)
    assert said.get(timeout=SECONDS) == {"id": "1", "part": {"changed": True}}
    desk.take({"id": "1", "ask": "cancel"})
    assert said.get(timeout=SECONDS) == {"id": "1", "problem": "cancelled", "cancelled": True}


def test_what_a_server_does_not_tell_of_is_refused_at_once(connect: Callable[..., Session], era: Any) -> None:
    time = connect("time", StdioServer("python", ("-m", "mcp_server_time"), era=era))
    with pytest.raises(NotWatched, match=r"time: x://y cannot be watched: the server does not say when a resource"):
        time.subscribe("x://y")
    with pytest.raises(NotWatched, match=r"time: the list of prompts cannot be watched: the server does not say when"):
        time.subscribe("prompts")
    assert time.subscriptions == {}


def test_all_pages_are_read_of_each_list(board: Session) -> None:
    assert [tool.name for tool in board.list_tools()][:3] == ["change", "pin", "say"]
    assert board.list_resources().names[:3] == ("board://menu", "board://news", "board://rules")
    assert len(board.list_templates()) == len(board.list_prompts()) == 3


@pytest.mark.parametrize("cursors", [["a", "b", "a"], ["", ""]])
def test_a_list_that_goes_in_circles_ends(connect: Callable[..., Session], cursors: list[str]) -> None:
    following = iter([*cursors, *("again" for _ in range(5))])

    async def list_tools(*_: object) -> ListToolsResult:
        cursor = next(following)
        return ListToolsResult(tools=[Tool(name=f"x{cursor}", input_schema={"type": "object"})], next_cursor=cursor)

    server: Any = Server("round", on_list_tools=list_tools)
    session = connect("round", InProcessServer(server))
    assert len(session.list_tools()) == len(cursors)


def test_what_a_server_says_is_fresh_is_not_asked_for_again_and_the_cell_says_so(
    board: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(method: str) -> int:
        return sum(one.direction == "sent" and one.method == method for one in board.log.messages)

    before = asked("resources/read"), asked("resources/list")
    board.read(MENU)
    board.read(MENU)
    assert asked("resources/read") == before[0] + 2  # off, from the beginning
    assert (board.is_caching, capsys.readouterr().out) == (False, "")
    board.use_cache()
    try:
        first, second = board.read(MENU).text, board.read(MENU).text
        assert first == second
        modern = board.era == "modern"
        assert asked("resources/read") == before[0] + (3 if modern else 4)
        said = "MCP: board://menu of board came from the cache, as it is still fresh.\n"
        assert capsys.readouterr().out == (said if modern else "")
        menu = board.subscribe(MENU)
        changed = board.call("change", uri=MENU).text
        wait_until(lambda: menu.changes == 1, "the change")
        assert board.read(MENU).text == changed  # what has changed is not fresh
        board.list_resources()
        board.list_resources()
        assert asked("resources/list") > before[1] + 1  # the server does not say that the list is fresh
    finally:
        board.use_cache(False)
    asked_for = asked("resources/read")
    board.read(MENU)
    assert asked("resources/read") == asked_for + 1


def log_messages(session: Session, before: int) -> list[str]:
    passed = [one.body["params"]["level"] for one in session.log.messages if one.method == "notifications/message"]
    return passed[before:]


def test_log_messages_come_from_the_level_that_was_asked_for(board: Session) -> None:
    for level, count in (("error", 4), ("debug", 8), ("warning", 5), ("off", board.era == "legacy")):
        before = len(log_messages(board, 0))
        board.set_log_level(level)  # pyright: ignore[reportArgumentType]
        board.call("say")
        wait_until(lambda before=before, count=count: len(log_messages(board, before)) >= count, "the messages")
        assert len(log_messages(board, before)) == count
    with pytest.raises(ValueError, match="'loud' is no level; there are debug, info, notice"):
        board.set_log_level("loud")  # pyright: ignore[reportArgumentType]


def test_a_server_that_logs_nothing_says_so(connect: Callable[..., Session], era: Any) -> None:
    set_roots([])
    time = connect("time", StdioServer("python", ("-m", "mcp_server_time"), era=era))
    with pytest.raises(NoLogging):
        time.set_log_level("debug")
    assert not time.tell_roots()


def test_a_server_is_told_that_the_roots_are_others(board: Session, place: tuple[Path, object], tmp_path: Path) -> None:
    set_roots([place[0]])
    if board.era == "legacy":
        assert board.call("told").text == place[0].as_uri()
    set_roots([tmp_path])
    try:
        assert board.tell_roots()
        if board.era == "legacy":
            wait_until((place[0] / "roots").exists, "the server to hear of it")
            assert board.call("told").text == tmp_path.as_uri()
    finally:
        set_roots([])
    told = [one for one in board.log.messages if one.method == "notifications/roots/list_changed"]
    assert len(told) == (
        board.era == "legacy"
    )  # the modern era has no such message: the server asks when it needs them


def test_closing_the_session_ends_what_is_watched(connect: Callable[..., Session], directory: Path, era: Any) -> None:
    board = connect("board", StdioServer(sys.executable, (str(BOARD), "stdio", str(directory)), era=era))
    menu, _ = heard(board, MENU)
    board.close()
    assert menu.ended == "it was closed in this notebook"


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_what_is_watched_stays_so_when_the_server_was_away(
    connect: Callable[..., Session], directory: Path, era: Any
) -> None:
    http_board = Restartable(BOARD, directory)
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
    http_board.stop()


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_a_server_that_comes_back_and_tells_of_nothing_any_more_is_not_said_to_be_watched(
    connect: Callable[..., Session], directory: Path, era: Any
) -> None:
    http_board = Restartable(BOARD, directory)
    session = connect("board", HTTPServer(http_board.url, era=era))
    menu, calls = heard(session, MENU)
    http_board.stop()
    (directory / "deaf").touch()
    http_board.start()
    if era == "legacy":  # as above
        session.list_tools()
    wait_until(lambda: menu.ended is not None, "the subscription to end")
    assert calls.empty()
    http_board.stop()

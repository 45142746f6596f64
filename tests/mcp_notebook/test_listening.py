"""What a server says about its lists is heard, in both eras and over each transport, also after it was away."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from mcp.server import Server
from mcp.server.mcpserver import Context, MCPServer
from mcp_types import METHOD_NOT_FOUND, ListToolsResult, SubscriptionsListenResult

from mcp_notebook.config import HTTPServer, InProcessServer
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.session import Session

WORKSHOP = Path(__file__).with_name("workshop_server.py")
LISTEN = "subscriptions/listen"


def sent(session: Session, method: str) -> int:
    """How often a method was asked for."""
    return sum(one.direction == "sent" and one.method == method for one in session.log.messages)


def test_a_new_tool_is_heard_of(workshop: Session) -> None:
    assert workshop.tools.find("carve") is None
    asked = sent(workshop, "tools/list")
    workshop.call("learn")
    wait_until(lambda: workshop.tools.find("carve") is not None, "the server's word of its new tool")
    assert workshop.call("carve").text == "new"
    assert sent(workshop, "tools/list") == asked + 1
    assert sent(workshop, LISTEN) == (workshop.era == "modern")


def test_many_lists_share_one_stream_and_without_a_list_there_is_none(workshop: Session) -> None:
    assert sent(workshop, LISTEN) == 0
    for _ in range(20):
        workshop.list_tools()
        workshop.list_prompts()
        workshop.list_resources()
    assert sent(workshop, LISTEN) == (workshop.era == "modern")


def test_closing_ends_the_stream_and_no_thread_stays(workshop_url: str, connect: Callable[..., Session]) -> None:
    connect("first", HTTPServer(workshop_url)).list_tools()
    threads = threading.active_count()
    for number in range(10):
        connect(f"again{number}", HTTPServer(workshop_url)).list_tools()
        connect(f"again{number}", HTTPServer(workshop_url)).close()
    assert threading.active_count() == threads


def test_a_server_that_was_restarted_is_asked_anew(directory: Path, connect: Callable[..., Session]) -> None:
    process = start_workshop(directory)
    session = connect("workshop", HTTPServer((directory / "url").read_text()))
    try:
        assert session.tools.find("carve") is None
        session.call("learn")
        wait_until(lambda: session.tools.find("carve") is not None, "the server's word of its new tool")
        process.kill()
        process.wait()
        process = start_workshop(directory, port=int(session.definition.url.rpartition(":")[2].partition("/")[0]))
        wait_until(lambda: session.tools.find("carve") is None, "the list of the new process")
        assert session.state == "open"
        session.call("learn")
        wait_until(lambda: session.tools.find("carve") is not None, "the new process's word of its new tool")
        assert sent(session, LISTEN) == 2
    finally:
        process.kill()
        process.wait()


def start_workshop(directory: Path, port: int = 0) -> subprocess.Popen[bytes]:
    (directory / "url").unlink(missing_ok=True)
    process = subprocess.Popen([sys.executable, str(WORKSHOP), "http", str(directory), str(port)])
    wait_until((directory / "url").exists, "the workshop's port")
    return process


def test_a_server_of_this_notebook_is_heard_of_too(connect: Callable[..., Session]) -> None:
    server = MCPServer("mine")

    @server.tool()
    async def learn(context: Context) -> str:
        server.add_tool(lambda: "new", name="carve")
        await context.notify_tools_changed()
        return "learned"

    session = connect("mine", InProcessServer(server))
    assert session.tools.find("carve") is None
    session.call("learn")
    wait_until(lambda: session.tools.find("carve") is not None, "the server's word of its new tool")


async def refuse(*_: object) -> Any:
    raise MCPError(METHOD_NOT_FOUND, "never heard of it")


async def hang_up(context: Any, *_: object) -> Any:
    meta = {"io.modelcontextprotocol/subscriptionId": context.request_id}
    return SubscriptionsListenResult(_meta=meta)


async def no_tools(*_: object) -> ListToolsResult:
    return ListToolsResult(tools=[])


@pytest.mark.parametrize(("answer", "times"), [(refuse, 1), (hang_up, 3)])
def test_a_server_that_does_not_do_what_it_declares_is_not_asked_for_ever(
    connect: Callable[..., Session], answer: Any, times: int
) -> None:
    server: Any = Server("fickle", on_list_tools=no_tools, on_subscriptions_listen=answer)
    session = connect("fickle", InProcessServer(server))
    for _ in range(10):
        assert len(session.list_tools()) == 0
    assert sent(session, LISTEN) == times

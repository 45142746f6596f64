from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from mcp.server.lowlevel import Server
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.resources import TextResource
from mcp_types import ListResourcesResult

import mcp_notebook
from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer
from mcp_notebook.errors import (
    AmbiguousTool,
    ConnectFailed,
    Disconnected,
    RequestFailed,
    ServerRefused,
    ServerUnreachable,
    SessionForgotten,
    SessionReplaced,
    TaskRequired,
    UnknownServer,
    UnknownTool,
    VariableUnset,
)
from mcp_notebook.host import get_host
from support.everything import EVERYTHING
from support.node import node_command
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_types import ListToolsResult

    from mcp_notebook.session import Session

TIME = StdioServer("python", ("-m", "mcp_server_time"))


def test_the_server_is_named_where_several_have_the_tool(connect: Callable[..., Session]) -> None:
    connect("here", TIME)
    connect("there", TIME)
    with pytest.raises(AmbiguousTool) as ambiguous:
        get_host().get_owner("convert_time")
    assert str(ambiguous.value) == (
        "Several servers have a tool 'convert_time': say here.convert_time or there.convert_time."
    )
    session, tool = get_host().get_owner("there.convert_time")
    assert (session.name, tool.name) == ("there", "convert_time")
    with pytest.raises(UnknownTool, match=r"there has no tool 'convert_tim'\. Did you mean 'convert_time'"):
        get_host().get_owner("there.convert_tim")


def test_a_server_that_cannot_say_what_it_has_is_in_nobodys_way(connect: Callable[..., Session]) -> None:
    async def fail(*_: object) -> ListToolsResult:
        raise RuntimeError

    def same(number: int) -> int:
        return number

    shop = MCPServer("shop")
    shop.add_tool(same)
    connect("broken", InProcessServer(Server("broken", on_list_tools=fail)))
    connect("shop", InProcessServer(shop))
    for name in ("shop.same", "same"):
        assert get_host().get_owner(name)[0].name == "shop"
    for name in ("broken.same", "other"):
        with pytest.raises(RequestFailed, match=r"^broken"):
            get_host().get_owner(name)


@pytest.mark.parametrize("kind", ["on_list_resources", "on_list_resource_templates"])
def test_a_server_that_cannot_say_what_can_be_read_is_in_nobodys_way(
    connect: Callable[..., Session], kind: str
) -> None:
    async def fail(*_: object) -> object:
        raise RuntimeError

    async def list_nothing(*_: object) -> ListResourcesResult:
        return ListResourcesResult(resources=[])

    def on_shelf(shelf: str) -> str:
        return shelf

    shop = MCPServer("shop")
    shop.add_resource(TextResource(uri="shop://rules", name="rules", text="Ask before you buy."))
    shop.resource("shop://{shelf}")(on_shelf)
    handlers: dict[str, Any] = {"on_list_resources": list_nothing, kind: fail}
    connect("broken", InProcessServer(Server("broken", **handlers)))
    connect("shop", InProcessServer(shop))
    for uri in ("shop://rules", "shop://fruit"):
        assert get_host().get_reader(uri).name == "shop"
    with pytest.raises(RequestFailed, match=r"^broken"):
        get_host().get_reader("board://news")


def test_connecting_again_replaces_the_session_and_its_process(
    children: Callable[[], list[psutil.Process]], connect: Callable[..., Session]
) -> None:
    first = connect("time", TIME)
    second = connect("time", TIME)
    assert (first.state, second.state) == ("closed", "open")
    assert len(children()) == 1


def test_a_failed_connect_leaves_no_session_and_no_process(
    children: Callable[[], list[psutil.Process]], connect: Callable[..., Session]
) -> None:
    with pytest.raises(ConnectFailed):
        connect("broken", StdioServer("python", ("-c", "raise SystemExit(1)")))
    assert list(get_host().sessions) == []
    assert children() == []


@pytest.mark.usefixtures("connect")
def test_the_python_face_connects_from_a_line_and_closes_with_the_block() -> None:
    with mcp_notebook.connect("time", "python -m mcp_server_time", era="legacy") as time:
        assert time.era == "legacy"
        assert time.call("get_current_time", timezone="UTC").structured["timezone"] == "UTC"
    assert time.state == "closed"


def test_what_is_not_connected_is_said(connect: Callable[..., Session]) -> None:
    with pytest.raises(UnknownServer, match=r"nothing is connected yet. Begin with %mcp connect\."):
        get_host().get("tme")
    with pytest.raises(UnknownTool, match="No connected server has a tool 'x': there are no tools"):
        get_host().get_owner("x")
    connect("time", TIME).close()
    with pytest.raises(Disconnected):
        get_host().get_owner("time.convert_time")


def test_a_restart_that_fails_can_be_tried_again(connect: Callable[..., Session], tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text("import mcp_server_time; mcp_server_time.main()")
    connect("time", StdioServer("python", (str(script),)))
    script.rename(tmp_path / "elsewhere.py")
    with pytest.raises(ConnectFailed):
        get_host().restart("time")
    (tmp_path / "elsewhere.py").rename(script)
    assert get_host().restart("time").state == "open"


def test_a_typo_in_a_definition_costs_no_connection(connect: Callable[..., Session]) -> None:
    time = connect("time", TIME)
    for typo in (replace(TIME, env={"A": "${NO_SUCH_VARIABLE}"}), HTTPServer("${NO_SUCH_VARIABLE}")):
        with pytest.raises(VariableUnset):
            get_host().connect("time", typo)
        with pytest.raises(VariableUnset):
            get_host().connect_all({"time": typo})
        with pytest.raises(VariableUnset):
            asyncio.run(get_host().aconnect("time", typo))
    assert get_host().get("time") is time
    assert time.call("get_current_time", timezone="UTC").structured["timezone"] == "UTC"
    assert len(get_host().logs["time"].messages) > 0


def test_a_session_that_was_disconnected_by_its_name_says_how_to_have_one_again(
    connect: Callable[..., Session],
) -> None:
    closed, ended = connect("time", TIME), connect("git", TIME)
    closed.close()
    with pytest.raises(Disconnected, match="Run %mcp restart time"):
        closed.list_tools()
    assert get_host().restart("time").state == "open"  # which is true
    get_host().disconnect("git")
    with pytest.raises(UnknownServer, match="There is no server 'git'"):
        get_host().restart("git")
    with pytest.raises(SessionForgotten, match=r"To have one again: session = %mcp connect git \.\.\."):
        ended.call("get_current_time", timezone="UTC")
    assert get_host().connect("git", TIME).state == "open"
    assert ended.state == "closed"


def test_a_replaced_session_says_so(connect: Callable[..., Session]) -> None:
    first = connect("time", TIME)
    get_host().connect_all({"time": TIME})
    with pytest.raises(SessionReplaced):
        first.call("get_current_time", timezone="UTC")
    asyncio.run(get_host().aconnect("time", TIME))
    second = get_host().get("time")
    third = get_host().restart("time")
    with pytest.raises(SessionReplaced, match="session = %mcp restart time"):
        second.list_tools()
    assert (first.state, second.state, third.state) == ("closed", "closed", "open")


def test_a_lost_server_is_named_where_something_is_missed(
    children: Callable[[], list[psutil.Process]], connect: Callable[..., Session]
) -> None:
    connect("time", TIME)
    (server,) = children()
    server.kill()
    psutil.wait_procs([server], timeout=10)
    wait_until(lambda: get_host().gone, "the connection to be lost")
    with pytest.raises(UnknownTool, match=r"there are no tools\. \(time is lost: %mcp restart time\)"):
        get_host().get_owner("get_current_time")
    with pytest.raises(UnknownServer, match=r"Nothing is connected\. \(time is lost: %mcp restart time\)"):
        get_host().get("git")


def test_https_at_a_port_without_tls_is_told_from_a_port_where_nobody_is(
    connect: Callable[..., Session], workshop_url: str
) -> None:
    with pytest.raises(ServerUnreachable, match=r"no TLS is spoken there.*Try http:// in place of https://"):
        connect("workshop", HTTPServer(workshop_url.replace("http://", "https://")))
    with pytest.raises(ServerRefused, match=r"answered 404: .*; the path is usually /mcp$"):
        connect("workshop", HTTPServer(workshop_url.replace("/mcp", "/other")))
    with pytest.raises(ServerRefused, match=r"answered 4\d\d: .*leave out --sse"):
        connect("workshop", HTTPServer(workshop_url, era="legacy", sse=True))


def test_a_tool_that_needs_a_task_is_not_called(connect: Callable[..., Session]) -> None:
    command = node_command(EVERYTHING)
    everything = connect("everything", StdioServer(command[0], (*command[1:], "stdio")))
    needing = [tool.name for tool in everything.tools if tool.execution and tool.execution.task_support == "required"]
    assert needing
    with pytest.raises(TaskRequired):
        everything.call(needing[0])
    with pytest.raises(TaskRequired):
        asyncio.run(everything.acall(needing[0]))

"""Server objects of this process: what runs where, and what is seen when their code fails."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from mcp.server import MCPServer, Server
from mcp_types import CallToolResult, ListToolsResult, TextContent, Tool

import mcp_notebook
from mcp_notebook.config import InProcessServer, is_server_object
from mcp_notebook.errors import CallTimedOut, HandshakeFailed, RequestFailed, ToolFailed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from mcp_notebook.session import Session


@pytest.fixture
def shop() -> MCPServer:
    """A server as a person would write one in a cell."""
    server = MCPServer("shop")
    let_go = threading.Event()

    @server.tool()
    def price(item: str) -> float:
        """What it costs."""
        return {"saw": 12.5}[item]

    @server.tool()
    def thread() -> str:
        """Where plain functions run."""
        return threading.current_thread().name

    @server.tool()
    async def loop_thread() -> str:
        """Where coroutine functions run."""
        return threading.current_thread().name

    @server.tool()
    def stick() -> str:
        """Do not end until told so."""
        let_go.wait(30)
        return "unstuck"

    @server.tool()
    def unstick() -> None:
        """Let the other one end."""
        let_go.set()

    return server


async def list_tools(_context: Any, _params: Any) -> ListToolsResult:
    return ListToolsResult(tools=[Tool(name="halve", input_schema={"type": "object"})])


async def call_tool(_context: Any, params: Any) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=str(10 / params.arguments["by"]))])


def test_a_server_object_is_connected_in_each_era_with_framed_messages(
    shop: MCPServer, connect: Callable[..., Session], era: Any
) -> None:
    session = connect("shop", InProcessServer(shop, era))
    assert session.call("price", item="saw").structured == {"result": 12.5}
    assert session.era == ("legacy" if era == "legacy" else "modern")
    assert session.log.messages[0].body["jsonrpc"] == "2.0"
    assert repr(session.definition) == f"InProcessServer(\"MCPServer 'shop' in this notebook\", era={era!r})"


@pytest.mark.usefixtures("connect")
def test_the_python_api_takes_server_objects_of_both_kinds(shop: MCPServer) -> None:
    assert mcp_notebook.connect("shop", shop).tools.names[0] == "price"
    lowlevel = Server("maths", on_list_tools=list_tools, on_call_tool=call_tool)
    assert mcp_notebook.connect("maths", lowlevel).call("halve", by=2).text == "5.0"


def test_only_server_objects_are_taken_for_such(shop: MCPServer) -> None:
    class Own(MCPServer):
        pass

    assert is_server_object(shop)
    assert is_server_object(Own("x"))
    assert is_server_object(Server("x"))
    assert not is_server_object("MCPServer")
    assert not is_server_object(MCPServer)


def test_functions_run_off_the_thread_of_the_cells(shop: MCPServer, connect: Callable[..., Session]) -> None:
    session = connect("shop", InProcessServer(shop))
    assert session.call("thread").text == "AnyIO worker thread"
    assert session.call("loop_thread").text == "mcp-notebook-loop"


def test_a_server_that_was_written_anew_is_connected_under_its_old_name(
    shop: MCPServer, connect: Callable[..., Session]
) -> None:
    old = connect("shop", InProcessServer(shop))
    new = MCPServer("shop")
    new.add_tool(lambda: "new", name="price")
    assert connect("shop", InProcessServer(new)).call("price").text == "new"
    assert old.state == "closed"


def test_a_failure_is_shown_where_it_happened(
    shop: MCPServer,
    connect: Callable[..., Session],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler()])  # as `MCPServer` does in a kernel
    session = connect("shop", InProcessServer(shop))
    with pytest.raises(ToolFailed) as failed:
        session.call("price", item="axe")
    assert str(failed.value) == "shop.price failed: Error executing tool price"
    shown = capsys.readouterr().err
    assert shown.startswith(f'Traceback (most recent call last):\n  File "{__file__}", line ')
    assert shown.endswith("KeyError: 'axe'\n")
    assert shown.count("File") == 1


def test_a_failure_of_a_lowlevel_server_is_shown_too(
    connect: Callable[..., Session], era: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Server("maths", on_list_tools=list_tools, on_call_tool=call_tool)
    session = connect("maths", InProcessServer(server, era))
    with pytest.raises(RequestFailed):
        session.call("halve", by=0)
    assert capsys.readouterr().err.endswith("ZeroDivisionError: division by zero\n")


def test_a_server_whose_start_fails_is_one_sentence(connect: Callable[..., Session], era: Any) -> None:
    @asynccontextmanager
    async def lifespan(_server: Any) -> AsyncIterator[None]:
        raise RuntimeError("there is no database")
        yield

    with pytest.raises(HandshakeFailed) as failed:
        connect("shop", InProcessServer(Server("shop", lifespan=lifespan), era))
    assert str(failed.value) == (
        "shop: no MCP connection came about: the server raised RuntimeError: there is no database. "
        "See %mcp log shop --raw"
    )


def test_a_function_that_does_not_end_hangs_neither_a_later_call_nor_closing(
    shop: MCPServer, connect: Callable[..., Session]
) -> None:
    session = connect("shop", InProcessServer(shop))
    with pytest.raises(CallTimedOut):
        session.call("stick", timeout=0.2)
    assert session.call("price", item="saw").text == "12.5"
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < 5
    connect("shop", InProcessServer(shop)).call("unstick")

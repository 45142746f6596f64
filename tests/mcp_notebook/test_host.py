from __future__ import annotations

from typing import TYPE_CHECKING

import psutil
import pytest

import mcp_notebook
from mcp_notebook.config import StdioServer
from mcp_notebook.errors import AmbiguousTool, ConnectFailed, Disconnected, UnknownServer, UnknownTool
from mcp_notebook.host import get_host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    with pytest.raises(UnknownTool, match=r"Did you mean 'there\.convert_time'"):
        get_host().get_owner("there.convert_tim")


def test_connecting_again_replaces_the_session_and_its_process(connect: Callable[..., Session]) -> None:
    first = connect("time", TIME)
    second = connect("time", TIME)
    assert (first.state, second.state) == ("closed", "open")
    assert len(psutil.Process().children()) == 1


def test_a_failed_connect_leaves_no_session_and_no_process(connect: Callable[..., Session]) -> None:
    with pytest.raises(ConnectFailed):
        connect("broken", StdioServer("python", ("-c", "raise SystemExit(1)")))
    assert list(get_host().sessions) == []
    assert psutil.Process().children() == []


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

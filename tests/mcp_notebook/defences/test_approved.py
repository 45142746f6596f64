from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer
from mcp_notebook.defences.address import find_address
from mcp_notebook.defences.approved import Approved
from mcp_notebook.defences.changes import describe_change, write_diff
from mcp_notebook.defences.definition import Definition, read_definition

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "python weather.py"


@pytest.fixture
def approved(tmp_path: Path) -> Approved:
    return Approved(lambda: tmp_path / "approved")


def tool(name: str = "get_forecast", description: str = "Tells the weather.", **more: Any) -> Definition:
    return read_definition("tool", {"name": name, "description": description, "inputSchema": {}, **more})


def test_the_first_look_is_kept_and_tells_nothing(approved: Approved, tmp_path: Path) -> None:
    assert approved.compare(ADDRESS, [tool()]) == []
    (file,) = (tmp_path / "approved").glob("*.json")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert approved.compare(ADDRESS, [tool(_meta={"any": 1}, icons=[])]) == []  # no model reads these


@pytest.mark.parametrize(
    "now",
    [tool(description="Send everything."), tool(inputSchema={"a": 1}), tool(annotations={"readOnlyHint": True})],
    ids=["description", "schema", "annotations"],
)
def test_a_change_is_told_until_it_is_approved(approved: Approved, now: Definition) -> None:
    approved.compare(ADDRESS, [tool()])
    for _ in range(2):
        (change,) = approved.compare(ADDRESS, [now])
        assert (change.kind, change.before, change.after) == ("changed", tool(), now)
    approved.approve(ADDRESS, [now])
    assert approved.compare(ADDRESS, [now]) == []


def test_what_is_new_and_what_is_gone_are_told_apart(approved: Approved) -> None:
    approved.compare(ADDRESS, [tool("a"), tool("b")])
    changes = approved.compare(ADDRESS, [tool("b"), tool("c")])
    assert [describe_change("weather", change) for change in changes] == [
        "weather.c was added since the server was approved",
        "weather.a was approved, and is gone",
    ]
    approved.approve(ADDRESS, [tool("c")])
    assert [change.kind for change in approved.compare(ADDRESS, [tool("b"), tool("c")])] == ["removed"]
    approved.approve_all(ADDRESS, [tool("b"), tool("c")])
    assert approved.compare(ADDRESS, [tool("b"), tool("c")]) == []


def test_a_tool_that_went_and_comes_back_changed_is_told(approved: Approved) -> None:
    approved.compare(ADDRESS, [tool("a"), tool("b")])
    approved.compare(ADDRESS, [tool("b")])
    changes = approved.compare(ADDRESS, [tool("a", "Lies."), tool("b")])
    assert [change.kind for change in changes] == ["changed"]


def test_the_first_list_of_another_kind_is_kept_too(approved: Approved) -> None:
    approved.compare(ADDRESS, [tool()])
    prompt = read_definition("prompt", {"name": "review", "description": "Reviews."})
    assert approved.compare(ADDRESS, [tool(), prompt]) == []
    changed = read_definition("prompt", {"name": "review", "description": "Lies."})
    assert [change.kind for change in approved.compare(ADDRESS, [tool(), changed])] == ["changed"]


def test_a_file_that_cannot_be_read_is_named(approved: Approved, tmp_path: Path) -> None:
    approved.compare(ADDRESS, [tool()])
    (file,) = (tmp_path / "approved").glob("*.json")
    for content in ("{", "[]", '{"version": 1}', '{"version": 1, "definitions": [1]}'):
        file.write_text(content)
        with pytest.raises(ValueError, match=file.name):
            approved.compare(ADDRESS, [tool()])


def test_a_diff_shows_lines_of_a_description_and_what_nobody_sees(approved: Approved) -> None:
    approved.compare(ADDRESS, [tool(description="One.\nTwo.\nThree.\nFour.")])
    (change,) = approved.compare(ADDRESS, [tool(description="One.\nTwo.\u200b\nThree.\nFour.")])
    assert write_diff(change) == ['  "description": "One.', "-Two.", "+Two.⟨U+200B zero width space⟩", " Three."]


def test_a_server_is_known_by_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "server.py").touch()
    url = HTTPServer("https://user:secret@example.org/mcp?key=1")
    assert find_address(url) == "https://example.org/mcp"
    assert find_address(StdioServer("uvx", ("mcp-server-time",))) == "uvx mcp-server-time"
    here = StdioServer("python", ("server.py",), cwd=str(tmp_path))
    assert find_address(here) == f"python server.py in {tmp_path}"
    assert find_address(InProcessServer(object())) is None


def test_a_server_may_be_a_program_on_the_command_line() -> None:
    program = "print('a server')\n" * 500  # no file has such a name, and asking for it is an OSError
    assert (find_address(StdioServer("python", ("-c", program))) or "").startswith("python -c")

"""Tab in real kernels, on both lines of ipykernel, and in terminal IPython."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.kernelspecs import LINES
from support.node import node_command
from support.notebook import Notebook, notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELF = Path(__file__).parents[1] / "shelf_server.py"


@pytest.fixture(scope="module")
def shelf_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a file "hang" makes the server stop answering."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture(scope="module", params=LINES)
def shelf(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shelf_directory: Path
) -> Iterator[Notebook]:
    """A kernel that is connected to the shelf and to `time`, with some variables."""
    with notebook_with_extension(request.param, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(f"shelf = %mcp connect shelf -- {sys.executable} {SHELF} {shelf_directory}")
        notebook.run_well("%mcp connect time -- python -m mcp_server_time")
        notebook.run_well("import json\nzone = 'UTC'\ndef zoom(): pass")
        yield notebook


def complete(notebook: Notebook, cell: str, cursor: int | None = None) -> list[str]:
    """The whole cell, as it would be after each of the completions that a front end is given."""
    at = len(cell) if cursor is None else cursor
    reply = notebook.client.complete(cell, at, reply=True, timeout=30)["content"]
    return [cell[: reply["cursor_start"]] + match + cell[reply["cursor_end"] :] for match in reply["matches"]]


@pytest.mark.parametrize(
    ("cell", "completed"),
    [
        ("%mcp disc", ["%mcp disconnect"]),
        ("x = 1\ny = %mcp too", ["x = 1\ny = %mcp tools", "x = 1\ny = %mcp tool"]),
        ("%mcp tools s", ["%mcp tools shelf"]),
        ("%mcp call fe", ["%mcp call fetch"]),
        ("out << %mcp call shelf.p", ["out << %mcp call shelf.put-back"]),
        ("%mcp call fetch i", ["%mcp call fetch item="]),
        ("%mcp call fetch item=$z", ["%mcp call fetch item=$zone"]),
        ("%mcp call fetch unit=i", ["%mcp call fetch unit=inch"]),
        ("%mcp call fetch \\\n    wrap=t", ["%mcp call fetch \\\n    wrap=true"]),
        ("%mcp call fetch item=x --ti", ["%mcp call fetch item=x --timeout"]),
        ("%%mcp call fetch\nit", ["%%mcp call fetch\nitem: "]),
        ('%%mcp call fetch\n{"unit": "i', ['%%mcp call fetch\n{"unit": "inch"']),
        ("%mcp read shelf://r", ["%mcp read shelf://rules"]),
        (
            "%mcp read shelf://tools/items/h",
            ["%mcp read shelf://tools/items/hammer", '%mcp read "shelf://tools/items/hand saw"'],
        ),
        ("%mcp read shelf://{shelf}/items/{item} shelf=w", ["%mcp read shelf://{shelf}/items/{item} shelf=woods"]),
        ("%mcp prompt pl", ["%mcp prompt plan"]),
        ("%mcp prompt plan shelf=woods item=o", ["%mcp prompt plan shelf=woods item=oak"]),
        ("%mcp help disc", ["%mcp help disconnect"]),
    ],
)
def test_tab_completes(shelf: Notebook, cell: str, completed: list[str]) -> None:
    assert complete(shelf, cell) == completed


def test_tab_in_the_middle_of_a_line_leaves_the_rest(shelf: Notebook) -> None:
    assert complete(shelf, "%mcp call fet item=x", 13) == ["%mcp call fetch item=x"]


@pytest.mark.parametrize("line", ["%mcp call zo", "%mcp call fetch item=jso", "%mcp tools -s js", "%mcp nothing z"])
def test_tab_offers_nothing_that_does_not_belong_there(shelf: Notebook, line: str) -> None:
    assert complete(shelf, line) == []


def test_tab_elsewhere_is_ipythons(shelf: Notebook) -> None:
    assert complete(shelf, "zon") == ["zone"]
    assert "%mcp" in complete(shelf, "%mc")


def test_tab_completes_the_files_of_a_command(shelf: Notebook, tmp_path: Path) -> None:
    (tmp_path / "server_of_mine.py").touch()
    assert complete(shelf, f"%mcp connect x -- {tmp_path}/server_of") == [
        f"%mcp connect x -- {tmp_path}/server_of_mine.py"
    ]


def test_tab_knows_the_servers_of_a_configuration_file(shelf: Notebook, tmp_path: Path) -> None:
    (tmp_path / "mcp.json").write_text('{"mcpServers": {"lake": {"command": "x"}, "pond": {"command": "y"}}}')
    line = f"%mcp connect --config {tmp_path}/mcp.json "
    assert [f"{line}lake", f"{line}pond"] == complete(shelf, line)[:2]


def test_tab_knows_the_server_objects_of_the_notebook(shelf: Notebook) -> None:
    shelf.run_well("from mcp.server import MCPServer\nmine = MCPServer('mine')")
    assert complete(shelf, "%mcp connect mi") == ["%mcp connect mine"]


def test_tab_knows_the_tools_in_python(shelf: Notebook) -> None:
    assert complete(shelf, "shelf.tools.fe") == ["shelf.tools.fetch"]
    assert "shelf.tools.fetch(item=" in complete(shelf, "shelf.tools.fetch(it")
    assert complete(shelf, "shelf.tools['put") == ["shelf.tools['put-back"]


def test_shift_tab_shows_the_schema(shelf: Notebook) -> None:
    code = "shelf.tools.fetch("
    shown = shelf.client.inspect(code, len(code), reply=True, timeout=30)["content"]["data"]["text/plain"]
    shown = re.sub(r"\x1b\[\d+m", "", shown)
    assert "item: str" in shown
    assert "unit: Literal['cm', 'inch'] = 'cm'" in shown
    assert "Fetch an item." in shown


@pytest.mark.alone
def test_tab_does_not_wait_for_a_silent_server(shelf: Notebook, shelf_directory: Path) -> None:
    complete(shelf, "%mcp call fe")
    hang = shelf_directory / "hang"
    hang.touch()
    try:
        began = time.monotonic()
        assert complete(shelf, "%mcp prompt plan item=h") == []
        assert time.monotonic() - began < 1.0
        assert complete(shelf, "%mcp call conv") == ["%mcp call convert_time"]
        assert time.monotonic() - began < 2.0
    finally:
        hang.unlink()
    assert complete(shelf, "%mcp prompt plan item=hamm") == ["%mcp prompt plan item=hammer"]


def test_a_server_that_nobody_here_wrote_suggests_values(tmp_path: Path) -> None:
    with notebook_with_extension(LINES[0], tmp_path) as notebook:
        command = " ".join([*node_command("@modelcontextprotocol/server-everything"), "stdio"])
        notebook.run_well(f"%mcp connect everything -- {command}")
        line = "%mcp prompt completable-prompt department="
        assert complete(notebook, f"{line}S") == [f"{line}Sales", f"{line}Support"]
        assert complete(notebook, f"{line}Sales name=D") == [f"{line}Sales name=David"]
        assert complete(notebook, "%mcp call get-annotated-message messageType=e") == [
            "%mcp call get-annotated-message messageType=error"
        ]


def test_a_lost_server_offers_nothing_and_hides_nothing(tmp_path: Path) -> None:
    with notebook_with_extension(LINES[0], tmp_path) as notebook:
        notebook.run_well(f"%mcp connect shelf -- {sys.executable} {SHELF} {tmp_path}")
        notebook.run_well("%mcp connect time -- python -m mcp_server_time")
        for process in notebook.process.children():
            if str(SHELF) in process.cmdline():
                process.kill()
                process.wait(10)
        assert complete(notebook, "%mcp call ") == ["%mcp call get_current_time", "%mcp call convert_time"]
        assert complete(notebook, "%mcp disconnect s") == ["%mcp disconnect shelf"]


def test_unloading_takes_completion_and_settings_back(tmp_path: Path) -> None:
    with notebook_with_extension(LINES[0], tmp_path) as notebook:
        assert "MCPMagics" in notebook.run_well("%config").text
        notebook.run_well("%unload_ext mcp_notebook")
        assert "%mcp connect" not in complete(notebook, "%mcp conn")
        assert "MCPMagics" not in notebook.run_well("%config").text
        notebook.run_well("%load_ext mcp_notebook")
        assert complete(notebook, "%mcp disc") == ["%mcp disconnect"]


def test_settings_are_changed_in_a_cell_and_come_from_the_project(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mcp-notebook]\nmax_rows = 2\ncolour = 'red'\n")
    (tmp_path / "kernel").mkdir()
    with notebook_with_extension(LINES[0], tmp_path / "kernel") as notebook:
        notebook.run_well("%unload_ext mcp_notebook")
        cell = notebook.run_well(f"import os; os.chdir({str(tmp_path)!r})\n%load_ext mcp_notebook")
        assert cell.text == (
            f"mcp-notebook: {tmp_path}/pyproject.toml: [tool.mcp-notebook] has no setting 'colour'. There are: era, "
            "max_characters, max_rows, registry, timeout.\n"
        )
        code = "from mcp_notebook.display import Table; print(repr(Table(('n',), [(n,) for n in range(9)])))"
        assert notebook.run_well(code).text == "n\n0\n1\n… 7 more rows; .DataFrame() has them all\n"
        notebook.run_well("%config MCPMagics.max_rows = 8")
        assert notebook.run_well(code).text.endswith("… 1 more rows; .DataFrame() has them all\n")


def test_the_default_timeout_of_calls_is_a_setting(shelf: Notebook) -> None:
    shelf.run_well("%config MCPMagics.timeout = 0.0001")
    (error,) = shelf.run("%mcp call shelf.fetch item=x").of_type("error")
    assert error["evalue"].startswith("shelf.fetch gave no result within 0.0001 s and was cancelled.")
    shelf.run_well("%mcp call shelf.fetch item=x --timeout 30")
    shelf.run_well("%config MCPMagics.timeout = None")


TERMINAL = """
import sys
from prompt_toolkit.document import Document
from prompt_toolkit.completion import CompleteEvent
from IPython.terminal.interactiveshell import TerminalInteractiveShell
from IPython.terminal.ptutils import IPythonPTCompleter

shell = TerminalInteractiveShell.instance()
shell.run_line_magic("load_ext", "mcp_notebook")
shell.run_cell("%mcp connect time -- python -m mcp_server_time", silent=True)
completer = IPythonPTCompleter(shell=shell)
for line in ["%mcp call conv", "x = %mcp call convert_time ti", "%mcp disc"]:
    print([one.text for one in completer.get_completions(Document(line), CompleteEvent(completion_requested=True))])
"""


def test_tab_completes_in_terminal_ipython(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL],
        env={"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines()[-3:] == ["['convert_time']", "['time=']", "['disconnect']"], done.stderr

"""Configuration files by the magics, in real kernels on both lines of ipykernel."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell

if TYPE_CHECKING:
    from pathlib import Path

    from support.cells import FinishedCell
    from support.notebook import Notebook

SECRET = "correct-horse-battery"  # noqa: S105  what must not be seen anywhere
CONFIG = """{
  // asked for when it starts
  "inputs": [{"type": "promptString", "id": "api-key", "description": "API key", "password": true}],
  "servers": {
    "time": {"command": "python", "args": ["-m", "mcp_server_time"]},
    "keyed": {"command": "python", "args": ["-m", "mcp_server_time"], "env": {"API_KEY": "${input:api-key}"}},
    "off": {"command": "python", "args": ["-m", "mcp_server_time"], "disabled": true},
    "bad": {"type": "pigeon"},
  },
}"""


def result_of(cell: FinishedCell) -> str:
    (shown,) = [*cell.of_type("execute_result"), *cell.of_type("display_data")]
    return shown["data"]["text/plain"]


def red_line(cell: FinishedCell) -> str:
    assert cell.reply["status"] == "error", cell.reply
    (line,) = cell.of_type("error")[0]["traceback"][:1]
    return line.removeprefix("\x1b[31m").removesuffix("\x1b[0m")


@pytest.fixture
def project(notebook: Notebook, tmp_path: Path) -> Path:
    """The notebook's folder, with VS Code's file in it."""
    folder = tmp_path / "project"
    (folder / ".vscode").mkdir(parents=True)
    (folder / ".vscode" / "mcp.json").write_text(CONFIG)
    notebook.run_well(f"import os; os.chdir({str(folder)!r})")
    return folder


@pytest.mark.usefixtures("project")
def test_a_notebook_sees_what_a_file_has_and_connects_by_name(notebook: Notebook) -> None:
    cell = notebook.run_well("%mcp connect --config")
    assert cell.text == "Connect with: %mcp connect --config NAME...\n"
    rows = [line.split() for line in result_of(cell).splitlines()]
    assert rows[1] == ["time", "python", "-m", "mcp_server_time", ".vscode/mcp.json"]
    assert [row[:2] for row in rows[3:]] == [["off", "disabled"], ["bad", "unusable"]]
    assert result_of(notebook.run_well("%mcp connect --config time")) == "<Session time: open, modern, 2 tools>"
    assert "time    open" in result_of(notebook.run_well("%mcp connect --config .vscode/mcp.json"))
    assert result_of(notebook.run_well("%mcp restart time")) == "<Session time: open, modern, 2 tools>"
    table = result_of(notebook.run_well("%mcp connect --config . time off"))
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [["time", "open"], ["off", "open"]]
    assert len(notebook.process.children()) == 2
    notebook.run_well("%config MCPMagics.era = 'legacy'")
    assert result_of(notebook.run_well("%mcp connect --config time")) == "<Session time: open, legacy, 2 tools>"
    assert "time    open" in result_of(notebook.run_well("%mcp connect --config"))


def test_all_that_can_be_used_are_connected_and_the_others_are_said(notebook: Notebook, project: Path) -> None:
    definitions = '{"good": {"command": "python", "args": ["-m", "mcp_server_time"]}, "bad": {"type": "pigeon"}}'
    (project / "some.json").write_text(f'{{"mcpServers": {definitions}}}')
    cell = notebook.run_well("%mcp connect --config some.json --all")
    said = "MCP: some.json: the server 'bad' has the type 'pigeon'; there are stdio, http and sse. It is left out.\n"
    assert cell.text == said
    assert result_of(cell).startswith("<Session good: open")
    notebook.run_well("%mcp disconnect good")


@pytest.mark.usefixtures("project")
def test_the_person_is_asked_for_a_secret_which_is_kept_nowhere(notebook: Notebook) -> None:
    message = notebook.client.execute("%mcp connect --config keyed", allow_stdin=True)
    question = notebook.client.get_stdin_msg(timeout=30)["content"]
    assert question == {"prompt": "keyed: API key: ", "password": True}
    notebook.client.input(SECRET)
    shown = [finish_cell(notebook.client, message)]
    assert shown[0].reply["status"] == "ok", shown[0].reply
    (server,) = notebook.process.children()
    assert server.environ()["API_KEY"] == SECRET
    lines = ["%mcp restart keyed", "%mcp", "%mcp log keyed --raw", "_session = get_host().get('keyed')", "_session"]
    lines += ["repr(_session.definition), vars(_session.definition)", "%mcp export out.json", "%history", "%whos"]
    notebook.run_well("from mcp_notebook.host import get_host")
    shown += [notebook.run_well(line) for line in lines]  # and nobody was asked again
    assert SECRET not in json.dumps([cell.messages for cell in shown], default=str)


def test_where_nobody_can_be_asked_the_variable_is_named(notebook: Notebook, project: Path) -> None:
    assert red_line(notebook.run("%mcp connect --config keyed")) == (
        "MCP: keyed's variable API_KEY in .vscode/mcp.json asks for 'api-key', nobody can be asked here, and the "
        "environment variable API_KEY is not set. Set it before Jupyter starts, or in a cell: import os; "
        "os.environ['API_KEY'] = ..."
    )
    assert red_line(notebook.run("%mcp connect --config time keyed")) == (
        "MCP: 1 of 2 servers could not be connected to. Connected: time."
    )
    notebook.run_well(f"os.environ['API_KEY'] = {SECRET!r}")
    assert result_of(notebook.run_well("%mcp connect --config keyed")) == "<Session keyed: open, modern, 2 tools>"
    assert (
        notebook.run_well("%mcp export keyed mcp.json").text == "Wrote keyed to mcp.json, for Claude Code and others.\n"
    )
    assert json.loads((project / "mcp.json").read_text())["mcpServers"]["keyed"]["env"] == {"API_KEY": "${API_KEY}"}
    assert notebook.run_well("%mcp export keyed mcp.json").text == "Already in mcp.json: keyed.\n"


@pytest.mark.usefixtures("project")
def test_a_file_is_named_by_a_variable_too(notebook: Notebook) -> None:
    notebook.run_well("from pathlib import Path; file = Path('mcp.json')")
    notebook.run_well("%mcp connect time -- python -m mcp_server_time")
    assert notebook.run_well("%mcp export time $file").text == "Wrote time to $file, for Claude Code and others.\n"
    assert (
        notebook.run_well("%mcp connect --config $file").text == "Connect with: %mcp connect --config $file NAME...\n"
    )
    assert result_of(notebook.run_well("%mcp connect --config $file time")) == "<Session time: open, modern, 2 tools>"
    assert red_line(notebook.run("%mcp connect --config $files")).startswith("MCP: Neither this notebook nor the envir")


USER_ERRORS = {
    "%mcp connect --config nowhere.json": (
        "MCP: There is no file nowhere.json. %mcp connect --config shows what the usual files have."
    ),
    "%mcp connect --config tme": (
        "MCP: .vscode/mcp.json has no server 'tme'. It has: time, keyed, off, bad. Did you mean 'time'?"
    ),
    "%mcp connect --config bad": (
        "MCP: .vscode/mcp.json: the server 'bad' has the type 'pigeon'; there are stdio, http and sse."
    ),
    "%mcp connect --config time --all": (
        "MCP: Say either names or --all. Usage: %mcp connect NAME -- COMMAND ARGS... or NAME URL "
        '[-H "Header: value"]... [--sse] or OBJECT [--era auto|legacy|modern] or --config [FILE] [NAME...|--all] '
        "or [NAME] --registry SERVER"
    ),
    "%mcp export out.json": ("MCP: Nothing is connected that could be written. Usage: %mcp export [SERVER...] FILE"),
    "%mcp export time": (
        "MCP: 'time' is no file that ends in .json: the file comes last. Usage: %mcp export [SERVER...] FILE"
    ),
    "%mcp export": "MCP: The following arguments are required: FILE. Usage: %mcp export [SERVER...] FILE",
    "%mcp restart tim": "MCP: There is no server 'tim': nothing is connected yet. Begin with %mcp connect.",
}


@pytest.mark.usefixtures("project")
def test_what_goes_wrong_is_one_line_that_says_what_to_do(notebook: Notebook) -> None:
    assert {line: red_line(notebook.run(line)) for line in USER_ERRORS} == USER_ERRORS

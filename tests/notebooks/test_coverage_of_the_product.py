"""Whatever the product offers is in a tutorial: run in a cell, or, where no notebook can run it, shown in its text."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache

import nbformat
import pytest

from mcp_notebook.magics.commands import COMMANDS
from mcp_notebook_server.tools import TOOLS
from support.tutorials import TUTORIALS, markdown_of

_ONLY_IN_TEXT = {
    "registry": "it asks the public registry",
    "signout": "somebody has to have signed in, by hand",
    "demo": "it is a notebook itself, in a JupyterLab of its own",
    "stdio": "a host starts it, by the entry that `config` writes",
}
"""What no notebook runs by its name, and why."""


@cache
def all_code() -> str:
    books = [nbformat.read(notebook, as_version=4) for notebook in TUTORIALS]
    return "\n".join(cell.source for book in books for cell in book.cells if cell.cell_type == "code")


@cache
def all_text() -> str:
    return "\n".join(map(markdown_of, TUTORIALS))


def line_commands() -> list[str]:
    """The commands of `mcp-notebook`, as its help lists them."""
    command = [sys.executable, "-m", "mcp_notebook_server.cli", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.findall(r"(?m)^    ([a-z]+)  ", shown)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name])
def test_each_magic_is_in_a_tutorial(name: str) -> None:
    assert re.search(rf"%mcp {name}\b", all_text() if name in _ONLY_IN_TEXT else all_code())


def test_the_status_is_shown_in_a_tutorial() -> None:
    assert re.search(r"(?m)^%mcp *$", all_code())


@pytest.mark.parametrize("name", [tool.name for tool in TOOLS])
def test_each_tool_is_called_in_a_tutorial(name: str) -> None:
    assert re.search(rf"\b{name}\b", all_code())


def test_each_command_of_the_command_line_is_in_a_tutorial() -> None:
    commands = line_commands()
    assert {"token", "stdio", "config", "doctor", "demo"} <= set(commands)
    for name in commands:
        assert f"mcp-notebook {name}" in all_text(), name
        assert name in _ONLY_IN_TEXT or f'command("{name}"' in all_code(), name


def test_nothing_is_excused_that_is_not_there() -> None:
    assert set(_ONLY_IN_TEXT) <= {*COMMANDS, *line_commands()}

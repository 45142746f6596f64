"""One story with all that the host side does: on each ipykernel, in a terminal, by papermill, beside nest_asyncio."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from support.kernelspecs import EVERY_LINE, NEWEST
from support.notebook import notebook_with_extension
from support.story import story

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("line", EVERY_LINE)
def test_the_story_runs_in_a_kernel(line: str, tmp_path: Path) -> None:
    with notebook_with_extension(line, tmp_path) as notebook:
        for cell in story(tmp_path):
            notebook.run_well(cell)


def test_the_story_runs_where_nest_asyncio_was_applied(tmp_path: Path) -> None:
    with notebook_with_extension(NEWEST, tmp_path) as notebook:
        notebook.run_well("import nest_asyncio; nest_asyncio.apply()")
        for cell in story(tmp_path):
            notebook.run_well(cell)


def test_papermill_runs_the_story_with_a_parameter(tmp_path: Path) -> None:
    *cells, disconnect, unload = story(tmp_path)
    given = ["%mcp call double n=$number -o eight", "assert eight.structured == {'result': 8}"]
    notebook = new_notebook(
        cells=[
            new_code_cell("number = 1", metadata={"tags": ["parameters"]}),
            *map(new_code_cell, ["%load_ext mcp_notebook", *cells, *given, disconnect, unload]),
        ]
    )
    nbformat.write(notebook, tmp_path / "story.ipynb")
    papermill = [sys.executable, "-m", "papermill", "--kernel", "python3", "--language", "python", "-p", "number", "4"]
    environment = os.environ | {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path / "ipython")}
    done = subprocess.run(
        [*papermill, str(tmp_path / "story.ipynb"), str(tmp_path / "done.ipynb")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


TERMINAL = """
import json, sys
from IPython.terminal.interactiveshell import TerminalInteractiveShell
shell = TerminalInteractiveShell.instance(simple_prompt=True)
for cell in json.load(sys.stdin):
    shell.run_cell(cell).raise_error()
"""


def test_the_story_runs_in_a_terminal(tmp_path: Path) -> None:
    cells = ["%load_ext mcp_notebook", *story(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-c", TERMINAL],
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr

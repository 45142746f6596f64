"""One story with all that the host side does, on every line of ipykernel and in a terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.kernelspecs import EVERY_LINE
from support.notebook import notebook_with_extension
from support.story import story

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("line", EVERY_LINE)
def test_the_story_runs_in_a_kernel(line: str, tmp_path: Path) -> None:
    with notebook_with_extension(line, tmp_path) as notebook:
        for cell in story(tmp_path):
            notebook.run_well(cell)


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

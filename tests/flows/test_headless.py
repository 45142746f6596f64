"""Servers ask in notebooks that nobody looks at: nbconvert, papermill and nbval run them to their end.

The three run side by side, each with directories of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SERVERS = CHECKOUT / "tests" / "mcp_notebook" / "approval"
DECLINED = (
    "MCP: asking, in {tool} asked something ({kind}); nobody is there to answer, so it was declined. "
    "%mcp policy {kind}=... decides beforehand.\n"
)
CALLS = {
    "x = %mcp call book": ("elicitation", '{"action":"decline"}'),
    "x = %mcp call visit url=https://example.org/": ("elicitation", '{"action":"decline"}'),
    "x = %mcp call poem": ("sampling", "error: The person declined the request."),
}
TOOLS = {
    "nbconvert": ["nbconvert", "--to", "notebook", "--execute", "asks.ipynb", "--output", "done.ipynb"],
    "papermill": ["papermill", "asks.ipynb", "done.ipynb"],
    "nbval": ["pytest", "--nbval", "-p", "no:cacheprovider", "asks.ipynb"],
}


def expected(call: str) -> str:
    kind, answer = CALLS[call]
    return DECLINED.format(tool=call.split()[4], kind=kind) + answer + "\n"


def write_notebook(file: Path) -> None:
    """Write the notebook with the outputs that it is to have, which nbval compares."""
    codes = [f"import sys; sys.path.append({str(SERVERS)!r})\nfrom asking_server import server as asking"]
    codes += ["%load_ext mcp_notebook", "%mcp connect asking --era legacy"]
    cells = [new_code_cell(code, metadata={"tags": ["nbval-ignore-output"]}) for code in codes]
    for call in CALLS:
        output = new_output("stream", name="stdout", text=expected(call))
        cells.append(new_code_cell(f"{call}\nprint(x.text)", outputs=[output], execution_count=1))
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, file)


def start(directory: Path, command: list[str]) -> subprocess.Popen[str]:
    directory.mkdir()
    write_notebook(directory / "asks.ipynb")
    # IPython's history would be one file for all three.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "IPYTHON", "PYTEST"))}
    environment |= {"HOME": str(directory), "IPYTHONDIR": str(directory / "ipython")}
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[int, str, Path]]]:
    """What came of each run: the exit code, what was printed, and its directory."""
    base = tmp_path_factory.mktemp("headless")
    started = {name: start(base / name, command) for name, command in TOOLS.items()}
    try:
        printed = {name: process.communicate(timeout=110)[0] for name, process in started.items()}
        yield {name: (process.returncode, printed[name], base / name) for name, process in started.items()}
    finally:
        for process in started.values():
            process.kill()


@pytest.mark.parametrize("tool", TOOLS)
def test_what_servers_ask_is_declined_with_one_line_each(runs: dict[str, tuple[int, str, Path]], tool: str) -> None:
    code, printed, directory = runs[tool]
    assert code == 0, printed
    if tool == "nbval":
        assert f"{len(CALLS) + 3} passed" in printed
        return
    done = nbformat.read(directory / "done.ipynb", as_version=4)
    texts = ["".join(one.get("text", "") for one in cell.outputs) for cell in done.cells[-len(CALLS) :]]
    assert texts == [expected(call) for call in CALLS]

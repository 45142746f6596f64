"""The progress of a call, as kernels, saved notebooks, terminals and plain text show it."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from mcp_notebook.magics.progress import Progress
from support.cells import finish_cell, start_cell
from support.paths import CHECKOUT
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.notebook import Notebook

ARCHIVE = f"{sys.executable} {CHECKOUT}/tests/mcp_notebook/archive_server.py"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("saw", 1, 4), "saw: 25 % (1 of 4)"),
        (Progress("saw", 1, 4, "first\ncut"), "saw: 25 % (1 of 4) first cut"),
        (Progress("saw", 1234567.5), "saw: (1,234,567.5)"),
        (Progress("saw", 4, 4, state="done"), "saw: done (4 of 4)"),
        (Progress("saw", 1, 4, state="stopped"), "saw: stopped at 25 % (1 of 4)"),
        (Progress("saw", 1, state="stopped"), "saw: stopped (1)"),
        (Progress("saw", 5, 4), "saw: 100 % (5 of 4)"),
        (Progress("saw", 5, 0), "saw: (5 of 0)"),
        (Progress("saw", float("nan"), float("inf")), "saw: (nan of inf)"),
    ],
)
def test_progress_is_said_in_one_line(progress: Progress, text: str) -> None:
    assert progress.to_text() == text


def test_a_bar_of_unknown_length_moves_until_the_end() -> None:
    assert Progress("saw", 7, seconds=1.26).to_html() == "<progress></progress> saw: (7) · 1.3 s"
    assert Progress("saw", 7, state="done").to_html().startswith('<progress value="1.0000"></progress> saw: done')
    assert (
        Progress("saw", 1, 4, "<b>").to_html()
        == '<progress value="0.2500"></progress> saw: 25 % (1 of 4) &lt;b&gt; · 0.0 s'
    )


def connect(notebook: Notebook, directory: Path) -> None:
    notebook.run_well(f"%mcp connect archive -- {ARCHIVE} {directory}")


def next_progress(notebook: Notebook) -> str:
    """The text of the next change of the bar."""
    while True:
        message = notebook.client.get_iopub_msg(timeout=30)
        if message["msg_type"] in {"display_data", "update_display_data"}:
            return message["content"]["data"]["text/plain"]


def test_the_last_notification_of_a_burst_is_shown_while_the_call_goes_on(notebook: Notebook, directory: Path) -> None:
    connect(notebook, directory)
    began = time.monotonic()
    burst = start_cell(notebook.client, "%mcp call burst -o x")
    seen = [next_progress(notebook)]
    while seen[-1] != "burst: 100 % (100 of 100) step 100":
        seen.append(next_progress(notebook))
    assert len(seen) <= 2 + 10 * (time.monotonic() - began)
    (directory / "go").touch()
    cell = finish_cell(notebook.client, burst)
    (final,) = cell.of_type("update_display_data")
    assert final["data"]["text/plain"] == "burst: done (100 of 100) step 100"
    assert re.fullmatch(
        r'<progress value="1\.0000"></progress> burst: done \(100 of 100\) step 100 · \d+\.\d s',
        final["data"]["text/html"],
    )


@pytest.mark.parametrize("how", ["failure", "interrupt"])
def test_a_call_that_ends_badly_says_where_it_stopped(notebook: Notebook, directory: Path, how: str) -> None:
    connect(notebook, directory)
    failing = start_cell(notebook.client, "%mcp call fail")
    while next_progress(notebook) != "fail: 100 % (100 of 100) step 100":
        pass
    if how == "interrupt":
        notebook.manager.interrupt_kernel()
    (directory / "go").touch()
    cell = finish_cell(notebook.client, failing)
    assert (
        cell.of_type("update_display_data")[-1]["data"]["text/plain"] == "fail: stopped at 100 % (100 of 100) step 100"
    )


def test_a_call_without_progress_shows_none(notebook: Notebook, directory: Path) -> None:
    connect(notebook, directory)
    cell = notebook.run_well("%mcp call many -o x")
    assert cell.of_type("display_data") == []


def test_a_saved_notebook_has_the_last_state_only(tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    lines = ["%load_ext mcp_notebook", f"%mcp connect archive -- {ARCHIVE} {tmp_path}", "%mcp call burst -o x"]
    notebook: Any = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(line) for line in lines])
    environment = {"PATH": os.environ["PATH"], "IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path)}
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    (output,) = notebook.cells[-1].outputs
    assert output["data"]["text/plain"] == "burst: done (100 of 100) step 100"


def ipython(tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    (tmp_path / "go").touch()
    script = tmp_path / "session.ipy"
    script.write_text(f"%load_ext mcp_notebook\n%mcp connect archive -- {ARCHIVE} {tmp_path}\n%mcp call burst -o x\n")
    command = [sys.executable, "-m", "IPython", "--no-banner", "--colors=NoColor", str(script)]
    return command, {"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path), "PATH": os.environ["PATH"]}


def test_a_terminal_has_one_line_that_is_written_over(tmp_path: Path) -> None:
    command, environment = ipython(tmp_path)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, env={**environment, "TERM": "xterm"}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    read = bytearray()
    try:
        wait_until(lambda: read_some(ours, read), "IPython to end", seconds=60)
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    *_, line = (one for one in read.decode().split("\n") if "burst:" in one)
    assert line.count("\rburst: ") >= 2
    assert re.search(r"\rburst: done \(100 of 100\) step 100 · \d+\.\d s\x1b\[K\r?$", line)


def read_some(terminal: int, read: bytearray) -> bool:
    """Read what is there; True when there is nothing more to come, which Linux says with an error."""
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        return True
    read += piece
    return not piece


def test_text_that_cannot_be_changed_has_how_it_ended(tmp_path: Path) -> None:
    command, environment = ipython(tmp_path)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    lines = [line for line in done.stdout.splitlines() if "burst" in line]
    assert lines == ["burst: done (100 of 100) step 100"]
    assert "\r" not in done.stdout

"""Servers that do what servers should not, used from a real kernel: no cell hangs, and no child stays behind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from support.cells import finish_cell, run_cell, start_cell
from support.kernelspecs import NEWEST
from support.notebook import notebook_with_extension
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

RUDE = f"{sys.executable} {Path(__file__).with_name('rude_server.py')}"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel for all of these, connected to a server that does what servers should not."""
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(f"%mcp connect rude -- {RUDE}")
        yield notebook


@pytest.fixture(autouse=True)
def still_usable(notebook: Notebook) -> Iterator[None]:
    """After each of these the kernel answers, and so does the server."""
    yield
    assert notebook.run_well("print((get_ipython().run_line_magic('mcp', 'call echo')).text)").text == "echo\n"


def memory(notebook: Notebook) -> int:
    """The kernel's memory, in bytes."""
    return notebook.process.memory_info().rss


def test_a_thousand_calls_in_one_cell_take_no_memory(notebook: Notebook) -> None:
    calls = "for number in range({}):\n    echo = %mcp call echo\n    assert echo.text == 'echo'"
    notebook.run_well(calls.format(300))
    before = memory(notebook)
    notebook.run_well(calls.format(1000))
    assert memory(notebook) - before < 10 * MEBIBYTE


def test_a_flood_neither_fills_memory_nor_the_outputs(notebook: Notebook) -> None:
    notebook.run_well("%mcp call flood rate:=10000 seconds:=1.5")  # fills the wire log
    before = memory(notebook)
    cell = notebook.run_well("%mcp call flood rate:=10000 seconds:=2")
    assert memory(notebook) - before < 10 * MEBIBYTE
    assert len(cell.messages) < 10


@pytest.mark.parametrize("size", [900 * 1024, 20 * MEBIBYTE])
def test_a_large_result_arrives_and_little_of_it_is_shown(notebook: Notebook, size: int) -> None:
    cell = notebook.run_well(f"large = %mcp call large size:={size}\nassert len(large.text) == {size}\nlarge")
    (shown,) = cell.of_type("execute_result")
    assert sum(len(str(text)) for text in shown["data"].values()) < 200_000


def test_large_results_take_bounded_memory(notebook: Notebook) -> None:
    calls = f"for number in range({{}}):\n    large = %mcp call large size:={3 * MEBIBYTE}\ndel large"
    notebook.run_well(calls.format(8))
    before = memory(notebook)
    notebook.run_well(calls.format(12))
    assert memory(notebook) - before < 30 * MEBIBYTE  # the log keeps 16 MiB


WATCH = """
import threading, time, mcp_notebook.host
log = mcp_notebook.host.get_host().get("rude").log
def watch():
    while log.messages[-1].method != "tools/call" or log.messages[-1].direction != "sent":
        time.sleep(0.005)
    print("sent", flush=True)
thread = threading.Thread(target=watch)
thread.start()
never = %mcp call never
"""


def test_a_call_that_is_never_answered_can_be_interrupted(notebook: Notebook) -> None:
    cell = start_cell(notebook.client, WATCH)
    while notebook.client.get_iopub_msg(timeout=60)["msg_type"] != "stream":
        pass
    notebook.manager.interrupt_kernel()
    assert finish_cell(notebook.client, cell).reply["status"] == "error"
    said = notebook.run_well("thread.join()\nprint(log.messages[-1].method)")
    assert said.text == "notifications/cancelled\n"


def test_garbage_harms_no_later_message(notebook: Notebook) -> None:
    cell = notebook.run_well("garbled = %mcp call garble\nprint(garbled.text)")
    assert cell.text == "garble\n"


def test_twenty_servers_at_once_are_connected_called_and_gone(notebook: Notebook) -> None:
    before = notebook.process.children()
    notebook.run_well(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "import mcp_notebook\n"
        f"def connect(number): return mcp_notebook.connect(f'rude{{number}}', {RUDE!r})\n"
        "with ThreadPoolExecutor(20) as pool:\n"
        "    sessions = list(pool.map(connect, range(20)))\n"
        "    texts = list(pool.map(lambda session: session.call('echo').text, sessions))\n"
        "assert texts == ['echo'] * 20"
    )
    started = [child for child in notebook.process.children() if child not in before]
    assert len(started) == 20
    notebook.run_well("for session in sessions: mcp_notebook.host.get_host().disconnect(session.name)")
    assert [child for child in started if child.is_running()] == []


@pytest.mark.parametrize("way", ["restart", "kill"])
def test_no_child_outlives_its_kernel(notebook: Notebook, way: str) -> None:
    children = notebook.process.children(recursive=True)
    assert children
    start_cell(notebook.client, "never = %mcp call never")  # in the middle of a call
    if way == "restart":
        notebook.manager.restart_kernel()
    else:
        notebook.process.kill()
        wait_until(lambda: not notebook.manager.is_alive(), "the kernel's end")
        notebook.manager.restart_kernel()
    _, alive = psutil.wait_procs(children, timeout=10)
    assert alive == []
    notebook.client.wait_for_ready(timeout=60)
    assert run_cell(notebook.client, "%load_ext mcp_notebook").reply["status"] == "ok"
    notebook.run_well(f"%mcp connect rude -- {RUDE}")

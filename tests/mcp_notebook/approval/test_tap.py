"""A click is heard while its cell runs, however the cell waits and whomever the front end addresses."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, start_cell
from support.clicks import AskingCell, click, create_subshell
from support.kernelspecs import EVERY_LINE, IPYKERNEL_6, LINES
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

ROUNDS = int(os.environ.get("MCP_NOTEBOOK_CLICK_ROUNDS", "20"))
"""How often the stress test clicks on each line; `make clicks` clicks 200 times."""

SETUP = """\
import asyncio, socket, threading, time
from mcp_notebook.approval.tap import find_tap
tap = find_tap(get_ipython().kernel)
wake, waker = socket.socketpair()
def begin():
    global hits, hit
    hits, hit = [], threading.Event()
    tap.hear("ours", hear)
    print("waiting\\n", end="", flush=True)  # in one piece
def hear(said):
    hits.append((said, threading.current_thread().name))
    hit.set()
    waker.send(b".")
"""
WAITS = {
    "sleep": "for _ in range(1500):\n    time.sleep(0.01)\n    if hits: break",
    "event": "hit.wait(15)",
    "await": "while not hits: await asyncio.sleep(0.01)",
    "pump": "tap.pump(wake, hit.is_set)",
}
LEAVE = "\ntap.forget('ours'); print([said for said, _ in hits])"


@pytest.fixture(scope="module", params=EVERY_LINE)
def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Notebook, str]]:
    with notebook_with_extension(request.param, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(SETUP)
        yield notebook, request.param


def waits_of(line: str) -> list[str]:
    """ipykernel 6 reads the channel in the main thread: a cell that only sleeps there hears nothing."""
    return ["pump", "await"] if line == IPYKERNEL_6 else ["sleep", "event", "await"]


def test_a_click_reaches_a_cell_that_runs_and_the_kernel_reads_busy_after_it(kernel: tuple[Notebook, str]) -> None:
    notebook, line = kernel
    subshells = [None] if line == IPYKERNEL_6 else [None, create_subshell(notebook.client)]
    for wait, subshell in itertools.product(waits_of(line), subshells):
        cell = AskingCell(notebook.client, f"begin()\n{WAITS[wait]}{LEAVE}")
        cell.wait_for_output()
        queued = [start_cell(notebook.client, f"print({number})") for number in (1, 2)]
        cell.click("ours", {"way": wait}, subshell)
        finished = cell.finish()
        assert finished.text == f"[{{'way': '{wait}'}}]\n", (wait, subshell)
        states = [m["content"]["execution_state"] for m in finished.messages if m["msg_type"] == "status"]
        assert states[-2:] == ["busy", "idle"]
        assert [finish_cell(notebook.client, one).text for one in queued] == ["1\n", "2\n"]


def test_a_half_drawn_plot_is_finished_and_shown_once_under_its_cell(kernel: tuple[Notebook, str]) -> None:
    notebook, line = kernel
    notebook.run_well("%matplotlib inline\nimport matplotlib.pyplot as plt")
    wait = WAITS[waits_of(line)[0]]
    cell = AskingCell(
        notebook.client, f"plt.plot([1, 2])\nbegin()\n{wait}{LEAVE}\nplt.plot([2, 1]); print(len(plt.gca().lines))"
    )
    cell.wait_for_output()
    cell.click("ours", {})
    finished = cell.finish()
    assert finished.text == "[{}]\n2\n"
    [display] = finished.of_type("display_data")
    assert "image/png" in display["data"]


def test_messages_of_others_pass_in_their_order_while_we_listen(kernel: tuple[Notebook, str]) -> None:
    notebook, _ = kernel
    notebook.run_well(
        "from comm import create_comm\nheard = []\ntheirs = create_comm(target_name='x', comm_id='theirs')\n"
        "theirs.on_msg(lambda message: heard.append(message['content']['data']['content']))\n"
        "tap.hear('ours', hear)"
    )
    for number in range(3):
        click(notebook.client, "theirs", number)
    assert notebook.run_well("tap.forget('ours'); print(heard)").text == "[0, 1, 2]\n"


def test_a_message_that_is_not_signed_is_not_heard(kernel: tuple[Notebook, str]) -> None:
    notebook, _ = kernel
    notebook.run_well("hits = []; tap.hear('ours', lambda said: hits.append(said))")
    key = notebook.client.session.key
    notebook.client.session.key = b"another"
    click(notebook.client, "ours", "forged")
    notebook.client.session.key = key
    click(notebook.client, "ours", "signed")
    assert notebook.run_well("tap.forget('ours'); print(hits)").text.endswith("['signed']\n")


@pytest.mark.timeout(400)  # many rounds, of which each has a time limit of its own
@pytest.mark.parametrize("line", EVERY_LINE if ROUNDS > 100 else LINES)
def test_no_click_and_no_queued_cell_is_lost_under_stress(line: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with notebook_with_extension(line, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(SETUP)
        # The first completion reads what the standard library has: on a busy machine that took longer than 20 s.
        notebook.client.complete("impor", reply=True, timeout=100)  # pyright: ignore[reportCallIssue]  made by a wrapper
        for number in range(ROUNDS):
            fails = number % 2 == 1
            end = "\nraise ValueError" if fails else ""
            cell = AskingCell(notebook.client, f"begin()\n{WAITS[waits_of(line)[0]]}{LEAVE}{end}")
            cell.wait_for_output()
            queued = [start_cell(notebook.client, f"print({one})") for one in range(3)]
            completion = notebook.client.complete("impor")
            cell.click("ours", number)
            replies: dict[str, str] = {}
            while not {cell.id, completion, *queued} <= replies.keys():
                reply = notebook.client.get_shell_msg(timeout=20)
                replies[reply["parent_header"]["msg_id"]] = reply["content"]["status"]
            assert replies[cell.id] == ("error" if fails else "ok"), number
            assert {replies[one] for one in queued} == {"aborted" if fails else "ok"}, number
            assert replies[completion] == "ok"


def test_the_channel_is_the_kernels_again_after_the_extension_is_unloaded(kernel: tuple[Notebook, str]) -> None:
    notebook, _ = kernel
    notebook.run_well("%unload_ext mcp_notebook")
    unchanged = notebook.run_well("print('Tap' in repr(get_ipython().kernel.shell_stream._recv_callback))")
    assert unchanged.text == "False\n"

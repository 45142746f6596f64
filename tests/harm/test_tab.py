"""A person's browser tab gets all that is the person's, and nothing of ours."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from support.reads import SETUP, read_all
from support.tab import Tab

if TYPE_CHECKING:
    from support.jupyter import JupyterServer
    from support.mcp import Host

LINES = 400
PRINTING = f"import time\nfor i in range({LINES}): print('line', i, flush=True); time.sleep(0.005)"


@pytest.fixture
def reads(host: Host, kernel_id: str) -> Any:
    """Starts reads without pause in another thread; the returned function ends them and says how many there were."""
    stop = threading.Event()
    done: list[object] = []
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                done.extend(read_all(host, kernel_id))
        except BaseException as failure:  # noqa: BLE001  the test's thread raises it
            failures.append(failure)

    thread = threading.Thread(target=read)

    def end() -> int:
        stop.set()
        thread.join()
        if failures:
            raise failures[0]
        return len(done)

    yield thread.start, end
    if thread.is_alive():
        stop.set()
        thread.join()


@pytest.mark.alone
def test_every_line_of_a_cell_arrives_and_no_message_of_ours(
    jupyter_server: JupyterServer, kernel_id: str, host: Host, reads: Any
) -> None:
    start, end = reads

    async def work() -> tuple[str, Tab]:
        async with Tab(jupyter_server, kernel_id) as tab:
            await tab.run(SETUP)
            await asyncio.to_thread(lambda: list(read_all(host, kernel_id)))
            await tab.run("0")
            tab.messages.clear()
            start()
            cell = await tab.run(PRINTING)
            return "".join(m["content"]["text"] for m in cell if m["msg_type"] == "stream"), tab

    text, tab = asyncio.run(work())
    assert end() >= 100
    assert text == "".join(f"line {i}\n" for i in range(LINES))
    assert tab.strangers == []


def test_first_contact_shows_a_tab_at_most_that_the_kernel_was_busy(
    jupyter_server: JupyterServer, kernel_id: str, host: Host
) -> None:
    async def work() -> Tab:
        async with Tab(jupyter_server, kernel_id) as tab:
            await tab.run("import pandas")
            await asyncio.to_thread(lambda: host.read("list_variables", kernel=kernel_id))
            await tab.run("0")
            return tab

    tab = asyncio.run(work())
    assert {m["msg_type"] for m in tab.strangers} <= {"status"}

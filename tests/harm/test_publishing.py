"""Hosts that call what a notebook publishes cost its person nothing.

PUBLISHED_CALLS=10000 is the number that the project promises; fewer are made here, unless that is said.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

from support.mcp import connect, text_of
from support.tab import Tab

if TYPE_CHECKING:
    from support.jupyter import JupyterServer

CALLS = int(os.environ.get("PUBLISHED_CALLS", "500"))
LINES = 300

PUBLISH = """\
%load_ext mcp_notebook
def chatter(i: int) -> int:
    print("call", i, "x" * 200)
    return i
%mcp publish chatter
"""
PRINTING = f"import time\nfor i in range({LINES}): print('line', i, flush=True); time.sleep(0.005)"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\ntime.sleep(0.5)\nplt.plot([2, 1]);"


def test_calls_that_print_cost_the_persons_tab_not_one_output(jupyter_server: JupyterServer) -> None:
    token = jupyter_server.host_token("caller", "--published", "chatter")
    kernel_id = jupyter_server.start_kernel()

    def call(stop: asyncio.Event) -> int:
        with connect(f"{jupyter_server.mcp_url}/published/chatter", token) as host:
            done = 0
            while done < CALLS or not stop.is_set():
                assert text_of(host.call("chatter", i=done)) == str(done)
                done += 1
            return done

    async def work() -> tuple[Tab, str, str, list[str]]:
        async with Tab(jupyter_server, kernel_id) as tab:
            published = await tab.run(PUBLISH)
            stop = asyncio.Event()
            calling = asyncio.create_task(asyncio.to_thread(call, stop))
            cell = await tab.run(PRINTING)
            plot = await tab.run(PLOT)
            stop.set()
            while not calling.done():  # Jupyter cuts a tab off that reads nothing for half a minute
                await tab.run("time.sleep(0.2)")
            assert await calling >= CALLS
            state = jupyter_server.kernel_state(kernel_id)
            await tab.run("0")
            text = "".join(m["content"]["text"] for m in cell if m["msg_type"] == "stream")
            parent = published[0]["parent_header"]["msg_id"]
            strangers = [m for m in tab.strangers if m["parent_header"].get("msg_id") != parent]
            # The reader of variables goes in at the kernel's start, and that is all that this tab may see of it.
            assert {m["msg_type"] for m in strangers} <= {"status"}
            kinds = [m["msg_type"] for m in plot]
            return tab, text, state, kinds

    tab, text, state, kinds = asyncio.run(work())
    assert text == "".join(f"line {i}\n" for i in range(LINES))
    assert kinds.count("display_data") == 1  # one picture, and it is whole
    assert state == "idle"
    shown = [m for m in tab.messages if m["msg_type"] in ("display_data", "update_display_data")]
    ours = [m for m in shown if "transient" in m["content"] and m["content"]["transient"].get("display_id")]
    assert len(ours) >= 1
    assert sum(m["msg_type"] == "display_data" for m in ours) == 1  # one output, however often it is called
    assert re.search(r"^call \d+ ", ours[0]["content"]["data"]["text/plain"], re.MULTILINE)

"""A notebook publishes a server; hosts reach it through Jupyter's door."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from mcp_types import CreateMessageResult, TextContent

from support.cells import run_cell, start_cell
from support.mcp import MODES, connect, text_of
from support.publisher import LEGACY, MODERN, Publisher, RawHost, publisher_on
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from support.jupyter import JupyterServer

SHOP = """
import asyncio, threading
shop = MCPServer("shop")
counted, ended = [0], []

@shop.tool()
def add(a: int, b: int = 0) -> int:
    "Adds two numbers."
    return a + b

@shop.tool()
def measure(text: str) -> int:
    "Gives back the length of a text."
    return len(text)

@shop.tool()
def repeat(text: str, times: int) -> str:
    "Gives back a text many times."
    return text * times

@shop.tool()
async def count(n: int, ctx: Context) -> str:
    "Reports progress up to n."
    for i in range(n):
        await ctx.report_progress(i + 1, n)
        await asyncio.sleep(0.01)
    return "counted"

@shop.tool()
async def count_for_ever(ctx: Context) -> str:
    "Reports progress and never ends."
    while True:
        counted[0] += 1
        await ctx.report_progress(counted[0], message="x" * 2000)

@shop.tool()
async def linger(seconds: float, ctx: Context) -> str:
    "Says that it has begun, and takes its time."
    try:
        await ctx.report_progress(1, 2)
        await asyncio.sleep(seconds)
        ended.append("done")
    except asyncio.CancelledError:
        ended.append("cancelled")
        raise
    return "done"

@shop.tool()
async def greet(ctx: Context) -> str:
    "Asks the host's model for a greeting."
    from mcp_types import SamplingMessage, TextContent
    message = SamplingMessage(role="user", content=TextContent(text="Greet."))
    return (await ctx.session.create_message([message], max_tokens=10)).content.text

@shop.tool()
def fail() -> str:
    "Fails."
    raise ValueError("nothing on the shelf")

%mcp publish shop
"""

NAMES = ("shop", "shelf", "word", "hog")

MOST_GROWTH = 40_000_000
"""Bytes; what streams without end would fill in a second or two."""


@pytest.fixture(scope="module")
def publisher(jupyter_server: JupyterServer) -> Iterator[Publisher]:
    with publisher_on(jupyter_server) as publisher:
        publisher.run(SHOP)
        yield publisher


@pytest.fixture(scope="module")
def token(jupyter_server: JupyterServer) -> str:
    named = [word for name in NAMES for word in ("--published", name)]
    return jupyter_server.host_token("customer", *named)


@pytest.fixture(scope="module")
def second(jupyter_server: JupyterServer) -> Iterator[Publisher]:
    """Another kernel of the same Jupyter server."""
    with publisher_on(jupyter_server) as publisher:
        yield publisher


@pytest.mark.parametrize("mode", MODES)
def test_a_published_tool_is_listed_called_and_tells_its_progress(publisher: Publisher, token: str, mode: str) -> None:
    told: list[float] = []

    async def note(progress: float, *_: object) -> None:
        told.append(progress)

    with connect(publisher.url("shop"), token, mode=mode) as host:
        tools = {tool.name: tool for tool in host.portal.call(host.client.list_tools).tools}
        assert tools["add"].description == "Adds two numbers."
        assert text_of(host.call("add", a=1, b=2)) == "3"
        assert "Error" in text_of(host.call("fail"))
        call = host.client.call_tool
        host.portal.call(lambda: call("count", {"n": 5}, progress_callback=note))
    assert told == [1, 2, 3, 4, 5]


def test_a_published_tool_asks_the_hosts_model_while_a_cell_runs(publisher: Publisher, token: str) -> None:
    async def sample(*_: object) -> CreateMessageResult:
        return CreateMessageResult(role="assistant", model="m", content=TextContent(text="Good day."))

    gate = publisher.server.directory / "gate"
    cell = start_cell(publisher.client, f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)")
    with connect(publisher.url("shop"), token, mode="legacy", sampling_callback=sample) as host:
        assert text_of(host.call("greet")) == "Good day."
    gate.touch()
    finish(publisher, cell)


def finish(publisher: Publisher, cell: str) -> None:
    while publisher.client.get_shell_msg(timeout=60)["parent_header"]["msg_id"] != cell:
        pass


def test_thirty_two_calls_at_once_are_answered(publisher: Publisher, token: str) -> None:
    async def call_all(client: Any) -> list[str]:
        results = await asyncio.gather(*(client.call_tool("add", {"a": i}) for i in range(32)))
        return [text_of(result) for result in results]

    with connect(publisher.url("shop"), token) as host:
        assert host.portal.call(call_all, host.client) == [str(i) for i in range(32)]


def test_an_argument_may_be_just_under_four_mebibytes(publisher: Publisher, token: str) -> None:
    size = 4 * 1024 * 1024
    with RawHost(publisher.url("shop"), token) as host:
        fits = host.call("measure", text="x" * (size - 2000))
        assert json.loads(fits.text)["result"]["structuredContent"] == {"result": size - 2000}
    with RawHost(publisher.url("shop"), token) as host:
        refused = host.call("measure", text="x" * size)
    assert refused.status_code == 413
    assert "4194304" in refused.json()["error"]["message"]


@pytest.mark.parametrize("mode", MODES)
def test_a_result_of_900_kibibytes_arrives_whole(publisher: Publisher, token: str, mode: str) -> None:
    with connect(publisher.url("shop"), token, mode=mode) as host:
        result = host.call("repeat", text="ä", times=225 * 1024)  # twice: as text and as structured content
    assert text_of(result) == "ä" * (225 * 1024)


@pytest.mark.parametrize("era", [MODERN, LEGACY])
def test_a_host_that_reads_slowly_slows_the_function_and_fills_no_memory(
    publisher: Publisher, token: str, era: str
) -> None:
    processes = [psutil.Process(publisher.server.pid), psutil.Process(publisher.value_of("__import__('os').getpid()"))]

    def count() -> int:
        return publisher.value_of("counted[0]")

    with RawHost(publisher.url("shop"), token, era) as host, host.stream("count_for_ever") as answer:
        chunks = answer.iter_raw()
        next(chunks)
        stood_at = wait_until(lambda: stands_still(count), "the function to be held back")
        before = [process.memory_info().rss for process in processes]
        for _ in range(2000):
            next(chunks)
        assert wait_until(lambda: stands_still(count), "the function to be held back again") > stood_at
        after = [process.memory_info().rss for process in processes]
    growth = [late - early for early, late in zip(before, after, strict=True)]
    assert max(growth) < MOST_GROWTH, growth
    if era == LEGACY:  # where nobody is told that the host has gone; the others are not to wait beside it
        publisher.run("%mcp unpublish shop\n" + SHOP)


def stands_still(count: Any) -> int:
    """The count, if it is the same after a moment; else 0."""
    first = count()
    threading.Event().wait(0.3)
    return first if count() == first else 0


def test_a_function_is_cancelled_when_a_modern_host_goes(publisher: Publisher, token: str) -> None:
    publisher.run("ended.clear()")
    with RawHost(publisher.url("shop"), token) as host, host.stream("linger", seconds=3600) as answer:
        next(answer.iter_raw())
    wait_until(lambda: publisher.value_of("ended") == ["cancelled"], "the function to be cancelled")


def test_a_function_goes_on_when_a_legacy_host_goes(publisher: Publisher, token: str) -> None:
    publisher.run("ended.clear()")
    with RawHost(publisher.url("shop"), token, LEGACY) as host, host.stream("linger", seconds=0.5) as answer:
        next(answer.iter_raw())
    wait_until(lambda: publisher.value_of("ended") == ["done"], "the function to end")


@pytest.mark.parametrize("mode", MODES)
def test_a_cell_that_runs_again_replaces_the_server_under_a_connected_host(
    publisher: Publisher, token: str, mode: str
) -> None:
    heard = threading.Event()

    async def note(message: Any) -> None:
        if getattr(message, "method", "") == "notifications/tools/list_changed":
            heard.set()

    publisher.run('shelf = MCPServer("shelf")\n@shelf.tool()\ndef one() -> str: return "1"\n%mcp publish shelf')
    begun = threading.Event()
    with connect(publisher.url("shelf"), token, mode=mode, message_handler=note) as host:
        assert text_of(host.call("one")) == "1"
        if mode == "auto":
            host.portal.start_task_soon(listen, host.client, begun, heard)
            assert begun.wait(30)
        publisher.run('shelf = MCPServer("shelf")\n@shelf.tool()\ndef two() -> str: return "2"\n%mcp publish shelf')
        assert heard.wait(30)
        assert [tool.name for tool in host.portal.call(host.client.list_tools).tools] == ["two"]
        assert text_of(host.call("two")) == "2"
    publisher.run("%mcp unpublish shelf")


LIFESPAN = """
from contextlib import asynccontextmanager
@asynccontextmanager
async def live(server):
    lives.append("begun")
    yield len(lives)
    lives.append("ended")
shelf = MCPServer("shelf", lifespan=live)
@shelf.tool()
def state(ctx: Context) -> int:
    return ctx.request_context.lifespan_context
%mcp publish shelf
"""


@pytest.mark.parametrize("mode", MODES)
def test_each_server_behind_a_name_has_a_lifespan_of_its_own(publisher: Publisher, token: str, mode: str) -> None:
    publisher.run("lives = []" + LIFESPAN)
    with connect(publisher.url("shelf"), token, mode=mode) as host:
        assert text_of(host.call("state")) == "1"
        publisher.run(LIFESPAN)
        assert text_of(host.call("state")) == "2"
        assert publisher.value_of("lives") == ["begun", "begun", "ended"]
    publisher.run("%mcp unpublish shelf")
    assert publisher.value_of("lives") == ["begun", "begun", "ended", "ended"]


def test_a_server_whose_lifespan_fails_is_not_published_and_the_old_one_goes_on(
    publisher: Publisher, token: str
) -> None:
    publisher.run("lives = []" + LIFESPAN)
    cell = run_cell(publisher.client, LIFESPAN.replace('lives.append("begun")', 'raise ValueError("no stock")'))
    assert cell.reply["ename"] == "PublishFailed"
    assert "no stock" in cell.reply["evalue"]
    with connect(publisher.url("shelf"), token) as host:
        assert text_of(host.call("state")) == "1"
    publisher.run("%mcp unpublish shelf")


async def listen(client: Any, begun: threading.Event, heard: threading.Event) -> None:
    async with client.listen(tools_list_changed=True) as events:
        begun.set()
        async for _ in events:
            heard.set()
            return


def test_what_functions_print_and_how_they_fail_stands_under_the_cell_that_published(
    second: Publisher, token: str
) -> None:
    code = "def word(text: str) -> str:\n    print('said', text)\n    return 1 / len(text)\n%mcp publish word"
    cell = start_cell(second.client, code)
    finish(second, cell)
    with connect(second.url("word"), token) as host:
        host.call("word", text="")
    shown = find_shown(second, cell, "ZeroDivisionError")
    second.run("%mcp unpublish word")
    assert "said \n" in shown
    assert "Cell In[" in shown
    assert "site-packages" not in shown


def find_shown(publisher: Publisher, cell: str, text: str) -> str:
    while True:
        message = publisher.client.get_iopub_msg(timeout=30)
        if message["msg_type"] in ("display_data", "update_display_data"):
            assert message["parent_header"]["msg_id"] == cell
            shown = message["content"]["data"]["text/plain"]
            if text in shown:
                return shown


def test_a_function_that_holds_the_loop_is_named_and_holds_nobody_else(publisher: Publisher, token: str) -> None:
    publisher.run(
        'hog = MCPServer("hog")\nbegun, held = threading.Event(), threading.Event()\n@hog.tool()\n'
        'async def wait() -> str:\n    begun.set(); held.wait(60)\n    return "at last"\n'
        "@hog.tool()\ndef one() -> str: return '1'\n%mcp publish hog"
    )
    answers: list[httpx.Response] = []
    with RawHost(publisher.url("hog"), token) as first, RawHost(publisher.url("hog"), token) as second:
        thread = threading.Thread(target=lambda: answers.append(first.call("wait")))
        thread.start()
        publisher.run("assert begun.wait(30)")
        refused = wait_until(lambda: find_refusal(second), "other hosts to be told", seconds=60)
        with connect(publisher.url("shop"), token) as host:
            assert text_of(host.call("add", a=1)) == "1"
        publisher.run("held.set()")
        thread.join()
        assert "at last" in answers[0].text
        assert wait_until(lambda: second.call("one").status_code == 200, "the server to answer again")
    assert "'hog'" in refused
    assert "wait()" in refused
    publisher.run("%mcp unpublish hog")


def find_refusal(host: RawHost) -> str | None:
    answer = host.call("one")
    return answer.json()["error"]["message"] if answer.status_code == 503 else None


def test_a_token_opens_only_the_published_servers_that_it_names(
    publisher: Publisher, token: str, host_token: str
) -> None:
    with RawHost(publisher.url("shop"), host_token) as reader:
        refused = reader.call("add", a=1)
    assert refused.status_code == 403
    assert "--published shop" in refused.json()["error"]["message"]
    with RawHost(publisher.server.mcp_url, token) as customer:
        refused = customer.call("list_kernels")
    assert refused.status_code == 403
    assert "for published servers (shop, shelf" in refused.json()["error"]["message"]


def test_a_name_that_nobody_publishes_is_said_to_be_unknown(publisher: Publisher) -> None:
    url = publisher.url("never")
    all_names = publisher.server.host_token("anything", "--published", "*")
    with RawHost(url, all_names) as host:
        answer = host.call("add", a=1)
    assert answer.status_code == 404
    assert "shop" in answer.json()["error"]["message"]


def test_a_second_kernel_cannot_take_a_name_while_the_first_lives(second: Publisher, publisher: Publisher) -> None:
    cell = run_cell(second.client, "def shop() -> int: return 1\n%mcp publish shop")
    assert publisher.kernel_id in cell.reply["evalue"]
    assert cell.reply["ename"] == "NameTaken"


def test_calls_of_published_tools_are_on_record(publisher: Publisher, token: str) -> None:
    with connect(publisher.url("shop"), token, mode="legacy") as host:
        host.call("add", a=41)
        host.call("fail")
    file = publisher.server.data_directory / "mcp-notebook" / "audit.jsonl"

    def find() -> list[dict[str, Any]] | None:
        records = [json.loads(line) for line in file.read_text().splitlines()]
        last = [one for one in records if one.get("published") == "shop" and one.get("name") in ("add", "fail")][-2:]
        return last if [one["name"] for one in last] == ["add", "fail"] else None

    added, failed = wait_until(find, "the records") or []
    assert (added["name"], added["outcome"], added["token"]) == ("add", "ok", "customer")
    assert (failed["name"], failed["outcome"]) == ("fail", "error")
    assert "41" not in json.dumps(added["arguments"])  # the kind of a value is, not the value

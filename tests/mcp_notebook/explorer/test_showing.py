"""An explorer answers its page, while cells run too, and leaves nothing behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.cells import Gate, finish_cell, start_cell
from support.explorer_page import ExplorerPage, Refused
from support.kernelspecs import IPYKERNEL_6, NEWEST
from support.notebook import notebook_with_extension
from support.paths import CHECKOUT
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

SERVER = Path(__file__).with_name("market_server.py")
BAKER = CHECKOUT / "tests" / "mcp_notebook" / "tasks_server.py"
COUNT = """
import asyncio, threading
from comm import get_comm_manager
from mcp_notebook.explorer.showing import open_explorers
from mcp_notebook.loop import get_loop
import mcp_notebook.approval.tap as tap_module
async def tasks():
    return len(asyncio.all_tasks())
print(open_explorers(), len(get_comm_manager().comms), len(tap_module._tap._listeners) if tap_module._tap else 0,
      get_loop().run(tasks), sorted(thread.name for thread in threading.enumerate() if "AnyIO" not in thread.name))
"""


@pytest.fixture(scope="module", params=[NEWEST, IPYKERNEL_6])
def notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    directory = tmp_path_factory.mktemp("kernel")
    with notebook_with_extension(request.param, directory) as notebook:
        notebook.run_well(f"%mcp connect market -- {sys.executable} {SERVER} {directory} 100")
        notebook.run_well("from mcp_notebook.explorer import servers; servers._WATCH_SECONDS = 600")  # else 60
        yield notebook


@pytest.fixture
def page(notebook: Notebook) -> Iterator[ExplorerPage]:
    page = ExplorerPage(notebook.client)
    yield page
    if not page.closed:
        page.close()


@pytest.fixture(scope="module")
def baker(notebook: Notebook, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a server with tasks, to which the notebook is connected."""
    directory = tmp_path_factory.mktemp("kitchen")
    notebook.run_well(f"%mcp connect baker -- {sys.executable} {BAKER} {directory} stdio")
    return directory


@pytest.fixture
def kitchen(baker: Path) -> Iterator[Path]:
    """The same directory, where the server says where it is and is told to go on, without files of a test before."""
    yield baker
    for file in baker.iterdir():
        file.unlink()


def texts(parts: list[dict[str, Any]]) -> str:
    return "\n".join(part.get("text", "") for part in parts)


def test_each_part_of_an_explorer_is_answered(page: ExplorerPage, notebook: Notebook) -> None:
    assert page.ask("servers")["servers"][0]["name"] == "market"
    assert "Ask before you buy." in page.ask("server", server="market")["instructions"]
    listed = page.begin("tools", server="market")
    first = page.next_part(listed)["part"]["rows"]
    names = [row[0] for row in [*first, *page.wait(listed)["rows"]]]
    assert (len(names), names[0]) == (108, "place_order")
    tool = page.ask("tool", server="market", name="place_order")
    assert tool["claims"] == {"readOnlyHint": "False", "destructiveHint": "True"}
    assert tool["schema"]["required"] == ["items", "deliver_to"]
    rows = page.ask("resources", server="market")["rows"]
    assert [rows[0][0], rows[-1][0]] == ["market://rules", "market://{shelf}/{item}"]
    assert page.ask("read", server="market", uri="market://prices.csv")["parts"][0]["rows"][1] == ["plum", "1010"]
    said = {"server": "market", "kind": "prompt", "name": "plan_meal", "argument": "item", "value": "ap"}
    assert page.ask("complete", **said, context={"shelf": "fruit"})["values"] == ["apple", "apricot"]
    arguments = {"shelf": "fruit", "item": "plum"}
    messages = page.ask("messages", server="market", name="plan_meal", arguments=arguments)["parts"]
    assert texts(messages) == "Plan a meal with plum from fruit."
    assert page.ask("stderr", server="market")["text"] == "the market opens"
    notebook.run_well("%mcp policy sampling=decline")
    key = page.ask("policy")["rules"][0]["key"]
    assert page.ask("revoke", key=key)["rules"] == []
    with pytest.raises(Refused, match="gone already"):
        page.ask("revoke", key=key)


def test_a_run_is_kept_replayed_bound_and_written_as_code(page: ExplorerPage, notebook: Notebook) -> None:
    arguments = {"items": [{"name": "rye \u201cnew\u201d", "pieces": 2}], "deliver_to": {"street": "It's 1"}}
    run = page.ask("run", server="market", name="place_order", arguments=arguments)
    assert (run["run"]["state"], run["run"]["number"]) == ("done", 1)
    assert page.ask("history")["runs"][0]["arguments"] == arguments
    assert page.ask("past", number=1)["parts"] == run["parts"]
    assert page.ask("bind", number=1, variable="order") == {"bound": "order"}
    for wrong in ("1st", "class", "print"):
        with pytest.raises(Refused):
            page.ask("bind", number=1, variable=wrong)
    code = page.ask("code", server="market", name="place_order", arguments=arguments)
    same = "print(result.structured == order.structured)"
    assert notebook.run_well(f"result = {code['magic']}\n{same}").text == "True\n"
    assert notebook.run_well(f"{code['python']}\n{same}").text == "True\n"


def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_sent(page: ExplorerPage) -> None:
    answer = page.ask("run", server="market", name="pack_parcels", arguments={"parcels": "many"})
    assert [problem["pointer"] for problem in answer["problems"]] == ["/parcels"]
    assert page.ask("history")["runs"] == []


def test_a_tool_that_fails_says_why(page: ExplorerPage) -> None:
    run = page.ask("run", server="market", name="break_down")
    assert run["run"]["state"] == "failed"
    assert "the scales are broken" in texts(run["parts"])


def test_a_cancelled_run_is_cancelled_on_the_wire(page: ExplorerPage) -> None:
    key = page.begin("run", server="market", name="wait_for_rain")
    assert page.next_part(key)["part"]["run"]["state"] == "running"
    page.cancel(key)
    with pytest.raises(Refused, match="cancelled"):
        page.wait(key)
    assert page.ask("history")["runs"][0]["state"] == "cancelled"


def next_task(page: ExplorerPage, key: str) -> dict[str, Any]:
    """What the page is told next of a call's task."""
    while "task" not in (part := page.next_part(key)["part"]):
        pass
    return part["task"]


def wait_for_task(page: ExplorerPage, key: str, task: dict[str, Any]) -> None:
    while next_task(page, key) != task:
        pass


def test_the_page_is_told_how_the_task_stands_and_then_the_result(page: ExplorerPage, kitchen: Path) -> None:
    key = page.begin("run", server="baker", name="bake", arguments={"minutes": 3})
    wait_for_task(page, key, {"works": True, "said": "the server works on it: kneading"})
    (kitchen / "kneading done").touch()
    assert next_task(page, key) == {"works": True, "said": "the server works on it: in the oven"}  # nothing twice
    (kitchen / "in the oven done").touch()
    answer = page.wait(key)
    assert answer["run"]["state"] == "done"
    assert answer["parts"][0]["text"].startswith("bread after 3 minutes")


def test_cancel_cancels_the_task_at_its_server(page: ExplorerPage, kitchen: Path) -> None:
    key = page.begin("run", server="baker", name="bake")
    wait_for_task(page, key, {"works": True, "said": "the server works on it: kneading"})
    page.cancel(key)
    with pytest.raises(Refused, match="cancelled"):
        page.wait(key)
    wait_until((kitchen / "cancelled").exists, "the server to hear it")
    assert page.ask("history")["runs"][0]["state"] == "cancelled"


@pytest.mark.usefixtures("kitchen")
def test_a_task_that_asks_says_so_and_who_asks_is_named(page: ExplorerPage) -> None:
    key = page.begin("run", server="baker", name="confirm_delete", arguments={"filename": "flour"})
    wait_for_task(page, key, {"works": False, "said": "the server waits for an answer"})
    wait_until(lambda: "baker" in str(page.ask("servers")["asking"]), "the question in the inbox")
    answered = page.begin("servers", known=page.ask("servers")["known"])
    page.cancel(key)
    assert page.wait(answered)["asking"] == []


def test_the_page_is_told_when_a_server_comes_is_lost_and_goes(
    page: ExplorerPage, notebook: Notebook, tmp_path: Path
) -> None:
    kill = "import psutil; max(psutil.Process().children(), key=lambda one: one.create_time()).kill()"
    connect = f"late = %mcp connect late -- {sys.executable} {SERVER} {tmp_path} 0"
    steps = ((connect, ["open"]), (kill, ["lost"]), ("late.close()", ["closed"]), ("%mcp disconnect late", []))
    for code, wanted in steps:
        key = page.begin("servers", known=page.ask("servers")["known"])
        cell = notebook.client.execute(code)
        told = page.wait(key)
        while [one["state"] for one in told["servers"] if one["name"] == "late"] != wanted:  # it is closed, then gone
            told = page.ask("servers", known=told["known"])
        while notebook.client.get_shell_msg(timeout=60)["parent_header"].get("msg_id") != cell:
            pass


def test_messages_are_told_as_they_pass_and_an_exchange_side_by_side(page: ExplorerPage) -> None:
    key = page.begin("log", server="market", marks={})
    first = page.next_part(key)["part"]
    assert first["rows"][0][1] == 1
    page.ask("run", server="market", name="photo")
    again = page.begin("log", server="market", marks=first["marks"])
    rows = page.next_part(again)["part"]["rows"]
    call = next(row for row in rows if row[4] == "tools/call photo")
    exchange = page.ask("exchange", server="market", number=call[1])
    assert '"name": "photo"' in exchange["request"]["body"]
    assert '"mimeType": "image/png"' in exchange["answers"][0]["body"]


def test_a_saved_notebook_has_what_was_last_seen(page: ExplorerPage) -> None:
    page.ask("tools", server="market")
    page.ask("run", server="market", name="price_list")
    html = page.wait_for_still("market.price_list: done")
    assert "place_order" in html
    assert "apple" in html
    assert 'class="mcp-explorer-still"' in html


def test_the_page_is_answered_while_a_cell_runs_and_its_state_stays_true(
    page: ExplorerPage, notebook: Notebook, gate: Gate, request: pytest.FixtureRequest
) -> None:
    if request.node.callspec.params["notebook"] == IPYKERNEL_6:
        pytest.skip("ipykernel 6 reads the channel in the main thread: a cell that only sleeps there hears nothing")
    cell = start_cell(notebook.client, gate.code)
    gate.wait()
    assert page.ask("run", server="market", name="price_list")["run"]["state"] == "done"
    gate.open()
    assert finish_cell(notebook.client, cell).reply["status"] == "ok"


@pytest.mark.parametrize("said", [None, 7, "close", [], {}, {"ask": 7}, {"id": {}, "ask": "run", "said": []}])
def test_nonsense_is_refused_and_the_next_question_answered(page: ExplorerPage, said: Any) -> None:
    page.say(said)
    with pytest.raises(Refused):
        page.ask("run", server=["market"], name="price_list")
    with pytest.raises(Refused):
        page.ask("bind", number="1", variable="x")
    with pytest.raises(Refused):
        page.ask("nothing of the kind")
    assert page.ask("servers")["servers"]


def count_settled(notebook: Notebook) -> str:
    """What there is, once it is the same three times: the server's connection has to say that a run was cancelled."""
    looks: list[str] = []

    def find() -> str | None:
        looks.append(notebook.run_well(COUNT).text)
        return looks[-1] if looks[-3:] == [looks[-1]] * 3 else None

    return wait_until(find, "the counts to settle") or ""


def test_nothing_remains_after_closing(notebook: Notebook) -> None:
    counts: list[str] = []
    for _ in range(3):
        page = ExplorerPage(notebook.client)
        page.ask("tools", server="market")
        page.ask("run", server="market", name="price_list")
        page.begin("run", server="market", name="wait_for_rain")
        page.begin("log", server="market", marks={})
        page.begin("servers", known=page.ask("servers")["known"])
        page.close()
        counts.append(count_settled(notebook))
    assert counts[0].startswith("0 "), counts
    assert counts[1:] == counts[:1] * 2


def test_of_very_many_explorers_the_oldest_is_closed(notebook: Notebook) -> None:
    pages = [ExplorerPage(notebook.client) for _ in range(9)]
    count = "from mcp_notebook.explorer.showing import open_explorers; print(open_explorers())"
    assert notebook.run_well(count).text == "8\n"
    for page in pages[1:]:
        page.close()
    assert notebook.run_well(count).text == "0\n"


def test_where_nobody_looks_the_servers_are_shown_and_no_widget(notebook: Notebook) -> None:
    cell = notebook.run_well("%mcp explore")  # as nbconvert runs it
    (output,) = cell.of_type("execute_result")
    assert "market" in output["data"]["text/plain"]
    assert cell.of_type("comm_open") == []
    assert "widget" not in json.dumps(output)


def test_unloading_the_extension_closes_what_is_open(tmp_path: Path) -> None:
    with notebook_with_extension(NEWEST, tmp_path) as notebook:
        notebook.run_well(f"%mcp connect market -- {sys.executable} {SERVER} {tmp_path} 0")
        page = ExplorerPage(notebook.client)
        page.ask("tools", server="market")
        cell = notebook.run_well("%unload_ext mcp_notebook")
        closed = [
            one["comm_id"]
            for one in [*cell.of_type("comm_close"), *(m["content"] for m in cell.strangers)]
            if "comm_id" in one
        ]
        assert page.comm_id in closed
        wait_until(lambda: not notebook.process.children(), "the server to end")

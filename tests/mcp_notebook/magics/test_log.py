"""`%mcp log` and servers of the notebook itself, in real kernels on both lines of ipykernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from support.cells import FinishedCell
    from support.notebook import Notebook

SHOP = '''
from mcp.server import MCPServer
shop = MCPServer("shop")

@shop.tool()
def price(item: str) -> float:
    """What it costs."""
    print("looking up", item)
    return {"saw": 12.5}[item]
'''
LOG_USAGE = (
    " Usage: %mcp log [SERVER] [--live] [--raw] [--df] [--save FILE] [--diff A B] [--time] "
    "[--level debug|info|notice|warning|error|critical|alert|emergency|off]"
)

CAPABILITIES = "capabilities: {prompts: {listChanged: true}, resources: {listChanged: true, subscribe: true}, tools…"
CHANGES = "notifications: {promptsListChanged: true, resourcesListChanged: true, toolsListChanged: true}"
TABLE = f"""\
#     message                                     body
1  →  server/discover
2  ←  ↳ result of #1                              {CAPABILITIES}
3  →  subscriptions/listen                        {CHANGES}
4  ←  ↳ notifications/subscriptions/acknowledged  {CHANGES}
5  →  tools/list
6  ←  ↳ result of #5                              tools: price
7  →  tools/call price                            item: "saw"
8  ←  ↳ result of #7                              structuredContent: {{result: 12.5}}"""


@pytest.fixture
def shop(notebook: Notebook) -> Notebook:
    """A fresh kernel with a server of its own that was called once."""
    notebook.run_well(SHOP)
    notebook.run_well("%mcp connect shop")
    notebook.run_well("%mcp call price item=saw")
    return notebook


def text_of(cell: FinishedCell) -> str:
    (result,) = cell.of_type("execute_result")
    return result["data"]["text/plain"]


def red_line(cell: FinishedCell) -> str:
    (error,) = cell.of_type("error")
    return re.sub(r"\x1b\[\d+m", "", error["traceback"][0])


def test_a_server_of_one_cell_is_called_from_the_next_and_written_anew(shop: Notebook) -> None:
    assert text_of(shop.run_well("%mcp call price item=saw")) == "12.5"
    shop.run_well(SHOP.replace("12.5", "99.0"))
    assert text_of(shop.run_well("%mcp call price item=saw")) == "12.5"
    assert text_of(shop.run_well("%mcp connect shop --era legacy")) == "<Session shop: open, legacy, 1 tool>"
    assert text_of(shop.run_well("%mcp call price item=saw")) == "99.0"


def test_what_a_function_prints_and_how_it_fails_is_under_the_cell_that_called_it(shop: Notebook) -> None:
    cell = shop.run_well("%mcp call price item=saw")
    assert cell.text == "looking up saw\n"
    cell = shop.run("%mcp call price item=axe")
    assert cell.reply["status"] == "error"
    assert re.fullmatch(
        r"looking up axe\nTraceback \(most recent call last\):\n  Cell In\[2\], line 8, in price\n"
        r"    return .*\n[ ~^]*\nKeyError: 'axe'\n",
        cell.text,
    )
    assert red_line(cell) == "MCP: shop.price failed: Error executing tool price"
    assert cell.strangers == []


def test_the_log_is_a_table_of_what_was_sent_and_received(shop: Notebook) -> None:
    assert text_of(shop.run_well("%mcp log")) == TABLE
    assert text_of(shop.run_well("%mcp log shop")) == TABLE
    raw = text_of(shop.run_well("%mcp log --raw")).splitlines()
    assert raw[0].startswith('1 → {"id": 1, "jsonrpc": "2.0", "method": "server/discover", "params": {"_meta": {')
    assert len(raw) == 8
    frame = shop.run_well("frame = %mcp log --df\nprint(list(frame.kind))")
    assert frame.text == "['request', 'result', 'request', 'notification', 'request', 'result', 'request', 'result']\n"
    clock = text_of(shop.run_well("%mcp log --raw --time")).splitlines()[0]
    assert re.match(r"1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00 → ", clock)


def test_a_log_is_saved_and_compared(shop: Notebook, tmp_path: Path) -> None:
    file = tmp_path / "before.jsonl"
    assert shop.run_well(f"%mcp log shop --save {file}").text == f"Saved 8 messages to {file}.\n"
    assert shop.run_well(f"%mcp log --diff {file} shop").text == "No difference.\n"
    shop.run_well("%mcp tools shop")
    shop.run_well("%mcp connect shop")
    difference = text_of(shop.run_well(f"%mcp log --diff {file} shop")).splitlines()
    assert difference[:2] == [f"--- {file}", "+++ shop"]
    assert difference[2] == '- → tools/call: params.arguments.item: "saw", params.name: "price"'
    assert difference[3].startswith("- ← result: ")
    assert len(difference) == 4


USER_ERRORS = {
    "%mcp log --raw --df": "MCP: One of --live, --raw, --df, --save, --diff and --level at a time." + LOG_USAGE,
    "%mcp log shp": "MCP: There is no log of 'shp'. There are logs of shop. Did you mean 'shop'?",
    "%mcp log --save /nowhere/log": "MCP: '/nowhere/log' cannot be written: No such file or directory." + LOG_USAGE,
    "%mcp log --diff shop /nowhere/log": (
        "MCP: '/nowhere/log' is neither a connection nor a file that %mcp log --save has written." + LOG_USAGE
    ),
    "%mcp log --diff shop /dev/null": None,
    f"%mcp log --diff shop {__file__}": f"MCP: {__file__!r} is no file that %mcp log --save has written." + LOG_USAGE,
    "%mcp connect number": (
        "MCP: 'number' is of type int, no server of the MCP SDK: say a URL, or -- and a command. Usage: %mcp connect"
    ),
    "%mcp connect nothing": (
        "MCP: Say a URL, or -- and a command, as this notebook has no server object 'nothing'. Usage: %mcp connect"
    ),
}


def test_what_a_user_can_do_wrong_is_one_line(shop: Notebook) -> None:
    shop.run_well("number = 1")
    for line, sentence in USER_ERRORS.items():
        cell = shop.run(line)
        if sentence is None:
            assert cell.reply["status"] == "ok"
        else:
            assert red_line(cell).startswith(sentence), line


def test_an_empty_log_says_how_to_begin(notebook: Notebook) -> None:
    assert notebook.run_well("%mcp log").text == "Nothing was sent or received yet. Begin with %mcp connect.\n"

"""`%mcp subscribe`: what changes is seen in the output of its line, also while a cell runs, and nowhere else.

And the other lines about what holds until it is said otherwise: `%mcp log --level`, `%mcp roots`, `%mcp cache`.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.cells import FinishedCell, Gate, finish_cell, start_cell
from support.kernelspecs import LINES
from support.notebook import Notebook, notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

BOARD = Path(__file__).parent.parent / "board_server.py"


@pytest.fixture(scope="module", params=LINES)
def notebook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel connected to the board."""
    directory = tmp_path_factory.mktemp("kernel")
    with notebook_with_extension(request.param, directory) as notebook:
        notebook.run_well(f"%mcp connect board -- {sys.executable} {BOARD} stdio {directory}")
        yield notebook


def result_of(cell: FinishedCell) -> str:
    (result,) = cell.of_type("execute_result")
    return result["data"]["text/plain"]


def red_line(cell: FinishedCell) -> str:
    (error,) = cell.of_type("error")
    return re.sub(r"\x1b\[\d*m", "", error["traceback"][0])


def start_with_person(notebook: Notebook, code: str) -> str:
    """Send a cell as a front end does that can be asked: somebody looks."""
    return notebook.client.execute(code, allow_stdin=True)


def next_update(notebook: Notebook) -> tuple[str, str]:
    """Wait for the next change of an output: its text, and the cell that it belongs to."""
    while True:
        message = notebook.client.get_iopub_msg(timeout=30)
        if message["msg_type"] == "update_display_data":
            return message["content"]["data"]["text/plain"], message["parent_header"]["msg_id"]


def test_a_change_is_seen_in_the_line_that_subscribed_while_another_cell_runs(notebook: Notebook, gate: Gate) -> None:
    cell = start_with_person(notebook, "menu = %mcp subscribe board board://menu")
    subscribed = finish_cell(notebook.client, cell)
    (output,) = subscribed.of_type("display_data")
    assert output["data"]["text/plain"] == "board://menu of board has not changed yet"
    calls = "board = mcp_notebook.host.get_host().get('board')\nfor _ in range(50): board.call('change')\n"
    running = start_cell(notebook.client, f"import mcp_notebook.host\n{calls}{gate.code}")
    texts: list[str] = []
    while not texts or "50 times" not in texts[-1]:
        text, parent = next_update(notebook)
        texts.append(text)
        assert parent in {cell, running}  # ipykernel 6 knows one parent for all threads
    assert len(texts) < 25  # not one for each change
    gate.open()
    assert finish_cell(notebook.client, running).text == ""
    assert result_of(notebook.run_well("%mcp subscribe")).split() == (
        ["server", "what", "changes", "state", "board", "board://menu", "50", "watched"]
    )
    assert notebook.run_well("%mcp unsubscribe board://menu").text == "Not watched any more: board://menu of board.\n"
    assert next_update(notebook)[0].endswith("50 times; it is not watched any more: you ended it")
    assert notebook.run_well("%mcp subscribe").text == "Nothing is watched. Begin with: %mcp subscribe URI\n"


def test_a_function_prints_under_the_cell_that_subscribed_and_lists_can_be_watched(notebook: Notebook) -> None:
    code = """
import mcp_notebook.host, threading
done = threading.Event()
board = mcp_notebook.host.get_host().get('board')
board.subscribe("tools", lambda tools: (print(tools), done.set()))
%mcp subscribe prompts
"""
    subscribed = notebook.run_well(code)
    assert subscribed.of_type("display_data")[0]["data"]["text/plain"] == "prompts of board has not changed yet"
    told = notebook.run_well("%mcp call pin\nassert done.wait(20)")
    printed = [one for one in [*told.messages, *told.strangers] if one["msg_type"] == "stream"]
    assert "".join(one["content"]["text"] for one in printed) == "<Subscription to tools of board: changed once>\n"
    assert [one for one in told.strangers if one["msg_type"] == "update_display_data"] == []  # nobody looked: see nbval
    gone = notebook.run_well("%mcp unsubscribe --all").text
    assert gone == "Not watched any more: tools of board, prompts of board.\n"


WRONG = {
    "%mcp subscribe nothing": "Say a URI, which has a colon, or a server and which list of it.",
    "%mcp subscribe bord board://menu": "There is no server 'bord'.",
    "%mcp unsubscribe board board://menu": "board://menu of board is not watched; %mcp subscribe shows what is.",
}


def test_what_a_person_can_do_wrong_is_one_line(notebook: Notebook) -> None:
    for line, sentence in WRONG.items():
        assert red_line(notebook.run(line)).startswith(f"MCP: {sentence}")


def test_levels_roots_and_the_cache_are_switched_by_a_line(notebook: Notebook, tmp_path: Path) -> None:
    asked = notebook.run_well("%mcp log board --level error\n%mcp call say").text
    assert asked == "Asked board for log messages from error on; %mcp log shows them.\n"
    assert notebook.run_well("%mcp roots").text == "Servers are told of no folders. Tell them with: %mcp roots FOLDER\n"
    told = notebook.run_well(f"%mcp roots {tmp_path}")
    assert told.text == "Connected before there were roots, so not told: board. To tell: %mcp restart board\n"
    assert str(tmp_path) in result_of(told)
    assert "is no folder" in red_line(notebook.run("%mcp roots /nowhere"))
    assert result_of(notebook.run_well("%mcp cache board on")).split()[-3:] == ["board", "on", "modern"]
    read = notebook.run_well("%mcp read board://news -o news\n%mcp read board://news -o news")
    assert read.text == "MCP: board://news of board came from the cache, as it is still fresh.\n"
    assert result_of(notebook.run_well("%mcp cache off")).split()[-3:] == ["board", "off", "modern"]

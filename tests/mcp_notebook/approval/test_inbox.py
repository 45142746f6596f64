"""What a server asks while no cell waits for it stands in the inbox, and is answered there, also while a cell runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.cells import Gate, finish_cell, start_cell
from support.clicks import InboxFace
from support.kernelspecs import LINES
from support.waiting import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from support.notebook import Notebook

pytestmark = pytest.mark.parametrize("notebook", LINES, indirect=True)


def ask_later(notebook: Notebook, when: Path) -> None:
    notebook.run_well(f"x = %mcp call asking.remind when={when}")


def answer_of(when: Path) -> dict[str, Any]:
    answer = when.with_suffix(".answer")
    wait_until(answer.exists, "the server to hear the answer")
    return json.loads(answer.read_text())


def test_it_is_answered_between_cells(notebook: Notebook, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for when in (first, second):
        ask_later(notebook, when)
    inbox = InboxFace(notebook.client)
    first.touch()
    [entry] = inbox.wait_for(bool)
    assert (entry["question"]["message"], entry["question"]["asker"]) == ("Where to, first?", "asking")
    second.touch()
    assert [one["question"]["message"] for one in inbox.wait_for(bool)] == ["Where to, first?", "Where to, second?"]

    inbox.answer(entry["id"], "accept", {"city": 3})
    [pointed_out, _] = inbox.wait_for(bool)
    assert pointed_out["problems"] == {"city": "This must be a text."}
    inbox.answer(entry["id"], "accept", {"city": "Seoul"})
    assert answer_of(first) == {"action": "accept", "content": {"city": "Seoul"}}
    [left] = inbox.wait_for(lambda entries: len(entries) == 1)
    assert inbox.last == "asking: answered."
    inbox.answer(left["id"], "decline")
    assert answer_of(second) == {"action": "decline"}
    inbox.wait_for(lambda entries: not entries)


def test_it_is_answered_while_a_cell_runs_that_reads_busy_after_it(notebook: Notebook, tmp_path: Path) -> None:
    when, gate = tmp_path / "when", Gate(tmp_path)
    ask_later(notebook, when)
    inbox = InboxFace(notebook.client)
    cell = start_cell(notebook.client, f"{gate.code}print('done')")
    gate.wait()
    when.touch()
    [entry] = inbox.wait_for(bool)
    clicked = inbox.answer(entry["id"], "decline")
    if "6.31" in notebook.environment.get("PYTHONPATH", ""):  # there nobody reads clicks while a cell only sleeps
        gate.open()
        assert finish_cell(notebook.client, cell).text == "done\n"
        assert answer_of(when) == {"action": "decline"}
        return
    assert answer_of(when) == {"action": "decline"}
    inbox.wait_for(lambda entries: not entries)
    assert inbox.states[-2:] == [("idle", clicked), ("busy", cell)]
    gate.open()
    assert finish_cell(notebook.client, cell).text == "done\n"


def test_the_next_line_says_who_has_asked_once(notebook: Notebook, tmp_path: Path) -> None:
    when = tmp_path / "when"
    ask_later(notebook, when)
    inbox = InboxFace(notebook.client)
    when.touch()
    [entry] = inbox.wait_for(bool)
    assert notebook.run_well("%mcp policy --log").text.endswith("MCP: asking asks something: %mcp inbox shows it.\n")
    assert "asks" not in notebook.run_well("%mcp policy --log").text
    inbox.answer(entry["id"], "cancel")
    assert answer_of(when) == {"action": "cancel"}

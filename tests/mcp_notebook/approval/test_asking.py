"""What a server asks in the middle of a call is answered under the calling cell, on each line of ipykernel."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from mcp_notebook.approval.asking import SHOWN_SECONDS
from support.cells import finish_cell, start_cell
from support.clicks import AskingCell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

ACALL = "from mcp_notebook.host import get_host\nprint((await get_host().get('modern').acall('travel')).text)"
SEOUL = '{"city":"Seoul","nights":3}'


@pytest.mark.parametrize(
    ("tool", "text"),
    [("asking.book", f'{{"action":"accept","data":{SEOUL}}}'), ("modern.travel", SEOUL)],
    ids=["legacy", "modern"],
)
def test_a_form_is_filled_in_while_the_cell_waits_and_queued_cells_follow(
    notebook: Notebook, tool: str, text: str
) -> None:
    cell = AskingCell(notebook.client, f"x = %mcp call {tool}\nprint(x.text)")
    queued = [start_cell(notebook.client, f"print({number})") for number in (1, 2)]
    comm, question = cell.next_question()
    assert question["message"] == "Where to?"
    assert question["asker"] == tool.replace(".", ", in ")
    assert [field["name"] for field in question["fields"]] == ["city", "nights"]
    cell.answer(comm, "accept", {"city": "Seoul", "nights": 99})
    assert cell.problems(comm) == {"nights": "At most 30."}
    cell.answer(comm, "accept", {"city": "Seoul", "nights": 3})
    assert cell.finish().text == text + "\n"
    assert [finish_cell(notebook.client, one).text for one in queued] == ["1\n", "2\n"]


def test_a_question_is_answered_while_the_cell_awaits(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, ACALL)
    comm, _ = cell.next_question()
    cell.answer(comm, "accept", {"city": "Seoul", "nights": 3})
    assert cell.finish().text == SEOUL + "\n"


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_the_server_hears_whether_the_person_said_no_or_left_without_a_choice(notebook: Notebook, action: str) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call modern.travel\nprint(x.text)")
    comm, _ = cell.next_question()
    cell.answer(comm, action)
    assert cell.finish().text == action + "\n"


def test_an_interrupt_takes_the_question_away_and_leaves_the_session_usable(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "%mcp call asking.book")
    cell.next_question()
    notebook.process.send_signal(signal.SIGINT)
    assert cell.finish().reply["ename"] == "Interrupted"
    after = AskingCell(notebook.client, "x = %mcp call asking.book\nprint(x.text)")
    comm, _ = after.next_question()
    after.answer(comm, "decline")
    assert after.finish().text == '{"action":"decline"}\n'


def test_nobody_there_means_declined_with_one_line(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call modern.travel\nprint(x.text)", takes_input=False)
    first, last = cell.finish().text.splitlines()
    assert first == (
        "MCP: modern, in travel asked something (elicitation); nobody is there to answer, so it was declined. "
        "%mcp policy elicitation=... decides beforehand."
    )
    assert last == "decline"


@pytest.fixture
def impatient(notebook: Notebook) -> Iterator[Notebook]:
    """The notebook, where a form must be shown almost at once."""
    assert SHOWN_SECONDS <= 3
    notebook.run_well("import mcp_notebook.approval.asking as asking_module; asking_module.SHOWN_SECONDS = 0.1")
    yield notebook
    notebook.run_well(f"asking_module.SHOWN_SECONDS = {SHOWN_SECONDS}")


def test_a_front_end_that_shows_no_widget_is_asked_by_input(impatient: Notebook) -> None:
    cell = AskingCell(impatient.client, "x = %mcp call modern.travel\nprint(x.text)", shows_widgets=False)
    cell.next_question()
    assert cell.type("a").startswith("[a] Submit")
    assert cell.type("Seoul") == "City: "
    assert cell.type("99") == "Nights [2]: "
    assert cell.type("3") == "Nights [2]: "
    text = cell.finish().text
    assert "  | Where to?" in text
    assert "At most 30." in text
    assert text.endswith(SEOUL + "\n")


def test_a_click_that_comes_late_takes_the_line_back_that_is_being_typed(impatient: Notebook) -> None:
    cell = AskingCell(impatient.client, "x = %mcp call modern.travel\nprint(x.text)", shows_widgets=False)
    comm, _ = cell.next_question()
    cell.prompt()
    if "6.31" in impatient.environment.get("PYTHONPATH", ""):
        cell.client.input("d")
        cell.finish()
        pytest.skip("while ipykernel 6 reads a line, nobody reads clicks: the form says so and can no longer be used")
    cell.answer(comm, "accept", {"city": "Seoul", "nights": 3})
    assert cell.finish().text.endswith(SEOUL + "\n")
    assert impatient.run_well("print('unharmed')").text == "unharmed\n"

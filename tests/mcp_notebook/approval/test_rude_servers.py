"""What a rude server asks is shown bounded and as text, and what cannot be shown is answered with a sentence."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.clicks import AskingCell
from support.kernelspecs import NEWEST
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

ASKING = Path(__file__).with_name("asking_server.py")
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>\x1b[31m\u202e"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(f"%mcp connect asking --era legacy -- {sys.executable} {ASKING}")
        yield notebook


def ask(notebook: Notebook, message: str, properties: dict[str, Any]) -> AskingCell:
    arguments = json.dumps({"message": message, "schema": {"type": "object", "properties": properties}})
    return AskingCell(notebook.client, f"%%mcp call ask -o x\n{arguments}")


def declined(cell: AskingCell, comm: str, notebook: Notebook) -> str:
    cell.answer(comm, "decline")
    assert cell.finish().reply["status"] == "ok"
    return notebook.run_well("print(x.text)").text


def test_ten_mebibytes_are_cut_and_the_person_is_told(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call shout megabytes=10")
    comm, question = cell.next_question()
    assert len(question["message"]) < 5000
    assert question["message"].endswith("… 9,996,000 more characters are not shown")
    assert '"decline"' in declined(cell, comm, notebook)


def test_html_and_script_are_sent_as_text_without_what_is_not_seen(notebook: Notebook) -> None:
    cell = ask(notebook, EVIL, {EVIL: {"type": "string", "title": EVIL, "description": EVIL, "default": EVIL}})
    comm, question = cell.next_question()
    shown = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    assert question["message"].strip() == shown
    [field] = question["fields"]
    assert (field["label"], field["help"].strip()) == (shown, shown)
    assert '"decline"' in declined(cell, comm, notebook)


def test_a_form_that_asks_for_a_password_is_warned_of(notebook: Notebook) -> None:
    cell = ask(notebook, "Log in", {"user": {"type": "string"}, "password": {"type": "string"}})
    comm, question = cell.next_question()
    assert question["warnings"] == [
        "it asks for a secret, which a form must not do; whatever you fill in, the server gets."
    ]
    assert [field["secret"] for field in question["fields"]] == [False, True]
    assert '"decline"' in declined(cell, comm, notebook)


def test_a_form_that_cannot_be_shown_is_refused_unasked(notebook: Notebook) -> None:
    cell = ask(notebook, "?", {"deep": {"type": "object"}})
    assert cell.finish().reply["status"] == "ok"
    assert "This form cannot be shown: 'deep' is no text" in notebook.run_well("print(x.text)").text


def test_the_page_to_open_is_shown_with_its_host_and_opened_by_nobody_else(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call visit url=https://bank.example@evil.example/login")
    comm, question = cell.next_question()
    assert question["link"] == {"url": "https://bank.example@evil.example/login", "host": "evil.example"}
    assert "evil.example" in question["warnings"][0]
    cell.answer(comm, "accept")
    assert cell.finish().reply["status"] == "ok"
    assert notebook.run_well("print(x.text)").text == '{"action":"accept"}\n'


def test_a_flood_ends_after_three_times_no(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call flood count=30\nprint(set(x.structured['result']))")
    for _ in range(3):
        comm, _ = cell.next_question()
        cell.answer(comm, "decline")
    assert cell.finish().text == "{'decline'}\n"


def test_an_answer_that_no_form_could_give_is_not_taken(notebook: Notebook) -> None:
    cell = ask(notebook, "?", {"city": {"type": "string"}})
    comm, _ = cell.next_question()
    for said in (
        "no",
        3,
        {"event": "answer", "action": "explode"},
        {"event": "answer", "action": "accept", "lasting": 1},
    ):
        cell.click(comm, said)
    cell.answer(comm, "accept", {"country": "x"})
    assert cell.problems(comm) == {"country": "The form has no such field."}
    assert '"decline"' in declined(cell, comm, notebook)


def test_a_choice_that_lasts_is_kept_listed_and_revoked(notebook: Notebook) -> None:
    cell = ask(notebook, "?", {})
    comm, _ = cell.next_question()
    cell.answer(comm, "decline", lasting="session")
    cell.finish()
    assert ask(notebook, "?", {}).finish().reply["status"] == "ok"
    listed = notebook.run_well("%mcp policy").of_type("execute_result")[0]["data"]["text/plain"]
    assert "elicitation  decline   asking  ask   session" in listed
    log = notebook.run_well("%mcp policy --log").of_type("execute_result")[0]["data"]["text/plain"]
    assert "the rule elicitation=decline for asking.ask" in log.splitlines()[-1]
    assert "no rules" in notebook.run_well("%mcp policy --revoke 1").text


def test_a_recording_answers_where_nobody_is(notebook: Notebook, tmp_path: Path) -> None:
    recording = tmp_path / "answers.json"
    recording.write_text('[{"action": "accept", "content": {"city": "Seoul", "nights": 3}}]')
    cell = AskingCell(
        notebook.client,
        f"%mcp policy elicitation=replay:{recording} --server asking\nx = %mcp call book\nprint(x.text)\n"
        "%mcp policy --revoke 1",
        takes_input=False,
    )
    assert '{"action":"accept","data":{"city":"Seoul","nights":3}}\n' in cell.finish().text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("elicitations=ask", "Did you mean 'elicitation'"),
        ("elicitation=maybe", "elicitation can be ask, allow, decline or replay:FILE"),
        ("elicitation=replay:/nowhere.json", "nowhere.json"),
        ("--revoke 9", "There is no rule 9"),
        ("--server x", "Say what is decided"),
    ],
)
def test_a_policy_that_cannot_be_read_is_one_sentence(notebook: Notebook, line: str, sentence: str) -> None:
    reply = notebook.run(f"%mcp policy {line}").reply
    assert (reply["status"], reply["ename"]) == ("error", "UsageError")
    assert sentence in reply["traceback"][0]


def test_loading_the_extension_imports_nothing_of_it(tmp_path: Path) -> None:
    with notebook_with_extension(NEWEST, tmp_path) as fresh:
        imported = "import sys\nprint([name for name in sys.modules if 'approval' in name or 'ipywidgets' in name])"
        assert fresh.run_well(imported).text == "[]\n"

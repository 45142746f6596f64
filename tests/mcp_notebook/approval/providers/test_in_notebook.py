"""`%mcp model` in a kernel: from a server's request to a model's answer, and whatever goes wrong between them."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.clicks import AskingCell
from support.kernelspecs import NEWEST
from support.model_server import ModelServer, Use, refuse, say, stall
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook

ASKING = Path(__file__).parent.parent / "asking_server.py"
KEY = "sk-very-secret-key-0123456789"
POEM = "x = %mcp call poem\nprint(x.text)"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """A kernel with a model and a key for it, and a server that asks."""
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(
            f"import os; os.environ |= dict(MY_KEY={KEY!r}, NO_PROXY='*')\n"
            "%mcp model openai:poet-1\n"
            f"%mcp connect asking --era legacy -- {sys.executable} {ASKING}\n"
            "%mcp policy sampling=allow"
        )
        yield notebook


@pytest.fixture(params=["anthropic", "openai"])
def server(request: pytest.FixtureRequest, notebook: Notebook) -> Iterator[ModelServer]:
    """The model of the kernel, in each wire format."""
    with ModelServer() as server:
        url = server.url if request.param == "anthropic" else f"{server.url}/v1"
        notebook.run_well(f"%mcp model {request.param}:poet-1 --url {url} --key MY_KEY")
        yield server


def test_a_model_answers_and_its_key_is_nowhere_to_be_seen(notebook: Notebook, server: ModelServer) -> None:
    server.will(say("Drip."), refuse(401, f"wrong key {KEY}"))
    answer = json.loads(notebook.run_well(POEM).text)
    assert (answer["content"]["text"], answer["model"], answer["stop_reason"]) == ("Drip.", "poet-1", "endTurn")
    assert server.said[0].headers["authorization"] == f"Bearer {KEY}"
    assert notebook.run_well(POEM).text.splitlines()[1:] == ["error: The language model gave no answer."]
    shown = notebook.run_well(
        "%mcp log --raw\nfrom mcp_notebook.approval.providers import find_provider as find\n"
        "from mcp_notebook.approval.policy import get_policy\n"
        "print(find(), repr(find()), vars(find()), get_policy().decisions)\n%mcp model\n%mcp policy --log"
    )
    assert KEY not in str(shown.messages)


def test_the_person_hears_in_one_line_why_there_is_no_answer(notebook: Notebook, server: ModelServer) -> None:
    server.will(refuse(401, f"wrong key {KEY}"))
    first, second = notebook.run_well(POEM).text.splitlines()
    assert first.endswith(" does not accept the key in MY_KEY (HTTP 401).")
    assert first.startswith(f"MCP: {server.url}")
    assert second == "error: The language model gave no answer."


def test_a_picture_and_tools_go_to_the_model_and_its_wish_back(notebook: Notebook, server: ModelServer) -> None:
    server.will(say("Let me see.", Use("a", "locate", {"what": "tower"})))
    answer = json.loads(notebook.run_well("x = %mcp call consult\nprint(x.text)").text)
    assert [block["type"] for block in answer["content"]] == ["text", "tool_use"]
    assert (answer["content"][1]["input"], answer["stop_reason"]) == ({"what": "tower"}, "toolUse")
    assert "aGVsbG8=" in json.dumps(server.said[0].body["messages"])


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_interrupt_ends_the_models_work(notebook: Notebook, server: ModelServer, stubborn: bool) -> None:
    server.will(stall, say("Drip."))
    cell = AskingCell(notebook.client, f"%mcp call poem stubborn:={json.dumps(stubborn)}")
    assert server.asked.wait(30)
    notebook.process.send_signal(signal.SIGINT)
    assert cell.finish().reply["ename"] == "Interrupted"
    assert server.left.wait(30)
    assert "Drip." in notebook.run_well(POEM).text


def test_the_model_is_named_where_the_person_looks(notebook: Notebook) -> None:
    said = notebook.run_well("%mcp model anthropic:big-model,small-model").text
    assert said == (
        "What servers ask a language model goes to big-model or small-model (anthropic); you see it before, and the "
        "answer. There is no key yet: ANTHROPIC_API_KEY is not set in this kernel's environment.\n"
    )
    notebook.run_well("%mcp policy sampling=ask")
    cell = AskingCell(notebook.client, POEM)
    comm, question = cell.next_question()
    assert question["message"] == "This goes to big-model or small-model (anthropic); you can change it."
    cell.answer(comm, "decline")
    cell.finish()
    notebook.run_well("%mcp policy sampling=allow")
    assert notebook.run_well("%mcp model me").text.endswith("is put to you, and you write the answer.\n")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("openia:x", "neither anthropic:NAME, openai:NAME nor me. Did you mean 'openai'?"),
        ("openai:", "Say which of openai's models, such as openai:NAME"),
        (f"openai:x --key {KEY}", "--key wants the name of an environment variable, never the key itself"),
        ("openai:x --url localhost", "'localhost' is no http address"),
        ("--url http://localhost", "Say which model, such as openai:llama3.2"),
    ],
)
def test_a_line_that_cannot_be_read_is_told_so(notebook: Notebook, line: str, problem: str) -> None:
    reply = notebook.run(f"%mcp model {line}").reply
    assert reply["ename"] == "UsageError"
    assert problem in reply["evalue"]

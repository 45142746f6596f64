"""What a server asks a model goes through the person twice, and nothing goes on that they withhold."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mcp_types import (
    CreateMessageRequestParams,
    CreateMessageResult,
    ErrorData,
    ImageContent,
    SamplingMessage,
    TextContent,
    Tool,
)

from mcp_notebook.approval.checking import default_content
from mcp_notebook.approval.providers import Completion, Provider, Request
from mcp_notebook.approval.question import Answer, Asker
from mcp_notebook.approval.sampling import answer_sampling
from support.clicks import AskingCell
from support.kernelspecs import NEWEST
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_notebook.approval.question import Question
    from support.notebook import Notebook

ASKING = Path(__file__).with_name("asking_server.py")


def request(*texts: str, **more: Any) -> CreateMessageRequestParams:
    messages = [SamplingMessage(role="user", content=TextContent(type="text", text=text)) for text in texts]
    return CreateMessageRequestParams(messages=messages, max_tokens=100, **more)


def sample(
    params: CreateMessageRequestParams, provider: Provider | None, *answers: Answer
) -> tuple[CreateMessageResult | ErrorData, list[Question]]:
    given, asked = iter(answers), list[Any]()

    async def ask(question: Question) -> Answer:
        asked.append(question)
        return next(given)

    return asyncio.run(answer_sampling(Asker("poet"), params, ask, provider)), asked


def as_shown(**changes: Any) -> Answer:
    return Answer("accept", "clicked", changes)


def test_the_person_changes_the_request_and_then_the_answer() -> None:
    seen: list[Request] = []

    def model(asked: Request) -> Completion:
        seen.append(asked)
        return Completion("It rains.", "poet-1", "endTurn")

    result, [first, second] = sample(
        request("Write about rain.", system_prompt="Be brief."),
        model,
        as_shown(**{"system": "Be long.", "0": "Write about snow."}),
        as_shown(answer="It snows."),
    )
    assert default_content(first.fields) == {"system": "Be brief.", "0": "Write about rain."}
    assert (seen[0].system, [one.text for one in seen[0].messages]) == ("Be long.", ["Write about snow."])
    assert default_content(second.fields) == {"answer": "It rains."}
    assert isinstance(result, CreateMessageResult)
    assert (result.content, result.model) == (TextContent(type="text", text="It snows."), "poet-1")


def test_a_declined_request_reaches_no_model() -> None:
    def model(asked: Request) -> str:
        raise AssertionError(asked)

    result, asked = sample(request("x"), model, Answer("decline", "clicked"))
    assert len(asked) == 1
    assert isinstance(result, ErrorData)
    assert (result.code, result.message) == (-1, "The person declined the request.")


def test_a_withheld_answer_reaches_no_server() -> None:
    async def model(asked: Request) -> str:
        return f"secret {len(asked.messages)}"

    result, asked = sample(request("x"), model, as_shown(**{"0": "x"}), Answer("decline", "clicked"))
    assert len(asked) == 2
    assert isinstance(result, ErrorData)
    assert "secret" not in result.message


@pytest.mark.parametrize(
    ("params", "why"),
    [
        (request(*["x"] * 41), "more than 40 messages"),
        (request("x" * 200_001), "more than 200,000 characters"),
        (request("x", tools=[Tool(name="a", input_schema={"type": "object"})]), "more than texts"),
        (
            CreateMessageRequestParams(
                messages=[
                    SamplingMessage(role="user", content=ImageContent(type="image", data="", mime_type="image/png"))
                ],
                max_tokens=1,
            ),
            "more than texts",
        ),
    ],
)
def test_what_a_person_could_not_look_at_is_refused_unasked(params: CreateMessageRequestParams, why: str) -> None:
    result, asked = sample(params, None)
    assert asked == []
    assert isinstance(result, ErrorData)
    assert why in result.message


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    directory = tmp_path_factory.mktemp("kernel")
    with notebook_with_extension(NEWEST, directory) as notebook:
        (directory / "data").mkdir()
        notebook.run_well(
            f"from mcp_notebook.approval.roots import set_roots\nset_roots([{str(directory / 'data')!r}])\n"
            f"%mcp connect asking --era legacy -- {sys.executable} {ASKING}"
        )
        yield notebook


def test_without_a_model_the_person_writes_the_answer(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call poem\nprint(x.text)")
    comm, question = cell.next_question()
    assert question["message"] == "system: Be brief.\n\nuser: Write about rain."
    assert question["notes"] == ["The answer may have up to 100 tokens.", "The server would like the model poet-1."]
    cell.answer(comm, "accept", {"answer": "Drip."})
    written = json.loads(cell.finish().text)
    assert (written["content"]["text"], written["model"]) == ("Drip.", "human")


def test_a_function_is_the_model_and_the_person_looks_twice(notebook: Notebook) -> None:
    notebook.run_well(
        "from mcp_notebook.approval.providers import set_provider\nset_provider(lambda r: r.messages[0].text.upper())"
    )
    cell = AskingCell(notebook.client, "x = %mcp call poem\nprint(x.text)")
    comm, question = cell.next_question()
    assert question["accept"] == "Send to the model"
    cell.answer(comm, "accept", {"system": "Be brief.", "0": "Write about snow."})
    comm, question = cell.next_question()
    assert question["fields"][0]["default"] == "WRITE ABOUT SNOW."
    cell.answer(comm, "accept", {"answer": "SNOW."})
    assert json.loads(cell.finish().text)["content"]["text"] == "SNOW."


def test_a_declined_request_tells_the_server_so(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call poem\nprint(x.text)")
    comm, _ = cell.next_question()
    cell.answer(comm, "decline")
    assert cell.finish().text == "error: The person declined the request.\n"


def test_a_server_is_told_of_the_folders_that_the_person_set(notebook: Notebook) -> None:
    roots = notebook.run_well("x = %mcp call roots\nprint(x.structured['result'])").text
    assert roots.startswith("['file:///")
    assert roots.endswith("/data']\n")

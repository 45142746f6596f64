"""What a server asks a model goes through the person twice, and nothing goes on that they withhold."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from mcp_types import (
    INVALID_PARAMS,
    CreateMessageRequestParams,
    CreateMessageResult,
    CreateMessageResultWithTools,
    ErrorData,
    ImageContent,
    ModelHint,
    ModelPreferences,
    SamplingMessage,
    TextContent,
    Tool,
    ToolResultContent,
    ToolUseContent,
)

from mcp_notebook.approval.checking import default_content
from mcp_notebook.approval.providers import Completion, ModelFailed, Provider, Request
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
) -> tuple[CreateMessageResult | CreateMessageResultWithTools | ErrorData, list[Question]]:
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


LOCATE = Tool(name="locate", description="Finds a place", input_schema={"type": "object"})
PICTURE = ImageContent(data="aGVsbG8=", mime_type="image/png")
USES = [ToolUseContent(id="a", name="locate", input={"what": "tower"}), ToolUseContent(id="b", name="burn", input={})]


def said(role: Literal["user", "assistant"], *content: Any) -> SamplingMessage:
    return SamplingMessage(role=role, content=list(content))


def conversation(*messages: SamplingMessage, **more: Any) -> CreateMessageRequestParams:
    return CreateMessageRequestParams(messages=list(messages), max_tokens=100, **more)


def test_the_person_leaves_out_a_picture_and_a_use_of_a_tool() -> None:
    seen: list[Request] = []

    def model(asked: Request) -> Completion:
        seen.append(asked)
        return Completion("Let me look.", "poet-1", "toolUse", USES)

    params = conversation(said("user", TextContent(text="Where?"), PICTURE), tools=[LOCATE])
    result, [first, second] = sample(
        params,
        model,
        as_shown(**{"0.0": "Where?", "0.1": False}),
        as_shown(**{"answer": "Let me look.", "use.0": True, "use.1": False}),
    )
    assert [(field.name, field.kind, field.label) for field in first.fields] == [
        ("0.0", "text", "user"),
        ("0.1", "boolean", "user: send the image (image/png, 6 bytes)"),
    ]
    assert first.notes[1:] == [
        "The model can ask the server to use its tools; you see what before the server does.",
        "locate: Finds a place",
    ]
    assert [block.type for block in seen[0].messages[0].content] == ["text"]
    assert seen[0].tools == (LOCATE,)
    assert (second.fields[1].label, second.fields[1].help) == ("Have the server use locate", 'given {"what": "tower"}')
    assert isinstance(result, CreateMessageResultWithTools)
    assert (result.content_as_list, result.stop_reason) == ([TextContent(text="Let me look."), USES[0]], "toolUse")


def test_the_person_sees_what_the_server_wishes() -> None:
    wishes = ModelPreferences(hints=[ModelHint(name="poet-1"), ModelHint()], cost_priority=0, speed_priority=0.75)
    _, [first] = sample(request("x", model_preferences=wishes), str, Answer("decline", "clicked"))
    assert first.notes == [
        "The answer may have up to 100 tokens.",
        "The server would like the model poet-1.",
        "From 0 to 1, the server cares for: cost 0, speed 0.75.",
    ]


@pytest.mark.parametrize(
    ("data", "mime_type", "shown"),
    [
        ("aGVsbG8=", "image/png", "data:image/png;base64,aGVsbG8="),
        ("aGVsbG8=", "image/svg+xml", ""),
        ("aGVsbG8=", 'image/png"><script>', ""),
        ('"><script>', "image/png", ""),
        ("A" * 4_000_000, "image/png", ""),
    ],
)
def test_only_harmless_pictures_are_shown_to_the_person(data: str, mime_type: str, shown: str) -> None:
    picture = ImageContent(data=data, mime_type=mime_type)
    _, [first] = sample(conversation(said("user", picture)), str, Answer("decline", "clicked"))
    assert (first.fields[0].media, first.fields[0].help) == (shown, "" if shown else "It cannot be shown here.")


def test_what_is_accepted_as_it_is_goes_on_as_it_came() -> None:
    seen: list[Request] = []

    def model(asked: Request) -> Completion:
        seen.append(asked)
        return Completion("", "poet-1", "toolUse", USES)

    results = [
        ToolResultContent(tool_use_id="a", content=[TextContent(text="Seoul"), PICTURE]),
        ToolResultContent(tool_use_id="b", structured_content={"burnt": True}, is_error=True),
    ]
    params = conversation(
        said("user", TextContent(text="Where?")), said("assistant", *USES), said("user", *results), tools=[LOCATE]
    )

    async def accept(question: Question) -> Answer:
        return Answer("accept", "clicked", default_content(question.fields) or {})

    result = asyncio.run(answer_sampling(Asker("poet"), params, accept, model))
    given = [block.model_dump() for message in seen[0].messages for block in message.content]
    assert given[:4] == [block.model_dump() for message in params.messages for block in message.content_as_list][:4]
    assert given[4]["content"] == [TextContent(text='{"burnt": true}').model_dump()]
    assert isinstance(result, CreateMessageResultWithTools)
    assert result.content_as_list == USES


def test_the_person_sees_what_each_tool_was_given_and_gave() -> None:
    result = ToolResultContent(tool_use_id="a", content=[TextContent(text="Seoul")])
    params = conversation(
        said("user", TextContent(text="Where?")), said("assistant", USES[0]), said("user", result), tools=[LOCATE]
    )
    _, [first] = sample(params, str, Answer("decline", "clicked"))
    shown = first.fields[1]
    assert (shown.label, shown.help, shown.default) == ("What locate gave", 'given {"what": "tower"}', "Seoul")


def test_without_any_use_of_a_tool_left_the_answer_is_an_ordinary_one() -> None:
    result, _ = sample(
        conversation(said("user", TextContent(text="x")), tools=[LOCATE]),
        lambda asked: Completion("", asked.models[0] if asked.models else "m", "toolUse", USES[:1]),
        as_shown(**{"0": "x"}),
        as_shown(**{"use.0": False}),
    )
    assert isinstance(result, CreateMessageResult)
    assert (result.content, result.stop_reason) == (TextContent(text=""), "endTurn")


@pytest.mark.parametrize(
    "messages",
    [
        [said("user", TextContent(text="x")), said("assistant", USES[0])],
        [said("user", ToolResultContent(tool_use_id="a"))],
        [said("assistant", USES[0]), said("user", TextContent(text="x"))],
        [said("assistant", USES[0]), said("user", ToolResultContent(tool_use_id="z"))],
        [said("assistant", USES[0]), said("user", ToolResultContent(tool_use_id="a"), TextContent(text="x"))],
    ],
)
def test_results_of_tools_that_are_not_in_order_are_refused_unasked(messages: list[SamplingMessage]) -> None:
    result, asked = sample(conversation(*messages, said("user", TextContent(text="and"))), str)
    assert asked == []
    assert isinstance(result, ErrorData)
    assert result.code == INVALID_PARAMS


def test_a_function_that_fails_is_said_to_the_person_and_not_to_the_server() -> None:
    def poet(asked: Request) -> str:
        raise ConnectionError(f"my secret, {asked.max_tokens}")

    with pytest.raises(ModelFailed, match=r"^poet gave no answer: ConnectionError: my secret, 100$"):
        sample(request("x"), poet, as_shown(**{"0": "x"}))


def test_a_function_that_runs_out_of_answers_is_not_waited_for() -> None:
    answers = iter(())

    def poet(_: Request) -> str:
        return next(answers)

    with pytest.raises(ModelFailed, match=r"^poet gave no answer: RuntimeError: it raised StopIteration$"):
        sample(request("x"), poet, as_shown(**{"0": "x"}))


def test_a_function_that_gives_something_else_is_told_so() -> None:
    def poet(asked: Request) -> Any:
        return asked.max_tokens

    with pytest.raises(ModelFailed, match="poet gave a int, which is neither a text nor a Completion"):
        sample(request("x"), poet, as_shown(**{"0": "x"}))


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

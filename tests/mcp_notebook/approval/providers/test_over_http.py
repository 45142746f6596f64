"""Models over real HTTP, in each maker's wire format: what is sent, what comes back, and what goes wrong."""

from __future__ import annotations

import asyncio
import base64
import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from mcp_types import AudioContent, ImageContent, TextContent, Tool, ToolResultContent, ToolUseContent

from mcp_notebook.approval.providers import (
    AnthropicModel,
    Completion,
    Message,
    ModelFailed,
    OpenAIModel,
    Request,
    Usage,
    complete,
)
from support.model_server import ModelServer, Use, cut, refuse, say, send, stall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KEY = "sk-very-secret-key-0123456789"
VARIABLE = "MODEL_TEST_KEY"
SOON = {"retry-after": "0.01"}
RAIN = Message("user", [TextContent(text="Write about rain.")])
WEATHER = Tool(name="get_weather", description="The weather", input_schema={"type": "object", "properties": {}})
PICTURE = ImageContent(data=base64.b64encode(b"picture").decode(), mime_type="image/png")


@dataclass(frozen=True)
class Wire:
    maker: Literal["anthropic", "openai"]
    server: ModelServer

    @property
    def url(self) -> str:
        return self.server.url if self.maker == "anthropic" else f"{self.server.url}/v1"

    def model(self, *names: str, key: str | None = VARIABLE) -> AnthropicModel | OpenAIModel:
        return (AnthropicModel if self.maker == "anthropic" else OpenAIModel)(names or ("poet-1",), self.url, key)

    def ask(self, *messages: Message, **more: Any) -> Completion:
        return asyncio.run(complete(self.model(), Request(messages or (RAIN,), "", 100, **more)))

    def fail(self, *messages: Message, **more: Any) -> str:
        with pytest.raises(ModelFailed) as failed:
            self.ask(*messages, **more)
        assert KEY not in repr(failed.value)
        return str(failed.value)

    def sent(self) -> dict[str, Any]:
        return self.server.said[-1].body


@pytest.fixture(params=["anthropic", "openai"])
def wire(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    for name in [name for name in os.environ if name.startswith(("ANTHROPIC_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(VARIABLE, KEY)
    monkeypatch.setenv("NO_PROXY", "*")
    with ModelServer() as server:
        yield Wire(request.param, server)


def test_a_model_is_asked_and_answers(wire: Wire) -> None:
    wire.server.will(say("It rains."))
    assert wire.ask(RAIN) == Completion("It rains.", "poet-1", "endTurn", [], Usage(1, 1))
    [said] = wire.server.said
    assert said.path == {"anthropic": "/v1/messages", "openai": "/v1/chat/completions"}[wire.maker]
    assert said.headers["authorization"] == f"Bearer {KEY}"
    assert (said.body["model"], said.body["stream"]) == ("poet-1", True)


def test_wishes_and_the_system_prompt_are_passed_on(wire: Wire) -> None:
    wire.server.will(say("x"))
    request = Request([RAIN], "Be brief.", 77, temperature=0.5, stop=["END"])
    asyncio.run(complete(wire.model(), request))
    sent = wire.sent()
    assert sent["max_tokens"] == 77
    if wire.maker == "anthropic":
        assert (sent["system"], sent["stop_sequences"]) == ("Be brief.", ["END"])
    else:
        assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
        assert (sent["temperature"], sent["stop"]) == (0.5, ["END"])


@pytest.mark.parametrize(
    ("wishes", "chosen"), [((), "big-model"), (("small",), "small-model"), (("other", "BIG"), "big-model")]
)
def test_the_servers_wish_chooses_among_the_persons_models(wire: Wire, wishes: tuple[str, ...], chosen: str) -> None:
    wire.server.will(say("x"))
    asyncio.run(complete(wire.model("big-model", "small-model"), Request([RAIN], "", 1, models=wishes)))
    assert wire.sent()["model"] == chosen


@pytest.mark.parametrize(
    ("anthropic", "openai", "reason"),
    [("max_tokens", "length", "maxTokens"), ("stop_sequence", "stop", None), ("refusal", "content_filter", None)],
)
def test_why_an_answer_ends_is_said_in_the_words_of_the_protocol(
    wire: Wire, anthropic: str, openai: str, reason: str | None
) -> None:
    word = anthropic if wire.maker == "anthropic" else openai
    wire.server.will(say("It", reason=word))
    expected = {"stop_sequence": "stopSequence", "stop": "endTurn"}.get(word, reason or word)
    assert wire.ask().stop_reason == expected


def test_a_model_uses_tools_and_is_given_what_they_gave(wire: Wire) -> None:
    uses = [Use("a", "get_weather", {"city": "Seoul"}), Use("b", "get_weather", {"city": "Jeju"})]
    wire.server.will(say("Let me look.", *uses), say("Rain."))
    answer = wire.ask(RAIN, tools=[WEATHER], tool_choice="required")
    assert answer.stop_reason == "toolUse"
    assert [(use.id, use.name, use.input) for use in answer.tool_uses] == [(u.id, u.name, u.input) for u in uses]
    choice = wire.sent()["tool_choice"]
    assert choice == ({"type": "any"} if wire.maker == "anthropic" else "required")
    assistant = Message("assistant", [TextContent(text=answer.text), *answer.tool_uses])
    results = [ToolResultContent(tool_use_id=use.id, content=[TextContent(text=f"{use.id}: wet")]) for use in uses]
    assert wire.ask(RAIN, assistant, Message("user", results), tools=[WEATHER]).text == "Rain."
    sent = wire.sent()["messages"]
    if wire.maker == "anthropic":
        assert [block["type"] for block in sent[1]["content"]] == ["text", "tool_use", "tool_use"]
        assert sent[2]["content"][1] == {
            "type": "tool_result",
            "tool_use_id": "b",
            "content": [{"type": "text", "text": "b: wet"}],
            "is_error": False,
        }
    else:
        assert sent[1]["tool_calls"][1]["function"] == {"name": "get_weather", "arguments": '{"city": "Jeju"}'}
        assert sent[2:] == [
            {"role": "tool", "tool_call_id": "a", "content": "a: wet"},
            {"role": "tool", "tool_call_id": "b", "content": "b: wet"},
        ]


def test_a_picture_goes_along(wire: Wire) -> None:
    wire.server.will(say("A cat."))
    assert wire.ask(Message("user", [TextContent(text="What is it?"), PICTURE])).text == "A cat."
    part = wire.sent()["messages"][0]["content"][1]
    if wire.maker == "anthropic":
        assert part["source"] == {"type": "base64", "media_type": "image/png", "data": PICTURE.data}
    else:
        assert part["image_url"]["url"] == f"data:image/png;base64,{PICTURE.data}"


def test_a_sound_goes_along_where_the_interface_takes_sounds(wire: Wire) -> None:
    sound = Message("user", [AudioContent(data="AAAA", mime_type="audio/wav")])
    if wire.maker == "anthropic":
        assert wire.fail(sound) == "Models of anthropic take no audio."
    else:
        wire.server.will(say("Music."))
        wire.ask(sound)
        assert wire.sent()["messages"][0]["content"][0]["input_audio"] == {"data": "AAAA", "format": "wav"}


def test_a_model_that_has_no_time_now_is_asked_again_when_it_says(wire: Wire) -> None:
    wire.server.will(refuse(429, "slow down", SOON), say("It rains."))
    assert wire.ask().text == "It rains."
    assert len(wire.server.said) == 2


@pytest.mark.parametrize(
    ("status", "message", "sentence"),
    [
        (401, f"wrong key {KEY}", "does not accept the key in MODEL_TEST_KEY (HTTP 401)."),
        (403, "no", "does not let the key in MODEL_TEST_KEY use poet-1 (HTTP 403)."),
        (404, "no such model", "does not know poet-1: no such model (HTTP 404)."),
        (400, f"bad request by {KEY}.", "refused the request: bad request by … (HTTP 400)."),
        (413, "", "finds the request too large (HTTP 413)."),
        (429, "no", "takes no more requests for now, and did not when asked again; wait a while (HTTP 429)."),
        (500, "no", "is in trouble, and still was when asked again (HTTP 500)."),
    ],
)
def test_a_refusal_is_one_sentence_without_the_key(wire: Wire, status: int, message: str, sentence: str) -> None:
    wire.server.will(*[refuse(status, message, SOON)] * 3)
    assert wire.fail() == f"{wire.url} {sentence}"
    assert len(wire.server.said) == (3 if status in (429, 500) else 1)


@pytest.mark.parametrize("politely", [True, False])
def test_half_an_answer_is_none(wire: Wire, politely: bool) -> None:
    wire.server.will(cut(politely=politely))
    assert wire.fail() == f"{wire.url} gave no whole answer: the connection broke off."


def test_an_answer_that_ends_in_an_error_is_none(wire: Wire) -> None:
    wire.server.will(send({"type": "error", "error": {"type": "server_error", "message": "out of memory"}}))
    assert "out of memory" in wire.fail()


def chunk(**choice: Any) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "choices": [{"index": 0, **choice}]}


@pytest.mark.parametrize("wire", ["openai"], indirect=True)
def test_an_answer_may_have_pieces_without_text_and_name_no_model(wire: Wire) -> None:
    empty = {**chunk(), "choices": []}
    wire.server.will(send(empty, chunk(delta={"content": "It rains."}), chunk(delta={}, finish_reason="stop"), empty))
    assert wire.ask() == Completion("It rains.", "poet-1", "endTurn", [])


def test_a_server_that_is_not_there_is_said_to_be_so(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    package = __import__(wire.maker)
    monkeypatch.setattr(package._base_client, "INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr(package._base_client, "MAX_RETRY_DELAY", 0.01)
    with ModelServer() as server:
        gone = Wire(wire.maker, server)
    assert gone.fail().startswith(f"{gone.url} cannot be reached: ")


def test_an_answer_that_is_not_wanted_any_more_is_broken_off(wire: Wire) -> None:
    async def cancel() -> None:
        answer = asyncio.ensure_future(complete(wire.model(), Request([RAIN], "", 1)))
        await asyncio.to_thread(wire.server.asked.wait, 30)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer

    wire.server.will(stall)
    asyncio.run(cancel())
    assert wire.server.left.wait(30)


def test_a_key_goes_only_where_the_person_said(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{wire.maker.upper()}_API_KEY", KEY)
    wire.server.will(say("x"), say("y"))
    asyncio.run(complete(wire.model(key=None), Request([RAIN], "", 1)))
    assert KEY not in str(wire.server.said)
    monkeypatch.setenv(f"{wire.maker.upper()}_BASE_URL", wire.url)
    makers_own = (AnthropicModel if wire.maker == "anthropic" else OpenAIModel)(["poet-1"])
    assert asyncio.run(complete(makers_own, Request([RAIN], "", 1))).text == "y"
    assert wire.server.said[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(makers_own) + str(makers_own) + str(vars(makers_own))


def test_a_key_that_is_missing_is_named_before_anything_is_sent(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))  # where anthropic looks for other keys
    assert wire.fail() == f"The environment variable {VARIABLE}, which is to hold the key, is not set."
    own = (AnthropicModel if wire.maker == "anthropic" else OpenAIModel)(["poet-1"])
    with pytest.raises(ModelFailed, match=f"set {wire.maker.upper()}_API_KEY in this kernel's environment"):
        asyncio.run(complete(own, Request([RAIN], "", 1)))
    assert wire.server.said == []


@pytest.mark.parametrize("wire", ["openai"], indirect=True)
@pytest.mark.parametrize("wish", ["temperature", "stop"])
def test_a_wish_that_a_model_refuses_is_left_out(wire: Wire, wish: str) -> None:
    wire.server.will(refuse(400, f"unsupported value: {wish}", param=wish), say("It rains."))
    assert wire.ask(temperature=0.1, stop=["END"]).text == "It rains."
    assert wish in wire.server.said[0].body
    assert wish not in wire.server.said[1].body


@pytest.mark.parametrize("wire", ["openai"], indirect=True)  # the other's package reads it itself
def test_a_tool_used_in_a_way_that_cannot_be_read_is_no_answer(wire: Wire) -> None:
    wire.server.will(say("", Use("a", "get_weather", "no object")))  # pyright: ignore[reportArgumentType]  the point
    assert wire.fail(tools=[WEATHER]) == f"{wire.url} wants a tool used in a way that cannot be read."


@pytest.mark.parametrize(
    "url", ["localhost:11434", "ftp://example.org", "http://me:secret@example.org", "http://x/?k=1"]
)
@pytest.mark.parametrize("kind", [AnthropicModel, OpenAIModel])
def test_an_address_holds_no_password_and_is_one(kind: Callable[..., object], url: str) -> None:
    with pytest.raises(ValueError, match=r"no http address|hold no password"):
        kind(["poet-1"], url)


def test_a_use_of_a_tool_without_an_answer_yet_is_kept_whole(wire: Wire) -> None:
    said = Message("assistant", [ToolUseContent(id="a", name="t", input={"x": [1]})])
    wire.server.will(say("x"))
    picture = ToolResultContent(tool_use_id="a", content=[PICTURE], is_error=True)
    wire.ask(RAIN, said, Message("user", [picture]), tools=[WEATHER])
    sent = wire.sent()["messages"]
    if wire.maker == "anthropic":
        assert sent[1]["content"] == [{"type": "tool_use", "id": "a", "name": "t", "input": {"x": [1]}}]
        assert sent[2]["content"][0]["is_error"] is True
    else:
        assert [one["role"] for one in sent] == ["user", "assistant", "tool", "user"]
        assert sent[3]["content"][0]["type"] == "image_url"


def test_an_answer_is_heard_piece_by_piece(wire: Wire) -> None:
    heard: list[str] = []
    wire.server.will(say("It rains."))
    asyncio.run(complete(wire.model(), Request([RAIN], "", 100), heard.append))
    assert len([piece for piece in heard if piece]) == 2
    assert "".join(heard) == "It rains."


def call_piece(arguments: str, **more: Any) -> dict[str, Any]:
    name = {"name": "get_weather"} if "id" in more else {}
    return chunk(delta={"tool_calls": [{**more, "function": {**name, "arguments": arguments}}]})


@pytest.mark.parametrize("wire", ["openai"], indirect=True)
@pytest.mark.parametrize("index", [{}, {"index": 0}, {"index": None}])
def test_uses_of_tools_may_come_without_numbers_or_all_with_the_same(wire: Wire, index: dict[str, Any]) -> None:
    pieces = [
        call_piece('{"city": ', id="a", **index),
        call_piece('"Seoul"}', **index),
        call_piece('{"city": "Jeju"}', id="b", **index),
    ]
    wire.server.will(send(*pieces, chunk(delta={}, finish_reason="tool_calls")))
    uses = wire.ask(tools=[WEATHER]).tool_uses
    assert [(use.id, use.input) for use in uses] == [("a", {"city": "Seoul"}), ("b", {"city": "Jeju"})]


@pytest.mark.parametrize("wire", ["openai"], indirect=True)
def test_a_server_that_does_not_know_what_an_answer_costs_is_not_asked(wire: Wire) -> None:
    end = chunk(delta={"content": "x"}, finish_reason="stop")
    wire.server.will(refuse(400, "what is that?", param="stream_options"), send(end))
    assert wire.ask().usage is None
    assert "stream_options" not in wire.sent()


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://example.org/v1", True),
        ("http://10.0.0.2/v1", True),
        ("https://example.org/v1", False),
        ("http://localhost:11434/v1", False),
        ("http://127.0.0.9/v1", False),
        ("http://[::1]:8000/v1", False),
    ],
)
def test_a_key_that_would_leave_this_computer_unencrypted_is_warned_of(url: str, warned: bool) -> None:
    assert bool(OpenAIModel(["poet-1"], url, VARIABLE).access.warning) is warned
    assert OpenAIModel(["poet-1"], url).access.warning == ""


def test_a_function_is_told_that_nobody_wants_its_answer_any_more() -> None:
    begun, told = threading.Event(), threading.Event()

    def slow(request: Request) -> str:
        begun.set()
        if request.cancelled.wait(30):
            told.set()
        return "too late"

    async def cancel() -> None:
        answer = asyncio.ensure_future(complete(slow, Request([RAIN], "", 1)))
        await asyncio.to_thread(begun.wait, 30)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer

    asyncio.run(cancel())
    assert told.wait(30)

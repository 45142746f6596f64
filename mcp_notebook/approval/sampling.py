"""What a server asks a language model, through the person: two looks, one at the request, one at the answer.

Knows MCP's sampling (client/sampling, of 2025-11-25; deprecated in 2026-07-28). Only texts: what holds an image, a
sound or tools is refused, and tools are not declared. Refuses to know how a person or a model is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mcp_types import INVALID_PARAMS, CreateMessageResult, ErrorData, TextContent

from mcp_notebook.approval.fields import Field
from mcp_notebook.approval.providers import Completion, Message, Request, complete
from mcp_notebook.approval.question import Question, shown_text
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_types import CreateMessageRequestParams

    from mcp_notebook.approval.providers import Provider
    from mcp_notebook.approval.question import Answer, Asker

    Ask = Callable[[Question], Awaitable[Answer]]

__all__ = ["UnusableRequest", "answer_sampling", "read_request"]

DECLINED = -1
"""The code that the specification shows for a person who says no."""

_MAX_MESSAGES = 40
_MAX_CHARACTERS = 200_000
_MAX_NAMES = 5
_SYSTEM, _ANSWER = "system", "answer"
_MOST_LINES = 12


class UnusableRequest(ValueError):
    """A request that cannot be put to a person; `str()` says why."""


class _Refused(Exception):
    """The person said no."""


async def answer_sampling(
    asker: Asker, params: CreateMessageRequestParams, ask: Ask, provider: Provider | None
) -> CreateMessageResult | ErrorData:
    """Answer one request to a model.

    Args:
        asker: who asks.
        params: of the request.
        ask: gets the answer to a question.
        provider: the model; None if the person writes the answer.
    """
    try:
        request = read_request(params)
    except UnusableRequest as error:
        return ErrorData(code=INVALID_PARAMS, message=f"This request cannot be answered: {error}.")
    try:
        completion = await (
            _write(asker, request, ask) if provider is None else _generate(asker, request, ask, provider)
        )
    except _Refused:
        return ErrorData(code=DECLINED, message="The person declined the request.")
    return CreateMessageResult(
        role="assistant",
        content=TextContent(type="text", text=completion.text),
        model=completion.model,
        stop_reason=completion.stop_reason,
    )


def read_request(params: CreateMessageRequestParams) -> Request:
    """Read a request to a model.

    Raises:
        UnusableRequest: it is longer than a person could look at, or more than texts.
    """
    if params.tools:
        raise UnusableRequest("it has tools, which this host did not say that it takes")
    messages = [Message(one.role, _read_text(block)) for one in params.messages for block in one.content_as_list]
    system = params.system_prompt or ""
    if len(messages) > _MAX_MESSAGES:
        raise UnusableRequest(f"it has more than {_MAX_MESSAGES} messages")
    if len(system) + sum(len(message.text) for message in messages) > _MAX_CHARACTERS:
        raise UnusableRequest(f"it has more than {_MAX_CHARACTERS:,} characters")
    hints = params.model_preferences.hints if params.model_preferences else None
    return Request(
        messages=messages,
        system=system,
        max_tokens=params.max_tokens,
        temperature=params.temperature,
        stop=tuple(params.stop_sequences or ()),
        models=tuple(hint.name for hint in hints or () if hint.name)[:_MAX_NAMES],
    )


def _read_text(block: object) -> str:
    if not isinstance(block, TextContent):
        raise UnusableRequest("it holds more than texts")
    return block.text


async def _write(asker: Asker, request: Request, ask: Ask) -> Completion:
    """Let the person write the answer: one look, as nothing leaves but what they wrote."""
    told = [f"{message.role}: {message.text}" for message in request.messages]
    title = "The server asks a language model; you are to write its answer"
    message = shown_text("\n\n".join([*([f"system: {request.system}"] if request.system else []), *told]))
    field = Field(_ANSWER, "text", "Answer", required=True, bounds={"minLength": 1}, lines=_MOST_LINES // 2)
    answer = await ask(Question("sampling", asker, title, message, [field], notes=_about(request)))
    if answer.action != "accept":
        raise _Refused
    return Completion(answer.content[_ANSWER], "human", "endTurn")


async def _generate(asker: Asker, request: Request, ask: Ask, provider: Provider) -> Completion:
    """Let the person look at the request, then at the answer; both can be changed."""
    title = "The server asks a language model"
    first = await ask(
        Question(
            kind="sampling",
            asker=asker,
            title=title,
            message="This goes to the model; you can change it.",
            fields=_request_fields(request),
            notes=_about(request),
            accept_label="Send to the model",
            may_last=("accept", "decline"),
        )
    )
    if first.action != "accept":
        raise _Refused
    completion = await complete(provider, _changed(request, first))
    second = await ask(
        Question(
            kind="sampling",
            asker=asker,
            title=f"The answer of {one_line(completion.model, 100)}",
            message="This goes to the server; you can change it.",
            fields=[_text_field(_ANSWER, "Answer", completion.text)],
            accept_label="Give it to the server",
            may_last=(),
        )
    )
    if second.action != "accept":
        raise _Refused
    return replace(completion, text=second.content.get(_ANSWER, ""))


def _request_fields(request: Request) -> list[Field]:
    system = [_text_field(_SYSTEM, "System", request.system)] if request.system else []
    texts = [_text_field(str(at), one.role, one.text) for at, one in enumerate(request.messages)]
    return [*system, *texts]


def _text_field(name: str, label: str, text: str) -> Field:
    lines = min(_MOST_LINES, 2 + text.count("\n") + len(text) // 80)
    return Field(name, "text", label, default=text, lines=lines)


def _changed(request: Request, answer: Answer) -> Request:
    """Give the request as the person left it."""
    messages = [replace(message, text=answer.content.get(str(at), "")) for at, message in enumerate(request.messages)]
    return replace(request, messages=messages, system=answer.content.get(_SYSTEM, ""))


def _about(request: Request) -> list[str]:
    """Say what the server wishes beside the texts."""
    wishes = [f"The answer may have up to {request.max_tokens:,} tokens."]
    if request.models:
        wishes.append(f"The server would like the model {', '.join(one_line(name, 50) for name in request.models)}.")
    return wishes

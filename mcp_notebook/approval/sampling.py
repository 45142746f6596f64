"""What a server asks a language model, through the person: two looks, one at the request, one at the answer.

Knows MCP's sampling (client/sampling, of 2025-11-25; deprecated in 2026-07-28). A person who writes the answer takes
only texts; images, sounds and tools are for models. Refuses to know how a person or a model is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_types import INVALID_PARAMS, CreateMessageResult, CreateMessageResultWithTools, ErrorData, TextContent

from mcp_notebook.approval.fields import Field
from mcp_notebook.approval.providers import Completion, complete, provider_name
from mcp_notebook.approval.question import Question, shown_text
from mcp_notebook.approval.sampling_form import (
    ANSWER,
    about,
    answer_fields,
    answer_left,
    request_fields,
    request_left,
)
from mcp_notebook.approval.sampling_request import UnusableRequest, read_request
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_types import CreateMessageRequestParams, SamplingMessageContentBlock

    from mcp_notebook.approval.providers import Provider, Request
    from mcp_notebook.approval.question import Answer, Asker

    Ask = Callable[[Question], Awaitable[Answer]]

__all__ = ["DECLINED", "answer_sampling"]

DECLINED = -1
"""The code that the specification shows for a person who says no."""

_ANSWER_LINES = 6


class _Refused(Exception):
    """The person said no."""


async def answer_sampling(
    asker: Asker, params: CreateMessageRequestParams, ask: Ask, provider: Provider | None
) -> CreateMessageResult | CreateMessageResultWithTools | ErrorData:
    """Answer one request to a model.

    Args:
        asker: who asks.
        params: of the request.
        ask: gets the answer to a question.
        provider: the model; None if the person writes the answer.

    Raises:
        ModelFailed: the model gave no answer.
    """
    try:
        request = read_request(params, for_person=provider is None)
    except UnusableRequest as error:
        return ErrorData(code=INVALID_PARAMS, message=f"This request cannot be answered: {error}.")
    try:
        completion = await (
            _write(asker, request, ask) if provider is None else _generate(asker, request, ask, provider)
        )
    except _Refused:
        return ErrorData(code=DECLINED, message="The person declined the request.")
    return _to_result(completion)


def _to_result(completion: Completion) -> CreateMessageResult | CreateMessageResultWithTools:
    text = TextContent(text=completion.text)
    model, reason = completion.model, completion.stop_reason
    if not completion.tool_uses:
        return CreateMessageResult(role="assistant", content=text, model=model, stop_reason=reason)
    content: list[SamplingMessageContentBlock] = [*([text] if completion.text else []), *completion.tool_uses]
    return CreateMessageResultWithTools(role="assistant", content=content, model=model, stop_reason=reason)


async def _write(asker: Asker, request: Request, ask: Ask) -> Completion:
    """Let the person write the answer: one look, as nothing leaves but what they wrote."""
    told = [f"{message.role}: {message.text}" for message in request.messages]
    title = "The server asks a language model; you are to write its answer"
    message = shown_text("\n\n".join([*([f"system: {request.system}"] if request.system else []), *told]))
    field = Field(ANSWER, "text", "Answer", required=True, bounds={"minLength": 1}, lines=_ANSWER_LINES)
    answer = await ask(Question("sampling", asker, title, message, [field], notes=about(request)))
    if answer.action != "accept":
        raise _Refused
    return Completion(answer.content[ANSWER], "human", "endTurn")


async def _generate(asker: Asker, request: Request, ask: Ask, provider: Provider) -> Completion:
    """Let the person look at the request, then at the answer; both can be changed."""
    first = await ask(
        Question(
            kind="sampling",
            asker=asker,
            title="The server asks a language model",
            message=f"This goes to {provider_name(provider)}; you can change it.",
            fields=request_fields(request),
            notes=about(request),
            accept_label="Send to the model",
            may_last=("accept", "decline"),
        )
    )
    if first.action != "accept":
        raise _Refused
    completion = await complete(provider, request_left(request, first.content))
    second = await ask(
        Question(
            kind="sampling",
            asker=asker,
            title=f"The answer of {one_line(completion.model, 100)}",
            message="This goes to the server; you can change it.",
            fields=answer_fields(completion),
            accept_label="Give it to the server",
            may_last=(),
        )
    )
    if second.action != "accept":
        raise _Refused
    return answer_left(completion, second.content)

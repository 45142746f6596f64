"""Models that are reached as OpenAI's are: the Chat Completions interface, by the package `openai`.

    OpenAIModel(["llama3.2"], "http://localhost:11434/v1")      Ollama; vLLM and LM Studio likewise

Knows how a request is written there and an answer read. That package waits and asks again by itself (429, 500 and the
like, lost connections).
"""

from __future__ import annotations

import asyncio
import json
import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.approval.providers.conversation import Completion, Usage
from mcp_notebook.approval.providers.failures import BROKEN_OFF, ModelFailed, check_installed
from mcp_notebook.approval.providers.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp_types import AudioContent, ContentBlock, SamplingMessageContentBlock, ToolUseContent
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletion

    from mcp_notebook.approval.providers.access import Access
    from mcp_notebook.approval.providers.conversation import Message, Request
    from mcp_notebook.approval.providers.model import OnText

__all__ = ["OpenAIModel", "to_openai"]

_STOP_REASONS = {"stop": "endTurn", "length": "maxTokens", "tool_calls": "toolUse"}
_SOUNDS = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
_WISHES = ("temperature", "stop", "stream_options")  # which some models refuse, and which a host may leave out


class OpenAIModel(Model):
    """Models of OpenAI's, or of a server that speaks as OpenAI's do; see `Model`. OPENAI_BASE_URL counts, too."""

    maker = "openai"

    async def _answer(self, request: Request, name: str, on_text: OnText) -> Completion:
        own = self.access.url is None and not os.environ.get("OPENAI_BASE_URL")
        # OpenAI's newer models refuse the word that everybody else knows.
        written = to_openai(request, name, "max_completion_tokens" if own else "max_tokens")
        async with await self._open() as client:
            return _to_completion(await _ask(client, written, on_text), self.access, name)

    async def _open(self) -> AsyncOpenAI:
        check_installed("openai")
        key = self.access.find_key()
        if key is None:
            raise ModelFailed("There is no key for openai: set OPENAI_API_KEY in this kernel's environment.")
        package = await asyncio.to_thread(import_module, "openai")  # takes half a second
        return cast("AsyncOpenAI", package.AsyncOpenAI(api_key=key, base_url=self.access.url))


async def _ask(client: AsyncOpenAI, written: dict[str, Any], on_text: OnText) -> ChatCompletion | None:
    """Have a request answered, without a wish that this model refuses."""
    from openai import BadRequestError  # noqa: PLC0415  it is there by now

    try:
        return await _stream(client, written, on_text)
    except BadRequestError as error:
        if error.param not in _WISHES or error.param not in written:
            raise
        without = {name: value for name, value in written.items() if name != error.param}
        return await _ask(client, without, on_text)


async def _stream(client: AsyncOpenAI, written: dict[str, Any], on_text: OnText) -> ChatCompletion | None:
    """Put the pieces of an answer together; None if there were none."""
    from openai.lib.streaming.chat import ChatCompletionStreamState  # noqa: PLC0415  as above

    state: Any = ChatCompletionStreamState()
    numbers = CallNumbers()
    any_came = False
    async with await client.chat.completions.create(**written, stream=True) as stream:
        async for chunk in stream:
            any_came = True
            for choice in chunk.choices[:1]:
                for call in choice.delta.tool_calls or ():
                    call.index = numbers.number(getattr(call, "index", None), call.id)
                if choice.delta.content:
                    on_text(choice.delta.content)
            state.handle_chunk(chunk)
    return state.current_completion_snapshot if any_came else None


class CallNumbers:
    """Says which use of a tool a piece of an answer belongs to.

    OpenAI numbers the pieces. Of the servers that speak as it does some leave the numbers out, and some give each use
    the number 0: there a new id begins a new use, and a piece without one goes on with the last.
    """

    def __init__(self) -> None:
        self._ids: list[str | None] = []
        self._numbers: dict[int, int] = {}
        self._last = 0

    def number(self, index: int | None, call_id: str | None) -> int:
        """Give the number of one piece's use, from 0.

        Args:
            index: what the server says; None if it does not.
            call_id: of the use; None where the piece has none.
        """
        known = self._last if index is None else self._numbers.get(index)
        begins = not self._ids or known is None or (call_id and self._ids[known] not in (None, call_id))
        if begins and call_id in self._ids and call_id:
            known, begins = self._ids.index(call_id), False
        if begins or known is None:
            known = len(self._ids)
            self._ids.append(call_id or None)
        if index is not None:
            self._numbers[index] = known
        self._last = known
        return known


def to_openai(request: Request, model: str, limit_name: str) -> dict[str, Any]:
    """Write a request as the interface wants it.

    Args:
        request: what is asked.
        model: its name.
        limit_name: what the limit of the answer's length is called there.

    Raises:
        ModelFailed: it holds something that this interface does not take.
    """
    system = [{"role": "system", "content": request.system}] if request.system else []
    messages = [one for message in request.messages for one in _to_messages(message)]
    written: dict[str, Any] = {
        "model": model,
        limit_name: request.max_tokens,
        "messages": [*system, *messages],
        "stream_options": {"include_usage": True},
    }
    if request.temperature is not None:
        written["temperature"] = request.temperature
    if request.stop:
        written["stop"] = list(request.stop)
    if request.tools:
        written["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description or "",
                    "parameters": tool.input_schema,
                },
            }
            for tool in request.tools
        ]
        written["tool_choice"] = request.tool_choice
    return written


def _to_messages(message: Message) -> Iterable[dict[str, Any]]:
    """Write one message as those that it is here: each result of a tool is one of its own."""
    parts: list[dict[str, Any]] = []
    for block in message.content:
        if block.type == "tool_result":
            texts = [one.text for one in block.content if one.type == "text"]
            yield {"role": "tool", "tool_call_id": block.tool_use_id, "content": "\n".join(texts)}
            parts += [_to_part(one) for one in block.content if one.type != "text"]
        elif block.type != "tool_use":
            parts.append(_to_part(block))
    calls = [_to_call(block) for block in message.content if block.type == "tool_use"]
    if parts or calls:
        only_text = all(part["type"] == "text" for part in parts)
        text = "\n".join(part["text"] for part in parts) if only_text else None
        if message.role == "assistant" and text is None:
            raise ModelFailed("Models of this interface take only texts as what they said before.")
        content = {"content": (text or None) if calls else text} if only_text else {"content": parts}
        yield {"role": message.role, **content, **({"tool_calls": calls} if calls else {})}


def _to_part(block: SamplingMessageContentBlock | ContentBlock) -> dict[str, Any]:
    if block.type == "text":
        return {"type": "text", "text": block.text}
    if block.type == "image":
        return {"type": "image_url", "image_url": {"url": f"data:{block.mime_type};base64,{block.data}"}}
    if block.type == "audio":
        return {"type": "input_audio", "input_audio": {"data": block.data, "format": _sound_format(block)}}
    raise ModelFailed(f"Models of this interface take no {block.type}.")


def _sound_format(block: AudioContent) -> str:
    if block.mime_type not in _SOUNDS:
        raise ModelFailed(f"Models of this interface take no sounds of the kind {block.mime_type}.")
    return _SOUNDS[block.mime_type]


def _to_call(block: ToolUseContent) -> dict[str, Any]:
    function = {"name": block.name, "arguments": json.dumps(block.input)}
    return {"id": block.id, "type": "function", "function": function}


def _to_completion(answer: ChatCompletion | None, access: Access, name: str) -> Completion:
    if answer is None or not answer.choices or not answer.choices[0].finish_reason:
        raise ModelFailed(f"{access.where} gave no whole answer: {BROKEN_OFF}.")
    choice = answer.choices[0]
    calls = [_to_use(call, access) for call in choice.message.tool_calls or ()]
    reason: str = choice.finish_reason
    return Completion(
        text=choice.message.content or choice.message.refusal or "",
        model=answer.model or name,  # not every server says
        stop_reason="toolUse" if calls else _STOP_REASONS.get(reason, reason),
        tool_uses=calls,
        usage=None if answer.usage is None else Usage(answer.usage.prompt_tokens, answer.usage.completion_tokens),
    )


def _to_use(call: Any, access: Access) -> ToolUseContent:
    from mcp_types import ToolUseContent  # noqa: PLC0415  a quarter of a second, where nothing is connected to yet

    try:
        arguments: Any = json.loads(call.function.arguments or "{}")
        return ToolUseContent(id=call.id, name=call.function.name, input=arguments)
    except (AttributeError, ValueError):
        raise ModelFailed(f"{access.where} wants a tool used in a way that cannot be read.") from None

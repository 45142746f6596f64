"""Models that are reached as Anthropic's are: the Messages interface, by the package `anthropic`.

Knows how a request is written there and an answer read. That package waits and asks again by itself (429, 500 and the
like, lost connections). This interface takes no sounds and no temperature.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mcp_notebook.approval.providers.conversation import Completion, Usage
from mcp_notebook.approval.providers.failures import BROKEN_OFF, ModelFailed, check_installed
from mcp_notebook.approval.providers.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anthropic import AsyncAnthropic
    from anthropic.types import Message as AnthropicMessage
    from mcp_types import ContentBlock, SamplingMessageContentBlock

    from mcp_notebook.approval.providers.access import Access
    from mcp_notebook.approval.providers.conversation import Message, Request
    from mcp_notebook.approval.providers.model import OnText

__all__ = ["AnthropicModel", "to_anthropic"]

_STOP_REASONS = {
    "end_turn": "endTurn",
    "max_tokens": "maxTokens",
    "model_context_window_exceeded": "maxTokens",
    "stop_sequence": "stopSequence",
    "tool_use": "toolUse",
}
_TOOL_CHOICES = {"auto": "auto", "required": "any", "none": "none"}


class AnthropicModel(Model):
    """Models of Anthropic's, or of a server that speaks as Anthropic's do; see `Model`."""

    maker = "anthropic"

    async def _answer(self, request: Request, name: str, on_text: OnText) -> Completion:
        async with await self._open() as client, client.messages.stream(**to_anthropic(request, name)) as stream:
            async for text in stream.text_stream:
                on_text(text)
            return _to_completion(await stream.get_final_message(), self.access)

    async def _open(self) -> AsyncAnthropic:
        check_installed("anthropic")
        key = self.access.find_key()
        package = await asyncio.to_thread(import_module, "anthropic")  # takes a second
        client: AsyncAnthropic = package.AsyncAnthropic(api_key=key, base_url=self.access.url)
        if client.api_key is None and client.auth_token is None and client.credentials is None:
            raise ModelFailed("There is no key for anthropic: set ANTHROPIC_API_KEY in this kernel's environment.")
        return client


def to_anthropic(request: Request, model: str) -> dict[str, Any]:
    """Write a request as the interface wants it.

    Raises:
        ModelFailed: it holds something that this interface does not take.
    """
    written: dict[str, Any] = {
        "model": model,
        "max_tokens": request.max_tokens,
        "messages": [_to_message(message) for message in request.messages],
    }
    if request.system:
        written["system"] = request.system
    if request.stop:
        written["stop_sequences"] = list(request.stop)
    if request.tools:
        written["tools"] = [
            {"name": tool.name, "description": tool.description or "", "input_schema": tool.input_schema}
            for tool in request.tools
        ]
        written["tool_choice"] = {"type": _TOOL_CHOICES[request.tool_choice]}
    return written


def _to_message(message: Message) -> dict[str, Any]:
    return {"role": message.role, "content": list(_to_blocks(message.content))}


def _to_blocks(content: Iterable[SamplingMessageContentBlock | ContentBlock]) -> Iterable[dict[str, Any]]:
    for block in content:
        if block.type == "text":
            if block.text:  # an empty one is refused
                yield {"type": "text", "text": block.text}
        elif block.type == "image":
            source = {"type": "base64", "media_type": block.mime_type, "data": block.data}
            yield {"type": "image", "source": source}
        elif block.type == "tool_use":
            yield {"type": "tool_use", "id": block.id, "name": block.name, "input": block.input}
        elif block.type == "tool_result":
            yield {
                "type": "tool_result",
                "tool_use_id": block.tool_use_id,
                "content": list(_to_blocks(block.content)),
                "is_error": bool(block.is_error),
            }
        else:
            raise ModelFailed(f"Models of anthropic take no {block.type}.")


def _to_completion(message: AnthropicMessage, access: Access) -> Completion:
    from mcp_types import ToolUseContent  # noqa: PLC0415  a quarter of a second, where nothing is connected to yet

    if message.stop_reason is None:
        raise ModelFailed(f"{access.where} gave no whole answer: {BROKEN_OFF}.")
    return Completion(
        text="".join(block.text for block in message.content if block.type == "text"),
        model=message.model,
        stop_reason=_STOP_REASONS.get(message.stop_reason, message.stop_reason),
        tool_uses=[
            ToolUseContent(id=block.id, name=block.name, input=dict(block.input))
            for block in message.content
            if block.type == "tool_use"
        ],
        usage=_to_usage(message),
    )


def _to_usage(message: AnthropicMessage) -> Usage:
    used = message.usage
    cached = (used.cache_read_input_tokens or 0) + (used.cache_creation_input_tokens or 0)
    return Usage(used.input_tokens + cached, used.output_tokens)

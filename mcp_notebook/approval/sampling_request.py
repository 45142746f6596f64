"""A server's request to a model, read: checked, bounded and brought into the shape that models are asked in.

Knows MCP's sampling (client/sampling, of 2025-11-25; deprecated in 2026-07-28): messages of texts, images, sounds, uses
of tools and their results; tools; wishes. Refuses to know how a person or a model is asked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp.server.validation import validate_tool_use_result_messages
from mcp_types import BlobResourceContents, EmbeddedResource, ModelPreferences, TextContent, ToolResultContent

from mcp_notebook.approval.providers import Message, Request
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mcp_types import (
        ContentBlock,
        CreateMessageRequestParams,
        SamplingMessage,
        SamplingMessageContentBlock,
    )

__all__ = ["UnusableRequest", "read_request"]

_MAX_MESSAGES = 40
_MAX_PIECES = 60
_MAX_TOOLS = 20
_MAX_CHARACTERS = 200_000
_MAX_MEDIA = 20_000_000  # characters of Base64
_MAX_NAMES = 5


class UnusableRequest(ValueError):
    """A request that cannot be put to a person or a model; `str()` says why."""


def read_request(params: CreateMessageRequestParams, *, for_person: bool) -> Request:
    """Read a request to a model.

    Args:
        params: of the request.
        for_person: it is a person who answers, not a model.

    Raises:
        UnusableRequest: it is longer than a person could look at, or not as the specification wants it, or more than
            a person could answer.
    """
    if for_person and not _is_text_only(params):
        raise UnusableRequest("it has more than texts, and no model is there to take it")
    _check_results(params.messages)
    messages = [
        Message(one.role, tuple(_read_block(block) for block in one.content_as_list)) for one in params.messages
    ]
    system = params.system_prompt or ""
    tools = params.tools or []
    _check_size(system, messages, tools)
    wishes = params.model_preferences or ModelPreferences()
    priorities = {
        "cost": wishes.cost_priority,
        "speed": wishes.speed_priority,
        "intelligence": wishes.intelligence_priority,
    }
    return Request(
        messages=messages,
        system=system,
        max_tokens=params.max_tokens,
        temperature=params.temperature,
        stop=tuple(params.stop_sequences or ()),
        models=tuple(hint.name for hint in wishes.hints or () if hint.name)[:_MAX_NAMES],
        priorities={name: value for name, value in priorities.items() if value is not None},
        tools=tuple(tools),
        tool_choice=(params.tool_choice.mode if params.tool_choice else None) or "auto",
    )


def _is_text_only(params: CreateMessageRequestParams) -> bool:
    blocks = (block for message in params.messages for block in message.content_as_list)
    return not params.tools and all(block.type == "text" for block in blocks)


def _check_results(messages: Sequence[SamplingMessage]) -> None:
    """See that each use of a tool is followed by its result, and by nothing else."""
    try:
        for end in range(1, len(messages[: _MAX_MESSAGES + 1]) + 1):
            validate_tool_use_result_messages(list(messages[:end]))
    except ValueError as error:
        raise UnusableRequest(f"its results of tools are not in order: {one_line(str(error), 200)}") from None
    if messages and any(block.type == "tool_use" for block in messages[-1].content_as_list):
        raise UnusableRequest("a result of a tool is missing at its end")


def _read_block(block: SamplingMessageContentBlock) -> SamplingMessageContentBlock:
    if not isinstance(block, ToolResultContent):
        return block
    content = [_read_result(one) for one in block.content]
    if not content and block.structured_content is not None:
        content = [TextContent(text=json.dumps(block.structured_content, ensure_ascii=False))]
    return block.model_copy(update={"content": content})


def _read_result(block: ContentBlock) -> ContentBlock:
    """Make a text of what a tool gave that no model takes: a resource, or a link to one."""
    if isinstance(block, EmbeddedResource):
        if isinstance(block.resource, BlobResourceContents):
            return TextContent(text=f"{block.resource.uri} ({block.resource.mime_type or 'bytes'})")
        return TextContent(text=block.resource.text)
    return TextContent(text=f"{block.name}: {block.uri}") if block.type == "resource_link" else block


def _check_size(system: str, messages: Sequence[Message], tools: Sequence[Any]) -> None:
    blocks = [block for message in messages for block in _all_blocks(message)]
    texts = sum(len(_text_of(block)) for block in blocks) + sum(len(tool.model_dump_json()) for tool in tools)
    media = sum(len(block.data) for block in blocks if block.type in ("image", "audio"))
    found = (
        (len(messages), _MAX_MESSAGES, "messages"),
        (len(blocks), _MAX_PIECES, "pieces"),
        (len(tools), _MAX_TOOLS, "tools"),
        (len(system) + texts, _MAX_CHARACTERS, "characters"),
        (media, _MAX_MEDIA, "characters of images and sounds"),
    )
    for count, most, what in found:
        if count > most:
            raise UnusableRequest(f"it has more than {most:,} {what}")


def _all_blocks(message: Message) -> Iterator[Any]:
    for block in message.content:
        yield block
        if block.type == "tool_result":
            yield from block.content


def _text_of(block: Any) -> str:
    return block.text if block.type == "text" else json.dumps(block.input) if block.type == "tool_use" else ""

"""What a person sees of a request to a model and of its answer, and what they made of both.

Knows fields: a text can be changed; an image, a sound or a use of a tool is seen and can be left out. Refuses to know
who shows them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.approval.fields import Field
from mcp_notebook.approval.question import shown_text
from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mcp_types import AudioContent, ImageContent, SamplingMessageContentBlock, TextContent, ToolResultContent

    from mcp_notebook.approval.providers import Completion, Message, Request

    Piece = TextContent | ImageContent | AudioContent

__all__ = ["ANSWER", "about", "answer_fields", "answer_left", "request_fields", "request_left", "text_field"]

ANSWER = "answer"
"""The name of the field with the model's answer."""

_SYSTEM = "system"
_MOST_LINES = 12
_MAX_MEDIA = 3_000_000  # characters of Base64: a notebook may keep what it shows
_SHOWN_MEDIA = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "audio/wav", "audio/mpeg"})
_MAX_SHOWN = 300  # characters of what a tool is for, or is given


def request_fields(request: Request) -> list[Field]:
    """Give a field for each piece of a request."""
    uses = {block.id: block for message in request.messages for block in message.content if block.type == "tool_use"}
    fields = [text_field(_SYSTEM, "System", request.system)] if request.system else []
    for name, role, piece, result in _pieces(request.messages):
        use = uses.get(result.tool_use_id) if result else None
        label = f"What {one_line(use.name, 100)} gave" if use else role
        field = _piece_field(name, label, piece)
        fields.append(replace(field, help=f"{_use_shown(use.input)}\n{field.help}".strip()) if use else field)
    return fields


def request_left(request: Request, content: Mapping[str, Any]) -> Request:
    """Give a request as the person left it.

    Args:
        request: as it came.
        content: of the fields.
    """
    messages = [
        replace(message, content=tuple(_left(str(at), message, content))) for at, message in enumerate(request.messages)
    ]
    system = content.get(_SYSTEM, "")
    return replace(request, messages=[one for one in messages if one.content], system=system)


def _pieces(messages: Sequence[Message]) -> Iterator[tuple[str, str, Piece, ToolResultContent | None]]:
    """Give what can be changed: its field's name, who says it, what it is, and the result of a tool that it is in."""
    for at, message in enumerate(messages):
        for number, block in enumerate(message.content):
            name = _name(str(at), number, message)
            if block.type == "tool_result":
                for inner, piece in enumerate(block.content):
                    yield f"{name}.{inner}", message.role, cast("Piece", piece), block
            elif block.type != "tool_use":
                yield name, message.role, block, None


def _name(at: str, number: int, message: Message) -> str:
    return at if len(message.content) == 1 else f"{at}.{number}"


def _left(at: str, message: Message, content: Mapping[str, Any]) -> Iterator[SamplingMessageContentBlock]:
    for number, block in enumerate(message.content):
        name = _name(at, number, message)
        if block.type == "tool_use":
            yield block
        elif block.type == "tool_result":
            inner = [
                one
                for place, piece in enumerate(block.content)
                if (one := _piece_left(cast("Piece", piece), content.get(f"{name}.{place}"))) is not None
            ]
            yield block.model_copy(update={"content": inner})
        elif (left := _piece_left(block, content.get(name))) is not None:
            yield left


def _piece_left(piece: Piece, value: Any) -> Piece | None:
    if piece.type == "text":
        return piece.model_copy(update={"text": value or ""})
    return piece if value else None


def _piece_field(name: str, role: str, piece: Piece) -> Field:
    if piece.type == "text":
        return text_field(name, role, piece.text)
    size = len(piece.data) * 3 // 4
    label = f"{role}: send the {piece.type} ({one_line(piece.mime_type, 50)}, {size:,} bytes)"
    media = _to_url(piece)
    return Field(name, "boolean", label, "" if media else "It cannot be shown here.", default=True, media=media)


def _to_url(piece: ImageContent | AudioContent) -> str:
    """Give what a front end shows; "" if it is of another kind than those that only show, too large, or not whole."""
    if piece.mime_type not in _SHOWN_MEDIA or len(piece.data) > _MAX_MEDIA:
        return ""
    try:
        base64.b64decode(piece.data, validate=True)
    except ValueError:
        return ""
    return f"data:{piece.mime_type};base64,{piece.data}"


def text_field(name: str, label: str, text: str) -> Field:
    """Give a field in which a text can be changed."""
    lines = min(_MOST_LINES, 2 + text.count("\n") + len(text) // 80)
    return Field(name, "text", label, default=text, lines=lines)


def _use_shown(given: Mapping[str, Any]) -> str:
    return shown_text(f"given {json.dumps(given, ensure_ascii=False)}", _MAX_SHOWN)


def answer_fields(completion: Completion) -> list[Field]:
    """Give a field for each piece of a model's answer."""
    uses = [
        Field(
            f"use.{at}",
            "boolean",
            f"Have the server use {one_line(use.name, 100)}",
            _use_shown(use.input),
            default=True,
        )
        for at, use in enumerate(completion.tool_uses)
    ]
    text = [text_field(ANSWER, "Answer", completion.text)] if completion.text or not uses else []
    return [*text, *uses]


def answer_left(completion: Completion, content: Mapping[str, Any]) -> Completion:
    """Give a model's answer as the person left it."""
    uses = [use for at, use in enumerate(completion.tool_uses) if content.get(f"use.{at}")]
    reason = "endTurn" if completion.tool_uses and not uses else completion.stop_reason
    return replace(completion, text=content.get(ANSWER, ""), tool_uses=uses, stop_reason=reason)


def about(request: Request) -> list[str]:
    """Say what the server wishes beside the texts, a sentence each."""
    said = [f"The answer may have up to {request.max_tokens:,} tokens."]
    if request.models:
        said.append(f"The server would like the model {', '.join(one_line(name, 50) for name in request.models)}.")
    if request.priorities:
        weights = ", ".join(f"{name} {weight:g}" for name, weight in request.priorities.items())
        said.append(f"From 0 to 1, the server cares for: {weights}.")
    if request.tools and request.tool_choice != "none":
        how = "must" if request.tool_choice == "required" else "can"
        said.append(f"The model {how} ask the server to use its tools; you see what before the server does.")
        said += [
            f"{one_line(tool.name, 100)}: {one_line(tool.description or 'not described', _MAX_SHOWN)}"
            for tool in request.tools
        ]
    return said

"""What a tool gave, as a model gets it: texts marked as data with their source, and the pictures that models take.

Knows the protocol's blocks. Refuses to give a model more than it can read: what is left out is said.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mcp_types import ImageContent, TextContent, TextResourceContents

from mcp_notebook.defences.data import mark_as_data

if TYPE_CHECKING:
    from mcp_types import BlobResourceContents, CallToolResult, ContentBlock

__all__ = ["contents_text", "give", "mark", "result_text"]

_MAX_CHARACTERS = 100_000
_MAX_PICTURE = 5_000_000  # characters of Base64
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


def result_text(result: CallToolResult) -> str:
    """Give the text of a tool's result: its texts, and what else there is, named; its structure where it has none."""
    parts = [_block_text(block) for block in result.content if not _is_picture(block)]
    if not any(block.type == "text" for block in result.content) and result.structured_content is not None:
        parts.append(json.dumps(result.structured_content, ensure_ascii=False))
    return "\n".join(parts)


def contents_text(contents: TextResourceContents | BlobResourceContents) -> str:
    """Give the text of a resource; of bytes only what they are."""
    if isinstance(contents, TextResourceContents):
        return contents.text
    return f"[{contents.mime_type or 'bytes'}, {len(contents.blob) * 3 // 4:,} bytes, not shown to models]"


def mark(source: str, text: str) -> TextContent:
    """Mark a server's text as data, and cut it to what a model can read.

    Args:
        source: where it is from: `server.tool`, or a resource.
        text: of it.
    """
    more = len(text) - _MAX_CHARACTERS
    cut = text if more <= 0 else f"{text[:_MAX_CHARACTERS]}\n[{more:,} more characters were left out]"
    return TextContent(text=mark_as_data(source, cut))


def give(source: str, text: str, result: CallToolResult) -> list[ContentBlock]:
    """Give what a model gets of a tool's result: its text, and the pictures that go along; see `mark`."""
    return [mark(source, text), *(block for block in result.content if _is_picture(block))]


def _is_picture(block: ContentBlock) -> bool:
    return isinstance(block, ImageContent) and block.mime_type in _PICTURES and len(block.data) <= _MAX_PICTURE


def _block_text(block: ContentBlock) -> str:
    if block.type == "text":
        return block.text
    if block.type == "resource":
        return f"{block.resource.uri}:\n{contents_text(block.resource)}"
    if block.type == "resource_link":
        return f"[a link to the resource {block.uri}: {block.title or block.name}]"
    return f"[{block.mime_type}, {len(block.data) * 3 // 4:,} bytes, not shown to models]"

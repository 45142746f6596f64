"""How one block of content looks: a text, an image, a sound, a resource, a link to one.

Knows what a browser shows without running or loading anything: images and sounds from data URIs (an SVG only inside an
`<img>`, where its scripts are dead), formatted Markdown where the server says that it is Markdown. Everything else,
HTML above all, is shown as the text that it is.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from typing import TYPE_CHECKING, Literal

from mcp_notebook.display import View, limits, markdown_text, one_line, text_view, titled_view
from mcp_notebook.documents import Document, new_document
from mcp_notebook.words import quote_word

if TYPE_CHECKING:
    from mcp_types import AudioContent, ContentBlock, ImageContent, ResourceLink

__all__ = ["block_view", "document_view", "find_document", "find_image", "find_media"]

_IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_SVG = "image/svg+xml"  # a document, not an image: front ends that get it by its type put it into the page
_AUDIO_TYPE = re.compile(r"audio/[a-z0-9.+-]+")


def block_view(block: ContentBlock, server: str | None) -> View:
    """Show a block.

    Args:
        block: one of the SDK's.
        server: the name of the connection it came by, for the line that reads a linked resource; None if unknown.
    """
    if block.type == "text":
        return text_view(block.text)
    if block.type == "resource_link":
        return _link_view(block, server)
    if block.type == "resource":
        return titled_view(f"resource {block.resource.uri}", document_view(new_document(block.resource)))
    return document_view(_media(block))


def find_document(block: ContentBlock) -> Document | None:
    """Find what an image, a sound or an embedded resource holds; None for a text and for a link."""
    if block.type == "text" or block.type == "resource_link":  # noqa: PLR1714  so the type checker knows the rest
        return None
    if block.type == "resource":
        return new_document(block.resource)
    return _media(block)


def _media(block: ImageContent | AudioContent) -> Document:
    return Document(block.mime_type.lower(), "", None, block.data)


def document_view(document: Document) -> View:
    """Show what a resource holds: by its type, and where that says nothing, by the end of its URI."""
    if (tag := _find_tag(document)) is not None:
        named = _named(document)
        return View(named, markdown_text(named), tag)
    if document.text is None:
        return text_view(_named(document))
    if document.mime_type == "text/markdown":
        from mcp_notebook.markdown import markdown_view  # noqa: PLC0415  two libraries that little else needs

        return markdown_view(document.text)
    table = document.find_preview()
    if table is not None:
        return table.to_view()
    value = document.find_json() if document.format == "JSON" else None
    return text_view(document.text if value is None else json.dumps(value, indent=2, ensure_ascii=False))


def find_image(document: Document) -> tuple[str, str] | None:
    """Find an image that every front end shows and that runs nothing: its type and its base64."""
    encoded = _find_base64(document) if document.mime_type in _IMAGE_TYPES else None
    return None if encoded is None else (document.mime_type, encoded)


def _named(document: Document) -> str:
    """Name what is not shown as text: `<image/png, 68 bytes>`."""
    note = ""
    if document.format is not None:
        note = "; .DataFrame() reads it"
    elif document.size > limits.bytes:
        note = f"; not shown, since it is more than {limits.bytes:,}"
    return one_line(f"<{document.mime_type or 'bytes'}, {document.size:,} bytes{note}>")


def find_media(document: Document) -> tuple[Literal["image", "audio"], str] | None:
    """Find the image or the sound that a browser shows without running anything, as a data URI."""
    is_image = document.mime_type in {*_IMAGE_TYPES, _SVG}
    encoded = _find_base64(document) if is_image or _AUDIO_TYPE.fullmatch(document.mime_type) else None
    source = f"data:{document.mime_type};base64,{encoded}"
    return None if encoded is None else ("image" if is_image else "audio", source)


def _find_tag(document: Document) -> str | None:
    """Find the HTML that shows an image or plays a sound."""
    found = find_media(document)
    if found is None:
        return None
    kind, source = found
    named = html.escape(_named(document))
    if kind == "image":
        return f'<img alt="{named}" src="{source}">'
    return f'<audio controls src="{source}">{named}</audio>'


def _find_base64(document: Document) -> str | None:
    """Find the base64 to embed; None if there is too much of it, or if what the server sent is none."""
    if document.size > limits.bytes:
        return None
    try:
        return base64.b64encode(document.data).decode()
    except binascii.Error:
        return None


def _link_view(link: ResourceLink, server: str | None) -> View:
    """Show a link as a card, with the line that reads it."""
    size = None if link.size is None else f"{link.size:,} bytes"
    facts = ", ".join(filter(None, (link.title or link.name, link.mime_type, size)))
    read = f"%mcp read {quote_word(server) + ' ' if server else ''}{quote_word(one_line(link.uri, 2000))}"
    lines = [one_line(link.description or ""), read]
    return titled_view(f"resource link: {facts}", text_view("\n".join(filter(None, lines))))

"""What a server sent, as parts that a page shows: bounded, and nothing in them runs.

    {"kind": "text", "text": ...}                       put in as text
    {"kind": "markdown", "html": ...}                   of mcp_notebook/markdown.py
    {"kind": "table", "columns": [...], "rows": [...], "total": 2000}
    {"kind": "image" | "audio", "source": "data:...", "label": ...}
    {"kind": "hex", "text": ..., "label": ...}
    {"kind": "link", "uri": ..., "text": ...}

Knows how much of each is sent to a page: some hundred kilobytes at most, as Jupyter drops what is more. Refuses to know
the page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp_notebook.blocks import find_document, find_media
from mcp_notebook.display import clean, cut, limits, one_line
from mcp_notebook.documents import Document, new_document
from mcp_notebook.tables import find_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_types import ContentBlock

    from mcp_notebook.display import Table
    from mcp_notebook.prompts import PromptResult
    from mcp_notebook.results import ResourceResult, Result

__all__ = ["Part", "preview_json", "preview_messages", "preview_resource", "preview_result", "shown_text"]

Part = dict[str, Any]

MAX_ROWS, MAX_COLUMNS, MAX_CELL = 100, 40, 100
MAX_PARTS = 20
MAX_MEDIA_BYTES = 1024 * 1024
MAX_HEX_BYTES = 512
MAX_CHARACTERS = 2 * 1024 * 1024
"""Of all parts together; Jupyter drops what is more than a megabyte a second, for some seconds."""
_HEX_LINE = 16
_REST = "bind the result to a variable to have all of it"


def shown_text(text: str, most: int | None = None, rest: str = _REST) -> str:
    """Give a text as it is shown: bounded, and without what hides or acts.

    Args:
        text: the whole.
        most: how many characters of it; None for this notebook's limit.
        rest: where all of it is.
    """
    return clean(cut(text, most, rest))


def preview_json(value: Any, rest: str = _REST) -> str:
    """Write a JSON value for people, bounded; `rest` says where all of it is."""
    return shown_text(json.dumps(value, indent=2, ensure_ascii=False), rest=rest)


def preview_result(result: Result) -> list[Part]:
    """Show what a tool answered: its structure, and whatever blocks do not say the same again."""
    table = find_table(result.structured)
    blocks = result.content
    if table is not None:
        return [_table(table), *_blocks([one for one in blocks if one.type != "text"])]
    if result.structured is not None and not (set(result.structured) == {"result"} and result.text):
        return [
            {"kind": "text", "text": preview_json(result.structured)},
            *_blocks([one for one in blocks if one.type != "text"]),
        ]
    return _blocks(blocks) or [{"kind": "text", "text": "(an empty result)"}]


def preview_resource(result: ResourceResult) -> list[Part]:
    """Show what a resource holds."""
    documents = [new_document(contents) for contents in result.content]
    parts = [_document(document) for document in documents[:MAX_PARTS]]
    if len(documents) > 1:
        parts = [{**part, "title": one_line(one.uri, 200)} for part, one in zip(parts, documents, strict=False)]
    return [*_bounded(parts), *_more(len(documents))] or [{"kind": "text", "text": "(nothing is in it)"}]


def preview_messages(result: PromptResult) -> list[Part]:
    """Show a prompt's messages, each with who would say it."""
    messages = result.messages
    parts = [{**_block(one.content), "title": str(one.role)} for one in messages[:MAX_PARTS]]
    return [*_bounded(parts), *_more(len(messages))] or [{"kind": "text", "text": "(a prompt without messages)"}]


def _blocks(blocks: Sequence[ContentBlock]) -> list[Part]:
    return [*_bounded([*map(_block, blocks[:MAX_PARTS])]), *_more(len(blocks))]


def _bounded(parts: list[Part]) -> list[Part]:
    """Leave out the parts that are too much together, and say so of each."""
    shown: list[Part] = []
    size = 0
    for part in parts:
        size += sum(len(str(value)) for value in part.values())
        note = {"kind": "text", "text": f"({part['kind']}: not shown, as there is too much in this answer)"}
        shown.append(part if size <= MAX_CHARACTERS else note)
    return shown


def _more(count: int) -> list[Part]:
    return [] if count <= MAX_PARTS else [{"kind": "text", "text": f"… {count - MAX_PARTS:,} more parts"}]


def _block(block: ContentBlock) -> Part:
    if block.type == "text":
        return {"kind": "text", "text": shown_text(block.text)}
    if block.type == "resource_link":
        facts = ", ".join(filter(None, (block.title or block.name, block.mime_type, block.description)))
        return {"kind": "link", "uri": one_line(block.uri, 2000), "text": one_line(facts)}
    document = find_document(block)
    if document is None:
        raise AssertionError("what is neither text nor a link has something in it")
    return _document(document)


def _document(document: Document) -> Part:
    label = one_line(f"{document.mime_type or 'bytes'}, {document.size:,} bytes", 200)
    media = find_media(document) if document.size <= min(MAX_MEDIA_BYTES, limits.bytes) else None
    if media is not None:
        return {"kind": media[0], "source": media[1], "label": label}
    if document.text is None:
        return {"kind": "hex", "text": _hex(document), "label": label}
    if document.mime_type == "text/markdown":
        from mcp_notebook.markdown import markdown_view  # noqa: PLC0415  two libraries that little else needs

        return {"kind": "markdown", "html": markdown_view(document.text).html}
    table = document.find_preview()
    if table is not None:
        return _table(table)
    value = document.find_json() if document.format == "JSON" else None
    return {"kind": "text", "text": shown_text(document.text) if value is None else preview_json(value)}


def _table(table: Table) -> Part:
    rows = [[_cell(value) for value in row[:MAX_COLUMNS]] for row in table.rows[:MAX_ROWS]]
    columns = [_cell(name) for name in table.columns[:MAX_COLUMNS]]
    total = len(table.rows) if table.total is None else table.total
    left_out = max(0, len(table.columns) - MAX_COLUMNS)
    return {"kind": "table", "columns": columns, "rows": rows, "total": total, "columnsLeftOut": left_out}


def _cell(value: Any) -> str:
    return "" if value is None else one_line(str(value), MAX_CELL)


def _hex(document: Document) -> str:
    """Write the first bytes as a hex dump: where they are, what they are, and those that are letters."""
    try:
        data = document.data[:MAX_HEX_BYTES]
    except ValueError:
        return "what the server sent is not base64"
    lines = [_hex_line(at, data[at : at + _HEX_LINE]) for at in range(0, len(data), _HEX_LINE)]
    more = document.size - len(data)
    return "\n".join([*lines, *([f"… {more:,} more bytes"] if more > 0 else [])])


def _hex_line(at: int, data: bytes) -> str:
    letters = "".join(chr(one) if 32 <= one < 127 else "." for one in data)  # noqa: PLR2004  what ASCII prints
    return f"{at:08x}  {data.hex(' '):<{3 * _HEX_LINE - 1}}  {letters}"

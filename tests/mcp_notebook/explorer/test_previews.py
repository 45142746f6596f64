"""What a server sent comes to a page bounded, as text, and without what cannot be seen."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    ImageContent,
    ReadResourceResult,
    TextContent,
    TextResourceContents,
)

from mcp_notebook.explorer.previews import MAX_MEDIA_BYTES, MAX_PARTS, preview_resource, preview_result
from mcp_notebook.results import ResourceResult, Result

EVIL = "<img src=x onerror='window.ran=1'><script>window.ran=1</script>\u202e\u200b\x1b[31m"
MOST = 100_000
"""Bytes that a page is sent of a text or a table."""


def result_of(*blocks: Any, structured: Any = None) -> list[dict[str, Any]]:
    return preview_result(Result(CallToolResult(content=list(blocks), structured_content=structured), "market"))


def resource_of(**contents: Any) -> dict[str, Any]:
    kind = BlobResourceContents if "blob" in contents else TextResourceContents
    (part,) = preview_resource(ResourceResult(ReadResourceResult(contents=[kind(uri="market://x", **contents)])))
    return part


def test_a_large_text_is_cut_and_says_how_much_there_is() -> None:
    (part,) = result_of(TextContent(type="text", text="x" * 900 * 1024))
    assert len(part["text"]) < MOST
    assert "more characters" in part["text"]


def test_a_large_table_is_cut_and_says_how_many_rows_there_are() -> None:
    (part,) = result_of(structured={"result": [{f"column {at}": "y" * 500 for at in range(60)}] * 1000})
    assert (part["kind"], part["total"], part["columnsLeftOut"]) == ("table", 1000, 20)
    assert len(json.dumps(part["rows"])) < 5 * MOST


def test_very_many_pictures_are_not_all_sent() -> None:
    picture = ImageContent(type="image", data=base64.b64encode(bytes(700 * 1024)).decode(), mime_type="image/png")
    parts = result_of(*[picture] * 10)
    assert [part["kind"] for part in parts] == ["image"] * 2 + ["text"] * 8


def test_very_many_parts_are_counted() -> None:
    parts = result_of(*[TextContent(type="text", text="x")] * 1000)
    assert len(parts) == MAX_PARTS + 1
    assert parts[-1]["text"] == "… 980 more parts"


def test_a_picture_that_is_too_large_is_named_and_its_first_bytes_shown() -> None:
    data = base64.b64encode(b"\x89PNG" + bytes(MAX_MEDIA_BYTES)).decode()
    (part,) = result_of(ImageContent(type="image", data=data, mime_type="image/png"))
    assert part["kind"] == "hex"
    assert part["text"].startswith("00000000  89 50 4e 47")
    assert "1,048,580 bytes" in part["label"]


def test_what_is_not_base64_is_said_to_be_so() -> None:
    (part,) = result_of(AudioContent(type="audio", data="!", mime_type="audio/wav"))
    assert part["text"] == "what the server sent is not base64"


@pytest.mark.parametrize("mime_type", ["text/html", "text/plain", "text/markdown", "application/json", None, EVIL])
def test_what_is_hostile_is_text(mime_type: str | None) -> None:
    part = resource_of(text=EVIL, mime_type=mime_type)
    shown = json.dumps(part, ensure_ascii=False)
    assert not set("\u202e\u200b\x1b") & set(shown)
    if part["kind"] == "markdown":
        assert "<script" not in part["html"]
        assert "<img" not in part["html"]
    else:
        assert part["kind"] == "text"


def test_a_type_that_breaks_out_of_a_data_uri_shows_no_picture() -> None:
    (part,) = result_of(ImageContent(type="image", data="AAAA", mime_type='image/png" onerror="alert(1)'))
    assert part["kind"] == "hex"

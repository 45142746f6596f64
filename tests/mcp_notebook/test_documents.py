from __future__ import annotations

import pytest

from mcp_notebook.documents import Document


@pytest.mark.parametrize(
    ("mime_type", "uri", "found"),
    [
        ("text/csv", "", "CSV"),
        ("", "x://orders.CSV", "CSV"),
        ("text/plain", "x://orders.csv?page=2#top", "CSV"),
        ("application/octet-stream", "x://orders.parquet", "Parquet"),
        ("application/geo+json", "", "JSON"),
        ("application/x-ndjson", "x://orders.json", "JSON lines"),
        ("text/html", "x://orders.csv", None),
        ("text/plain", "x://csv", None),
        ("", "", None),
    ],
)
def test_the_type_decides_and_where_it_says_nothing_the_end_of_the_uri(
    mime_type: str, uri: str, found: str | None
) -> None:
    assert Document(mime_type, uri, "", None).format == found


def test_a_long_csv_is_previewed_and_its_rows_are_counted() -> None:
    shown = repr(Document("text/csv", "", "id,text\n" + '1,"two\nlines"\n' * 1000, None).find_preview())
    assert shown.splitlines()[:2] == ["id  text", "1   two lines"]
    assert shown.endswith("\n… 980 more rows; .DataFrame() has them all")


@pytest.mark.parametrize("text", ["", "a,b\n1,2,3\n"])
def test_what_is_no_csv_has_no_preview(text: str) -> None:
    assert Document("text/csv", "", text, None).find_preview() is None


def test_lines_of_json_are_separated_by_line_feeds_only() -> None:
    lines = Document("application/jsonl", "", '{"a": "x\u2028y"}\r\n\n{"a": 2}', None)
    assert lines.find_json() == [{"a": "x\u2028y"}, {"a": 2}]


def test_broken_json_is_none() -> None:
    assert Document("application/json", "", "{", None).find_json() is None

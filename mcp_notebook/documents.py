"""What a resource holds: a text or bytes, with a type and a URI, and which of these are tables.

Knows the names of the tabular formats: the MIME type decides, and where it says nothing, how the URI ends. Refuses to
import a data frame library: see `frames`.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook.display import Table, limits
from mcp_notebook.tables import find_table

if TYPE_CHECKING:
    from mcp_types import BlobResourceContents, TextResourceContents

__all__ = ["Document", "Format", "new_document"]

Format = Literal["CSV", "TSV", "JSON", "JSON lines", "Parquet", "Arrow"]

_BY_TYPE: dict[str, Format] = {
    "text/csv": "CSV",
    "application/csv": "CSV",
    "text/tab-separated-values": "TSV",
    "application/json": "JSON",
    "text/json": "JSON",
    "application/jsonl": "JSON lines",
    "application/jsonlines": "JSON lines",
    "application/x-jsonlines": "JSON lines",
    "application/ndjson": "JSON lines",
    "application/x-ndjson": "JSON lines",
    "application/vnd.apache.parquet": "Parquet",
    "application/x-parquet": "Parquet",
    "application/parquet": "Parquet",
    "application/vnd.apache.arrow.file": "Arrow",
    "application/vnd.apache.arrow.stream": "Arrow",
}
_BY_ENDING: dict[str, Format] = {
    "csv": "CSV",
    "tsv": "TSV",
    "tab": "TSV",
    "json": "JSON",
    "jsonl": "JSON lines",
    "ndjson": "JSON lines",
    "parquet": "Parquet",
    "pq": "Parquet",
    "arrow": "Arrow",
    "arrows": "Arrow",
    "feather": "Arrow",
}
_SAYS_NOTHING = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True)
class Document:
    """A text or bytes, with what is said about it.

    Attributes:
        mime_type: in lower case and without parameters; empty if the server did not say.
        uri: where it is; empty if it has no URI.
        text: what it is as text; None if it is not text.
        base64: its bytes as the server sent them; None if it was sent as text.
    """

    mime_type: str
    uri: str
    text: str | None
    base64: str | None

    @property
    def format(self) -> Format | None:
        """Which of the tabular formats it has; None for any other."""
        if self.mime_type.endswith("+json"):
            return "JSON"
        if self.mime_type not in _SAYS_NOTHING:
            return _BY_TYPE.get(self.mime_type)
        path = self.uri.partition("#")[0].partition("?")[0]
        return _BY_ENDING.get(path.rpartition(".")[2].lower())

    @property
    def data(self) -> bytes:
        """Its bytes; those of a text in UTF-8.

        Raises:
            ValueError: the server sent something that is not base64.
        """
        return (self.text or "").encode() if self.base64 is None else base64.b64decode(self.base64, validate=True)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        if self.base64 is None:
            return len(self.data)
        return len(self.base64) * 3 // 4 - self.base64[-2:].count("=")

    def find_json(self) -> Any:
        """Find the JSON value that it is; None if it is none."""
        if self.text is None or self.format not in {"JSON", "JSON lines"}:
            return None
        try:
            if self.format == "JSON":
                return json.loads(self.text)
            return [json.loads(line) for line in self.text.split("\n") if line.strip()]
        except ValueError:
            return None

    def find_table(self) -> Table | None:
        """Find the rows of its JSON; None if it is not JSON, or no table."""
        return find_table(self.find_json())

    def find_preview(self) -> Table | None:
        """Find the rows to show: those of its JSON, or the first ones of CSV and TSV, as texts."""
        if self.text is not None and self.format in {"CSV", "TSV"}:
            return _find_first_rows(self.text, "," if self.format == "CSV" else "\t")
        return self.find_table()


def new_document(contents: TextResourceContents | BlobResourceContents) -> Document:
    """Make a document of a resource's contents, as the SDK gives them."""
    mime_type = (contents.mime_type or "").partition(";")[0].strip().lower()
    text: str | None = getattr(contents, "text", None)
    encoded: str | None = getattr(contents, "blob", None)
    document = Document(mime_type, contents.uri, text, encoded)
    if text is not None or not (
        mime_type.startswith("text/") or document.format in {"CSV", "TSV", "JSON", "JSON lines"}
    ):
        return document
    return Document(mime_type, contents.uri, _find_text(document), encoded)


def _find_text(document: Document) -> str | None:
    """Find the text that was sent as bytes, as servers do with files that they only pass on."""
    try:
        return document.data.decode("utf-8-sig")
    except (UnicodeDecodeError, binascii.Error):
        return None


def _find_first_rows(text: str, separator: str) -> Table | None:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator)
    first: list[list[str]] = []
    total = 0
    try:
        header = next(reader)
        for row in filter(None, reader):
            if len(row) > len(header):
                return None
            if total < limits.rows:
                first.append(row + [""] * (len(header) - len(row)))
            total += 1
    except (csv.Error, StopIteration):  # not CSV, or empty
        return None
    return Table(header, first, total=total)

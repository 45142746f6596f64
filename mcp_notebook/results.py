"""What a server answered, for a person: text, structure, data frame, and a rich display of whichever it is.

Knows what the answer of a tool and the contents of a resource have in them, and which of it is a table. Refuses to know
how one block looks (`blocks`), and to let anything of it run.
"""

from __future__ import annotations

import ast
import json
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from mcp_notebook.blocks import block_view, document_view, find_document, find_image
from mcp_notebook.display import Table, View, parts_view, text_view, titled_view
from mcp_notebook.documents import Document, new_document
from mcp_notebook.errors import NotTabular
from mcp_notebook.frames import LIBRARY_FORMATS, to_pandas, to_polars
from mcp_notebook.tables import find_row, find_table, find_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd
    import polars as pl
    from mcp_types import (
        BlobResourceContents,
        CallToolResult,
        ContentBlock,
        ReadResourceResult,
        TextResourceContents,
    )

__all__ = ["ResourceResult", "Result"]

_MOST_LITERAL = 1_000_000  # characters, which take about a second


class _Answer:
    """What the answer of a tool and the contents of a resource have in common.

    Attributes:
        content: the parts, as the SDK's objects.
        text: the texts, one after another.
        structured: the structure, a JSON value; None if there is none.
    """

    def __init__(
        self,
        answer: CallToolResult | ReadResourceResult,
        content: Sequence[Any],
        texts: Iterable[str],
        structured: Any,
        documents: Sequence[Document],
    ) -> None:
        self.content = content
        self.text = "\n".join(texts)
        self.structured = structured
        self._answer = answer
        self._documents = documents

    @property
    def raw(self) -> dict[str, Any]:
        """The whole answer as it was on the wire."""
        return self._answer.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def DataFrame(self, member: str | None = None) -> pd.DataFrame:  # noqa: N802  as database magics name it
        """Give the table in this result as a pandas data frame.

        Args:
            member: which member of the structure, where several are tables; None for the only one.

        Raises:
            NotTabular: there is none, or there are several.
            TableUnreadable: what says that it is one cannot be read.
            PackageMissing: pyarrow is needed to read it, and is not there.
        """
        return to_pandas(self._get_table(member))

    def polars(self, member: str | None = None) -> pl.DataFrame:
        """Give the table in this result as a polars data frame.

        Args:
            member: see `DataFrame`.

        Raises:
            NotTabular: there is none, or there are several.
            TableUnreadable: what says that it is one cannot be read.
            PackageMissing: polars is not there.
        """
        return to_polars(self._get_table(member))

    @cached_property
    def _said(self) -> Any:
        """What the text says as JSON, or as Python writes lists and dicts, which servers in Python send."""
        return _parsed(self.text)

    def _find_table(self) -> Table | None:
        return find_table(self.structured) or find_table(self._said)

    def _get_table(self, member: str | None) -> Table | Document:
        members = find_tables(self.structured) or find_tables(self._said)
        if member is not None and member not in members:
            raise NotTabular(f"no table {member!r}", members)
        table = self._find_table() if member is None else members[member]
        if table is not None:
            return table
        found = [one for document in self._documents if (one := _find_tabular(document)) is not None]
        if len(found) > 1:
            raise NotTabular(f"{len(found)} tables, each of which can be read by its URI")
        if found:
            return found[0]
        row = find_row(self.structured) or find_row(self._said)
        if row is None:
            raise NotTabular(" and ".join(self._kinds()) or "nothing in it", members)
        return row

    def _kinds(self) -> Iterable[str]:
        """Say what there is that is no table."""
        raise NotImplementedError

    def _parts(self) -> Sequence[Callable[[], View]]:
        """Give what shows each part."""
        raise NotImplementedError

    def _view(self) -> View:
        return parts_view(self._parts() or [partial(text_view, "(an empty result)")], "all are in .content")

    def __repr__(self) -> str:
        return self._view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        bundle = self._view().to_mimebundle()
        image = find_image(self._documents[0]) if len(self.content) == len(self._documents) == 1 else None
        return bundle if image is None else {"text/plain": bundle["text/plain"], image[0]: image[1]}


class Result(_Answer):
    """A tool's answer.

    Args:
        answer: the SDK's.
        server: the name of the connection it came by; None if unknown.

    Attributes:
        content: the content blocks, as the SDK's objects: text, images, audio, resources, links.
        text: the text blocks, one after another.
        structured: the structured content, a JSON value; None if there is none.
    """

    content: list[ContentBlock]
    _answer: CallToolResult

    def __init__(self, answer: CallToolResult, server: str | None = None) -> None:
        texts = [block.text for block in answer.content if block.type == "text"]
        documents = [document for block in answer.content if (document := find_document(block))]
        super().__init__(answer, answer.content, texts, answer.structured_content, documents)
        self._server = server

    @property
    def is_error(self) -> bool:
        """Whether the tool says that it failed."""
        return self._answer.is_error

    def _kinds(self) -> Iterable[str]:
        return ["structure"] if self.structured is not None else dict.fromkeys(block.type for block in self.content)

    def _parts(self) -> Sequence[Callable[[], View]]:
        # Servers repeat the structure as text, for hosts that know no structure: it is not shown twice.
        structure = self._find_structure_view()
        texts_too = structure is None
        blocks = [
            partial(block_view, block, self._server) for block in self.content if texts_too or block.type != "text"
        ]
        return blocks if structure is None else [lambda: structure, *blocks]

    def _find_structure_view(self) -> View | None:
        table = self._find_table()
        if table is not None:
            return table.to_view()
        if self.structured is None or (self.text and self._said != self.structured):
            return None
        return text_view(json.dumps(self.structured, indent=2, ensure_ascii=False), rest="all of it is in .structured")


class ResourceResult(_Answer):
    """What a resource holds; one URI can give several contents.

    Args:
        answer: the SDK's.

    Attributes:
        content: the contents, as the SDK's objects.
        text: the texts, one after another, also those that were sent as bytes.
        structured: the value of a JSON resource; None for any other.
    """

    content: list[TextResourceContents | BlobResourceContents]
    _answer: ReadResourceResult

    def __init__(self, answer: ReadResourceResult) -> None:
        documents = [new_document(contents) for contents in answer.contents]
        texts = [document.text for document in documents if document.text is not None]
        structured = documents[0].find_json() if len(documents) == 1 else None
        super().__init__(answer, answer.contents, texts, structured, documents)

    @property
    def data(self) -> bytes:
        """The bytes of all contents, one after another; those of a text in UTF-8.

        Raises:
            ValueError: the server sent something that is not base64.
        """
        return b"".join(document.data for document in self._documents)

    def _kinds(self) -> Iterable[str]:
        if self.structured is not None:
            return ["structure"]
        return dict.fromkeys(document.mime_type or "content of no known type" for document in self._documents)

    def _parts(self) -> Sequence[Callable[[], View]]:
        if len(self._documents) == 1:
            return [partial(document_view, self._documents[0])]
        return [partial(_titled_document, document) for document in self._documents]


def _titled_document(document: Document) -> View:
    return titled_view(document.uri, document_view(document))


def _find_tabular(document: Document) -> Table | Document | None:
    """Find what of a document becomes a frame: itself, where a library reads it, or the rows of its JSON."""
    return document if document.format in LIBRARY_FORMATS else document.find_table()


def _parsed(text: str) -> Any:
    if text[:1] not in {"[", "{"}:
        return None
    try:
        return json.loads(text)
    except RecursionError:
        return None
    except ValueError:
        pass
    try:  # runs nothing
        return ast.literal_eval(text) if len(text) <= _MOST_LITERAL else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None

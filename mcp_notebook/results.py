"""What a tool answered, for a person: text, structure, data frame, and a rich display of whichever it is.

Knows what content a result may have and which of it is a table. Refuses to let anything of it run: see `display`.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
from typing import TYPE_CHECKING, Any

from mcp_notebook.display import Table, clean, cut, html_text, markdown_text
from mcp_notebook.errors import NotTabular
from mcp_notebook.tables import find_table

if TYPE_CHECKING:
    import pandas as pd
    from mcp_types import BlobResourceContents, CallToolResult, ContentBlock, TextResourceContents

__all__ = ["Result"]

_IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # SVG is a document, not an image
_MAX_IMAGE_BYTES = 20 * 1024 * 1024


class Result:
    """A tool's answer.

    Args:
        answer: the SDK's.
    """

    def __init__(self, answer: CallToolResult) -> None:
        self._answer = answer

    @property
    def content(self) -> list[ContentBlock]:
        """The content blocks, as the SDK's objects: text, images, audio, resources, links."""
        return self._answer.content

    @property
    def structured(self) -> Any:
        """The structured content, a JSON value; None if there is none."""
        return self._answer.structured_content

    @property
    def text(self) -> str:
        """The text blocks, one after another."""
        return "\n".join(block.text for block in self.content if block.type == "text")

    @property
    def raw(self) -> dict[str, Any]:
        """The whole answer as it was on the wire."""
        return self._answer.model_dump(mode="json", by_alias=True, exclude_unset=True)

    @property
    def is_error(self) -> bool:
        """Whether the tool says that it failed."""
        return self._answer.is_error

    def DataFrame(self) -> pd.DataFrame:  # noqa: N802  the name that database magics gave it, so people try it
        """Give the table in this result as a pandas data frame.

        Raises:
            NotTabular: there is none.
        """
        import pandas as pd  # noqa: PLC0415  a second to import, and only this needs it

        table = self._find_table()
        if table is None:
            raise NotTabular(self._what_there_is())
        return pd.DataFrame([list(row) for row in table.rows], columns=list(table.columns))

    def _find_table(self) -> Table | None:
        return find_table(self.structured) or find_table(_parsed(self.text))

    def _what_there_is(self) -> str:
        kinds = dict.fromkeys("structure" if self.structured is not None else block.type for block in self.content)
        return " and ".join(kinds) or "nothing in it"

    def __repr__(self) -> str:
        table = self._find_table()
        if table is not None:
            return repr(table)
        tree = self._find_tree()
        if tree is not None:
            return cut(clean(json.dumps(tree, indent=2, ensure_ascii=False)), rest="all of it is in .structured")
        return "\n".join(_block_text(block) for block in self.content) or "(an empty result)"

    def _find_tree(self) -> Any:
        """Find the structure, where the texts are only that structure as JSON, or where there are none."""
        if self.structured is None or any(block.type != "text" for block in self.content):
            return None
        return self.structured if not self.text or _parsed(self.text) == self.structured else None

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        images = [image for block in self.content if (image := _find_image(block))]
        if len(self.content) == len(images) == 1:
            return {"text/plain": repr(self), **dict(images)}
        table = self._find_table()
        if table is not None and not images:
            return table.to_mimebundle()
        plain = repr(self)
        # No application/json: JupyterLab prefers it to HTML and images alike, and nbval cannot sanitize inside it.
        return {
            "text/plain": plain,
            "text/markdown": markdown_text(plain),
            "text/html": "".join(map(_block_html, self.content)) if images else html_text(plain),
        }


def _parsed(text: str) -> Any:
    try:
        return json.loads(text) if text[:1] in {"[", "{"} else None
    except ValueError:
        return None


def _block_text(block: ContentBlock) -> str:
    if block.type == "text":
        return cut(clean(block.text))
    if block.type == "image":
        return _bytes_text(block.mime_type, block.data)
    if block.type == "audio":
        return _bytes_text(block.mime_type, block.data)
    if block.type == "resource_link":
        return clean(f"<resource {block.name}: {block.uri}>")
    return _resource_text(block.resource)


def _bytes_text(mime_type: str, data: str) -> str:
    return clean(f"<{mime_type}, {len(data) * 3 // 4:,} bytes>")  # base64 has four characters for three bytes


def _resource_text(resource: TextResourceContents | BlobResourceContents) -> str:
    text = getattr(resource, "text", None)
    if text is None:
        return clean(f"<resource {resource.uri}: {resource.mime_type or 'binary'}>")
    return f"{clean(f'<resource {resource.uri}>')}\n{cut(clean(text))}"


def _find_image(block: ContentBlock) -> tuple[str, str] | None:
    """Find an image that a browser shows and that runs nothing: its type and its base64."""
    if block.type != "image" or block.mime_type not in _IMAGE_TYPES or len(block.data) > _MAX_IMAGE_BYTES:
        return None
    try:
        base64.b64decode(block.data, validate=True)
    except binascii.Error:
        return None
    return block.mime_type, block.data


def _block_html(block: ContentBlock) -> str:
    image = _find_image(block)
    if image is None:
        return html_text(_block_text(block))
    return f'<img alt="{html.escape(_block_text(block))}" src="data:{image[0]};base64,{image[1]}">'

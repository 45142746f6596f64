"""HTML that code showed, as text for a model: tables compact, the rest its words.

Knows HTML as far as it can be read as text. Refuses to run or fetch anything in it.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read_html"]

_SILENT = frozenset({"script", "style", "template", "head", "title", "svg"})
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section", "details"}
)
_CELLS = frozenset({"td", "th"})


def read_html(html: str) -> str:
    """Return the words of a piece of HTML, its tables as Markdown; empty if it has none."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "\n".join(_without_blank_lines(reader.lines()))


def _without_blank_lines(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if words := " ".join(line.split()):
            yield words


class _Reader(HTMLParser):
    """Collects words, line by line, and cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = [""]
        self._row: list[str] | None = None
        self._rows = 0
        self._silent = 0

    def lines(self) -> Iterator[str]:
        return iter(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - as HTMLParser calls it
        if tag in _SILENT:
            self._silent += 1
        elif tag == "table":
            self._rows = 0
        elif tag == "tr":
            self._row = []
        elif tag in _CELLS and self._row is not None:
            self._row.append("")
        elif tag in _BLOCKS and self._row is None:
            self._lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "tr" and self._row is not None:
            self._end_row(self._row)
        elif tag in _BLOCKS and self._row is None:
            self._lines.append("")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._row is None:
            self._lines[-1] += data
        elif self._row:
            self._row[-1] += " ".join(data.split()).replace("|", "\\|")

    def _end_row(self, row: list[str]) -> None:
        self._lines.append("|" + "|".join(row) + "|")
        if not self._rows:
            self._lines.append("|" + "---|" * len(row))
        self._rows += 1
        self._row = None
        self._lines.append("")

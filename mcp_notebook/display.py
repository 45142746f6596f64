"""How things look in a notebook: as text, as Markdown, as HTML.

Knows that whatever came from a server is only ever text: control characters are taken out, Markdown and HTML are
escaped, so nothing of it runs, loads or hides. Refuses to know what the text is about.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_notebook.unseen import hide_unseen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = [
    "Limits",
    "Table",
    "View",
    "clean",
    "cut",
    "html_text",
    "join_views",
    "limits",
    "markdown_text",
    "one_line",
    "parts_view",
    "some_names",
    "text_view",
    "titled_view",
]


@dataclass
class Limits:
    """How much of anything is shown.

    Attributes:
        rows: of a table.
        characters: of one text.
        bytes: of one image or sound; a larger one is only named.
        parts: of one result.
    """

    rows: int = 20
    characters: int = 10_000
    bytes: int = 20 * 1024 * 1024
    parts: int = 50


limits = Limits()
"""This notebook's limits, which `%config MCPMagics` changes."""

_MAX_CELL = 100
_MAX_NAMES, _FEW_MORE = 5, 3
_WIDE_BLANK = re.compile(r"[^\S\n\t ]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~$&])")


def clean(text: str) -> str:
    """Take out what a terminal or a notebook would act on, and what nobody would see (`unseen`)."""
    return _WIDE_BLANK.sub(" ", hide_unseen(text.replace("\r\n", "\n")))


def one_line(text: str, limit: int = 500) -> str:
    """Put a text on one line of at most `limit` characters."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def some_names(names: Iterable[str], joint: str = ", ") -> str:
    """Name the first few, each whole, and say how many more there are: `a, b, c, d, e and 7 more`."""
    cleaned = [one_line(name) for name in names]
    more = len(cleaned) - _MAX_NAMES
    if more <= _FEW_MORE:  # to count so few would hide what was looked for, and save nothing
        return joint.join(cleaned)
    return joint.join(cleaned[:_MAX_NAMES]) + f" and {more:,} more"


def cut(text: str, limit: int | None = None, rest: str = "all of it is in .text") -> str:
    """Cut a text to `limit` characters (None: this notebook's) and say how much was left out and where it is."""
    limit = limits.characters if limit is None else limit
    if len(text) <= limit:
        return text
    return f"{text[:limit]}\n… {len(text) - limit:,} more characters; {rest}"


def markdown_text(text: str) -> str:
    """Put a text into Markdown as it is, in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def html_text(text: str) -> str:
    """Put a text into HTML as it is."""
    return f'<pre style="white-space: pre-wrap">{html.escape(text)}</pre>'


@dataclass(frozen=True)
class View:
    """One thing in each of the ways that a front end chooses from.

    Attributes:
        plain: as text.
        markdown: as Markdown, in which what came from a server is escaped.
        html: as HTML in which nothing runs.
    """

    plain: str
    markdown: str
    html: str

    def to_mimebundle(self) -> dict[str, Any]:
        """Give it by MIME type; there is no application/json, which JupyterLab would prefer to HTML."""
        return {"text/plain": self.plain, "text/markdown": self.markdown, "text/html": self.html}


def text_view(text: str, rest: str = "all of it is in .text") -> View:
    """Show a text as it is, cut to this notebook's limit; `rest` says where all of it is."""
    shown = clean(cut(text, rest=rest))
    return View(shown, markdown_text(shown), html_text(shown))


def titled_view(title: str, view: View) -> View:
    """Put a line above a view, which says what it is."""
    line = one_line(title)
    html_line = f'<p style="margin: 0.5em 0 0"><strong>{html.escape(line)}</strong></p>'
    return View(f"{line}\n{view.plain}", f"**{_escape_markdown(line)}**\n\n{view.markdown}", html_line + view.html)


def join_views(views: Sequence[View], gap: str = "\n") -> View:
    """Put views below each other, with `gap` between their plain texts."""
    return View(
        gap.join(view.plain for view in views),
        "\n\n".join(view.markdown for view in views),
        "".join(view.html for view in views),
    )


def parts_view(parts: Sequence[Callable[[], View]], rest: str, gap: str = "\n") -> View:
    """Put parts below each other; of very many the last are only counted, and `rest` says where all are."""
    views = [show() for show in parts[: limits.parts]]
    more = len(parts) - limits.parts
    return join_views(views if more <= 0 else [*views, text_view(f"… {more:,} more; {rest}")], gap)


@dataclass(frozen=True)
class Table:
    """Rows of values under column names; a notebook shows the first ones and says how many more there are.

    Attributes:
        columns: the names.
        rows: the values; each is shown as one line of text.
        rest: where the rows are that are not shown.
        max_rows: how many are shown; None for this notebook's limit.
        max_cell: how many characters of each value are shown.
        total: how many rows there are, where `rows` are only the first; None if they are all.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    rest: str = ".DataFrame() has them all"
    max_rows: int | None = None
    max_cell: int = _MAX_CELL
    total: int | None = None

    @property
    def _limit(self) -> int:
        return limits.rows if self.max_rows is None else self.max_rows

    def _shown(self) -> list[list[str]]:
        return [[_cell(value, self.max_cell) for value in row] for row in self.rows[: self._limit]]

    def _left_out(self) -> str:
        more = (len(self.rows) if self.total is None else self.total) - self._limit
        return f"… {more:,} more rows; {self.rest}" if more > 0 else ""

    def __repr__(self) -> str:
        header = [_cell(name) for name in self.columns]
        shown = [header, *self._shown()]
        widths = [max(len(row[i]) for row in shown) for i in range(len(header))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown
        ]
        return "\n".join([*lines, *filter(None, [self._left_out()])])

    def to_markdown(self) -> str:
        """Write it as a Markdown table, without padding."""
        lines = [self.columns, ["---"] * len(self.columns), *self._shown()]
        table = "\n".join(
            "| " + " | ".join(_escape_markdown(_cell(c, self.max_cell)) for c in line) + " |" for line in lines
        )
        table = table.replace(r"\-\-\-", "---")
        return "\n\n".join(filter(None, [table, self._left_out()]))

    def _sides(self) -> list[str]:
        """Say on which side each column stands: numbers on the right, as their digits are compared."""
        shown = self.rows[: self._limit]
        columns = ([row[at] for row in shown if row[at] is not None] for at in range(len(self.columns)))
        return ["right" if column and all(map(_is_number, column)) else "left" for column in columns]

    def to_html(self) -> str:
        """Write it as an HTML table; each side is said, as front ends have styles of their own."""
        sides = self._sides()
        head = _html_row("th", map(_cell, self.columns), sides)
        body = "".join(_html_row("td", row, sides) for row in self._shown())
        left_out = self._left_out()
        note = f"<p>{html.escape(left_out)}</p>" if left_out else ""
        return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>{note}"

    def to_view(self) -> View:
        """Write it in all three ways."""
        return View(repr(self), self.to_markdown(), self.to_html())

    def to_mimebundle(self) -> dict[str, Any]:
        """Write it in all three ways; the front end chooses."""
        return self.to_view().to_mimebundle()

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self.to_mimebundle()


def _cell(value: Any, limit: int = _MAX_CELL) -> str:
    return "" if value is None else one_line(str(value), limit)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _html_row(tag: str, cells: Iterable[str], sides: Sequence[str]) -> str:
    written = (
        f'<{tag} style="text-align: {side}">{html.escape(cell)}</{tag}>'
        for cell, side in zip(cells, sides, strict=True)
    )
    return f"<tr>{''.join(written)}</tr>"


def _escape_markdown(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)

"""Text for models: compact Markdown under a budget of characters.

Knows how to write little. Compact tables (no padding) cost about a third more than CSV and models read them better
(facts, notebook.md section 5). Refuses to know what the rows mean.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["BUDGET", "render_table", "shorten"]

BUDGET = 12_000
"""Characters a tool's text may have; the structured content has it all."""

_CELL = 200


def render_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], budget: int = BUDGET) -> str:
    """Return a Markdown table that keeps below `budget` characters and says how many rows it left out.

    Args:
        columns: the heads.
        rows: any values; None is written as nothing.
        budget: characters.
    """
    head = f"{_join(map(_escape, columns))}\n|{'---|' * len(columns)}"
    cells = [[value if type(value) is str else _write(value) for value in row] for row in rows]
    lines = [_join(row) for row in cells]
    if not _are_plain(lines, cells):
        lines = [_join(map(_escape, row)) for row in cells]
    shown = _take_fitting(lines, budget - len(head))
    more = [f"({len(lines) - len(shown)} more rows in the structured content)"] if len(shown) < len(lines) else []
    return "\n".join([head, *shown, *more])


def shorten(text: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters with an ellipsis if it is longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _join(cells: Iterable[str]) -> str:
    return f"|{'|'.join(cells)}|"


def _are_plain(lines: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """Whether no cell must be escaped or cut: most tables are so, and one look is enough for all of their cells."""
    text = "".join(lines)
    bars = sum(map(len, cells)) + len(cells)
    return (
        text.count("|") == bars and "\\" not in text and "\n" not in text and max(map(len, lines), default=0) <= _CELL
    )


def _take_fitting(lines: Sequence[str], budget: int) -> Sequence[str]:
    ends = accumulate([len(line) + 1 for line in lines])
    return lines[: bisect_right(list(ends), budget)]


def _write(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if type(value) is float else str(value)


def _escape(cell: str) -> str:
    return shorten(cell, _CELL).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")

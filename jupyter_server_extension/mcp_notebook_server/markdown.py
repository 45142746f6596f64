"""Text for models: compact Markdown under a budget of characters.

Knows how to write little. Compact tables (no padding) cost about a third more than CSV and models read them better
(facts, notebook.md section 5). Refuses to know what the rows mean.
"""

from __future__ import annotations

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
    lines = [_row(columns), "|" + "---|" * len(columns)]
    used = sum(map(len, lines))
    left_out = 0
    for row in rows:
        line = _row(row)
        if left_out or used + len(line) > budget:
            left_out += 1
        else:
            lines.append(line)
            used += len(line) + 1
    if left_out:
        lines.append(f"({left_out} more rows in the structured content)")
    return "\n".join(lines)


def shorten(text: str, limit: int) -> str:
    """Return `text`, cut to `limit` characters with an ellipsis if it is longer."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _row(values: Sequence[Any]) -> str:
    cells = [value if type(value) is str else _write(value) for value in values]
    line = f"|{'|'.join(cells)}|"
    # Most rows are short and plain: one look at a row instead of several at each cell.
    if len(line) <= _CELL and line.count("|") == len(cells) + 1 and "\\" not in line and "\n" not in line:
        return line
    return f"|{'|'.join(map(_escape, cells))}|"


def _write(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if type(value) is float else str(value)


def _escape(cell: str) -> str:
    return shorten(cell, _CELL).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")

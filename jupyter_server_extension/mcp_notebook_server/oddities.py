"""What is noteworthy in the cells of a notebook as they stand: where it failed, and what ran in another order.

Knows nbformat's cells, as plain functions. Refuses to know where they come from, and what is written about them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.notebooks.cells import source_of
from mcp_notebook_server.tools.cell_outputs import find_cell_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Cells = Sequence[Mapping[str, Any]]

__all__ = ["find_failed_cell", "list_oddities"]

_MOST = 20
"""Cells that a sentence names."""


def find_failed_cell(cells: Cells) -> int | None:
    """Return the place of the cell whose error is the latest; None if none shows an error.

    The latest is the one that ran last: a person goes up and runs a cell again.
    """
    failed = [place for place, cell in enumerate(cells) if find_cell_error(cell) is not None]
    return max(failed, key=lambda place: (cells[place].get("execution_count") or 0, place), default=None)


def list_oddities(cells: Cells) -> list[str]:
    """Return sentences about what a reader of the notebook would trip over; cells are named by their places."""
    code = [(place, cell) for place, cell in enumerate(cells) if cell.get("cell_type") == "code" and source_of(cell)]
    ran = [(place, cell["execution_count"]) for place, cell in code if cell.get("execution_count") is not None]
    backwards = [f"{later} before {earlier}" for (earlier, first), (later, second) in pairwise(ran) if second < first]
    facts = {
        "Cells that show an error": [str(place) for place, cell in code if find_cell_error(cell) is not None],
        "Cells that never ran": [str(place) for place, cell in code if cell.get("execution_count") is None],
        "Cells that ran in another order than they stand in": backwards,
    }
    return [f"{what}: {_name(found)}." for what, found in facts.items() if found]


def _name(found: Sequence[str]) -> str:
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more

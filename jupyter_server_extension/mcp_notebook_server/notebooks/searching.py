"""Text in the sources of notebooks, found in a thread.

Knows how notebooks are written to disk. Refuses to know paths that a host may not see: it is given those that it may.

Parsing JSON lets nothing else of the Jupyter server move, so a file is parsed only where its bytes hold the text, and
not at all where it is huge.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.notebooks.cells import source_of, with_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

__all__ = ["Match", "Matches", "find_in_cells", "search_files"]

_MOST_BYTES = 8_000_000
_LINE = 300


@dataclass(frozen=True)
class Match:
    """One line that holds the text.

    Attributes:
        notebook: its path.
        cell: id of the cell.
        line: number of the line, from 1.
        text: the line, its beginning.
    """

    notebook: str
    cell: str
    line: int
    text: str


@dataclass
class Matches:
    """What was found.

    Attributes:
        found: in order.
        skipped: notebooks that were not looked into: too large, damaged, or not reached in time.
    """

    found: list[Match] = field(default_factory=list[Match])
    skipped: int = 0


def find_in_cells(notebook: str, cells: Sequence[Mapping[str, Any]], text: str) -> list[Match]:
    """Return the lines of cells (with ids) that hold the text."""
    return [
        Match(notebook, cell["id"], number, line.strip()[:_LINE])
        for cell in cells
        for number, line in enumerate(source_of(cell).splitlines(), 1)
        if text in line
    ]


def search_files(root: Path, paths: Iterable[str], text: str, most: int, seconds: float) -> Matches:
    """Look for a text in notebooks on disk.

    Args:
        root: the paths are below it.
        paths: of the notebooks, in the order in which they are looked into.
        text: what lines must hold.
        most: lines after which it ends.
        seconds: after which it ends.
    """
    matches = Matches()
    deadline = time.monotonic() + seconds
    needles = {json.dumps(text, ensure_ascii=each)[1:-1].encode("utf-8", "replace") for each in (True, False)}
    for path in paths:
        if time.monotonic() > deadline:
            matches.skipped += 1
            continue
        if len(matches.found) >= most:
            break
        cells = _read_if_it_holds(root / path, needles)
        if cells is None:
            matches.skipped += 1
        else:
            matches.found.extend(find_in_cells(path, cells, text))
    return matches


def _read_if_it_holds(file: Path, needles: Iterable[bytes]) -> Sequence[Mapping[str, Any]] | None:
    """Return the cells of a notebook, none if none can hold the text; None if it cannot be looked into."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            return None
        raw = file.read_bytes()
        if not any(needle in raw for needle in needles):
            return []
        return with_ids(json.loads(raw)["cells"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None

"""Finds notebooks below a directory, in a thread and no longer than it may take.

Knows directories. Refuses to know Jupyter, tokens and what is in a notebook. Links to directories are not followed:
they may lead round and round, or out.
"""

from __future__ import annotations

import heapq
import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Found", "walk"]

_SUFFIX = ".ipynb"
_LOOKS = 1000
"""Entries after which the clock is looked at, and which are sorted at once."""


@dataclass
class Found:
    """What there is.

    Attributes:
        paths: of notebooks, below the root, sorted.
        is_all: whether there was time for all directories.
    """

    paths: list[str] = field(default_factory=list[str])
    is_all: bool = True


def walk(
    root: Path, is_listed: Callable[[str], bool], fits: Callable[[str], bool], *, seconds: float, most: int
) -> Found:
    """Return the notebooks below `root`.

    Args:
        root: where to look.
        is_listed: whether a name is shown to people at all.
        fits: whether a path is wanted.
        seconds: after which it ends.
        most: entries of directories after which it ends.
    """
    found = Found()
    deadline = time.monotonic() + seconds
    waiting = [""]
    seen = 0
    while waiting and found.is_all:
        directory = waiting.pop()
        try:
            with os.scandir(root / directory) as entries:
                for entry in entries:
                    seen += 1
                    if seen > most or (not seen % _LOOKS and time.monotonic() > deadline):
                        found.is_all = False
                        break
                    if entry.name.startswith("."):
                        continue
                    path = f"{directory}/{entry.name}" if directory else entry.name
                    if entry.name.endswith(_SUFFIX) and entry.is_file():
                        if is_listed(entry.name) and fits(path):
                            found.paths.append(path)
                    elif entry.is_dir(follow_symlinks=False) and is_listed(entry.name):
                        waiting.append(path)
        except OSError:  # not ours to read, or gone
            continue
    found.paths = _sort(found.paths)
    return found


def _sort(paths: list[str]) -> list[str]:
    """Sort piece by piece: sorting a hundred thousand at once lets no other thread do anything meanwhile."""
    pieces = [sorted(paths[start : start + _LOOKS]) for start in range(0, len(paths), _LOOKS)]
    return list(heapq.merge(*pieces))

"""The folders that servers are told of: none, unless the person says so.

    %mcp roots data

    from mcp_notebook.approval.roots import set_roots
    set_roots(["data"])        servers that were connected while there were none do not know that there can be any
    session.tell_roots()       others hear that there are other ones

Knows MCP's roots (client/roots; deprecated in 2026-07-28). They are told, not enforced: a server that runs here can
read whatever the person can.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["find_roots", "set_roots"]

_roots: tuple[tuple[str, str], ...] = ()


def set_roots(folders: Iterable[str | Path]) -> None:
    """Say which folders servers are told of, in place of those said before.

    Raises:
        ValueError: one is no folder.
    """
    global _roots  # noqa: PLW0603  those of this notebook
    paths = [Path(folder).expanduser().absolute() for folder in folders]
    missing = next((path for path in paths if not path.is_dir()), None)
    if missing is not None:
        raise ValueError(f"{missing} is no folder")
    _roots = tuple((path.as_uri(), path.name) for path in paths)


def find_roots() -> Sequence[tuple[str, str]]:
    """Give the folders as URI and name; empty if none were set."""
    return _roots

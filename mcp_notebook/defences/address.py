"""What a server is known by: what its connection leads to, without secrets.

Knows that `python server.py` is another server in another folder. Refuses to know what a name means.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mcp_notebook.config import InProcessServer, StdioServer

if TYPE_CHECKING:
    from mcp_notebook.config import ServerDefinition

__all__ = ["find_address"]


def find_address(definition: ServerDefinition) -> str | None:
    """Find what a server is known by; None for an object of the notebook, which is the person's own to change."""
    if isinstance(definition, InProcessServer):
        return None
    if isinstance(definition, StdioServer):
        folder = Path(definition.cwd or ".").absolute()
        if any(_is_in(folder, word) for word in (definition.command, *definition.args) if not _is_absolute(word)):
            return f"{definition.shown} in {folder}"
    return definition.shown


def _is_absolute(word: str) -> bool:
    return not word or word.startswith("-") or Path(word).is_absolute()


def _is_in(folder: Path, word: str) -> bool:
    try:
        return (folder / word).exists()
    except (OSError, ValueError):  # a program after `python -c` is too long for a file's name
        return False

"""Where our files live (CONTRACT, "Where things live").

Knows paths. Refuses to know what is in the files, and makes no directory before somebody writes into it.
"""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

__all__ = [
    "audit_file",
    "grants_file",
    "kernels_directory",
    "make_private_directory",
    "profile_file",
    "tokens_file",
    "write_private_file",
]

_OURS = "mcp-notebook"


def tokens_file() -> Path:
    """Return the file of host tokens, which survives a restart."""
    return Path(jupyter_data_dir()) / _OURS / "tokens.json"


def grants_file() -> Path:
    """Return the file of lasting grants, which survives a restart."""
    return Path(jupyter_data_dir()) / _OURS / "grants.json"


def audit_file() -> Path:
    """Return the file with a line for each call of a host."""
    return Path(jupyter_data_dir()) / _OURS / "audit.jsonl"


def profile_file(name: str) -> Path:
    """Return the file with the stdio bridge's credential for the host profile `name`."""
    return Path(jupyter_runtime_dir()) / _OURS / "profiles" / name


def kernels_directory(runtime_directory: str | Path) -> Path:
    """Return the directory that holds one private directory per kernel of the Jupyter server at `runtime_directory`."""
    return Path(runtime_directory) / _OURS


def make_private_directory(directory: Path) -> Path:
    """Make `directory` with its parents, readable by its owner only, and return it."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    return directory


def write_private_file(file: Path, text: str) -> None:
    """Replace `file` by one with `text` that only its owner can read, in one step: a reader sees the old or the new."""
    make_private_directory(file.parent)
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(file)

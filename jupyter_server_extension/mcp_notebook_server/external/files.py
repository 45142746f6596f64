"""The files in which kernels say how they are reached, and which of those no Jupyter server has written.

Knows where editors put them: VS Code as `kernel-v3....json` in Jupyter's runtime directory, or on Linux in the one of
the desktop session (its version 2026.6). Refuses to know whether a kernel still lives, and to read what is not the
person's own.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["ConnectionFile", "find_connection_files", "list_directories"]

_OF_JUPYTER = re.compile(r"kernel-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.json")
"""How Jupyter servers call theirs: another one's kernels are reached there, and our own are known already."""


@dataclass(frozen=True)
class ConnectionFile:
    """What one kernel has said.

    Attributes:
        path: of the file.
        info: ports, key and so on, as Jupyter writes them.
        kernel_id: for this kernel: the same on every Jupyter server, before and after its restart.
        written: when, in seconds since the epoch.
    """

    path: Path
    info: Mapping[str, Any]
    kernel_id: str
    written: float

    @property
    def age(self) -> float:
        """Seconds since it was written."""
        return max(0.0, time.time() - self.written)

    @property
    def name(self) -> str:
        """What the kernel says of what it is; editors make names up, and some kernels say nothing."""
        return str(self.info.get("kernel_name") or "python3")


def list_directories(runtime_directory: str, named: str | None = None) -> list[Path]:
    """Return where connection files may be.

    Args:
        runtime_directory: Jupyter's.
        named: one that the person has named; None for none.
    """
    session = os.environ.get("XDG_RUNTIME_DIR")
    own = Path(runtime_directory)
    every = [Path(named)] if named else []
    every += [own, own / "external_kernels"]  # where Jupyter itself would look
    every += [Path(session) / "jupyter" / "runtime"] if session else []
    return list(dict.fromkeys(every))


def find_connection_files(directories: Iterable[Path]) -> Iterator[ConnectionFile]:
    """Yield those of kernels that no Jupyter server has started, each kernel once."""
    seen: set[str] = set()
    for directory in directories:
        for path in sorted(directory.glob("*.json")) if directory.is_dir() else ():
            found = None if _OF_JUPYTER.fullmatch(path.name) else _read(path)
            if found is not None and found.kernel_id not in seen:
                seen.add(found.kernel_id)
                yield found


def _read(path: Path) -> ConnectionFile | None:
    """Read one; None if it is something else, half written, somebody else's, or of a kernel that lets everybody in."""
    try:
        found = path.stat()
        if hasattr(os, "getuid") and found.st_uid != os.getuid():
            return None
        info: Any = json.loads(path.read_text(encoding="utf-8"))
        if not info["key"] or not info["control_port"]:
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return ConnectionFile(path, info, str(uuid5(NAMESPACE_URL, f"jupyter-kernel:{info['key']}")), found.st_mtime)

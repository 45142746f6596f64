"""The files in which kernels say what they publish (CONTRACT, "Where things live").

Knows files, and which kernels belong to this Jupyter server. Refuses to know what is behind a socket.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

__all__ = ["Description", "Descriptions"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Description:
    """What a kernel says about one published server.

    Attributes:
        name: by which hosts reach it.
        kernel_id: which kernel says so.
        socket: path of the Unix socket; None where there are none.
        port: on loopback; None where there is a socket.
        secret: what a request must bring.
        blocked_by: the function that holds the server's event loop; None if none does.
        blocked_since: when it last gave a sign of life, in seconds since the epoch.
    """

    name: str
    kernel_id: str
    socket: str | None
    port: int | None
    secret: str
    blocked_by: str | None = None
    blocked_since: float = 0.0


class Descriptions:
    """What the kernels of one Jupyter server publish.

    Args:
        directory: holds one directory for each kernel.
        kernel_manager: Jupyter's.
    """

    def __init__(self, directory: Path, kernel_manager: MappingKernelManager) -> None:
        self._directory = directory
        self._kernel_manager = kernel_manager
        self._read: dict[Path, tuple[tuple[int, int], Description | None]] = {}

    def find(self, name: str) -> Description | None:
        """Return what is said of a name; None if no running kernel says anything."""
        if not _NAME.fullmatch(name):
            return None
        for kernel_id in self._kernel_ids():
            found = self._find(self._place_of(kernel_id) / f"{name}.json", kernel_id)
            if found is not None:
                return found
        return None

    def list(self) -> Sequence[Description]:
        """Return all, by name."""
        files = [
            (file, kernel_id)
            for kernel_id in self._kernel_ids()
            for file in sorted(self._place_of(kernel_id).glob("[!.]*.json"))
        ]
        found = [self._find(file, kernel_id) for file, kernel_id in files]
        return sorted((each for each in found if each is not None), key=lambda each: each.name)

    def forget_kernel(self, kernel_id: str) -> None:
        """Remove what a kernel that was shut down has left."""
        shutil.rmtree(self._directory / kernel_id / "published", ignore_errors=True)

    def _place_of(self, kernel_id: str) -> Path:
        kernel = self._kernel_manager.get_kernel(kernel_id)
        # One that was started elsewhere knows its connection file, and nothing of a Jupyter server.
        own: Path = getattr(kernel, "own_directory", self._directory / kernel_id)
        return own / "published"

    def _kernel_ids(self) -> Iterable[str]:
        return list(self._kernel_manager.list_kernel_ids())

    def _find(self, file: Path, kernel_id: str) -> Description | None:
        try:
            state = file.stat()
        except OSError:
            self._read.pop(file, None)
            return None
        mark = (state.st_ino, state.st_mtime_ns)
        if file not in self._read or self._read[file][0] != mark:
            self._read[file] = (mark, _read(file, kernel_id))
        return self._read[file][1]


def _read(file: Path, kernel_id: str) -> Description | None:
    try:
        said: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        blocked: dict[str, Any] = said.get("blocked") or {}
        return Description(
            name=said["name"],
            kernel_id=kernel_id,
            socket=said["socket"],
            port=said["port"],
            secret=said["secret"],
            blocked_by=blocked.get("function"),
            blocked_since=blocked.get("since", 0.0),
        )
    except (OSError, ValueError, KeyError):
        return None

"""Where a kernel says what it publishes: one file and one socket per name, in a directory that is its owner's alone.

Knows the files (CONTRACT, "Where things live"), and which names other kernels of the same Jupyter server have taken.
Refuses to know what is served.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from mcp_notebook.errors import NameTaken, NotInJupyter

__all__ = ["Place", "find_place"]

_SOCKET_PATH_BYTES = 100
"""What every system allows for the path of a Unix socket; Linux has 107, macOS 103."""

_OURS = "mcp-notebook"
_LOOK_SECONDS = 1.0


def find_place() -> Place:
    """Return where this kernel's files belong.

    Raises:
        NotInJupyter: this process is no kernel that a Jupyter server has started.
    """
    from ipykernel.connect import get_connection_file  # noqa: PLC0415  only in a kernel, which has it already

    try:
        file = Path(get_connection_file())
    except RuntimeError:
        raise NotInJupyter from None
    match = re.fullmatch(r"kernel-(.+)\.json", file.name)
    if match is None:
        raise NotInJupyter
    return Place(file.parent / _OURS, match[1])


def _jupyter_pid() -> str:
    return os.environ.get("JPY_PARENT_PID") or str(os.getppid())


@dataclass(frozen=True)
class Place:
    """Where one kernel's files are.

    Attributes:
        kernels: the directory with one directory for each kernel.
        kernel_id: Jupyter's id of this one.
    """

    kernels: Path
    kernel_id: str

    @property
    def directory(self) -> Path:
        """Where the files of what is published are."""
        return self.kernels / self.kernel_id / "published"

    def make_socket(self, name: str) -> tuple[socket.socket, Path | None]:
        """Make the socket that listens for a name, and return it with its path (None: it is on loopback)."""
        for directory in (self.directory.parent, self.directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        if not hasattr(socket, "AF_UNIX"):
            listener = socket.socket(socket.AF_INET)
            listener.bind(("127.0.0.1", 0))
            listener.listen(socket.SOMAXCONN)
            return listener, None
        path = self.directory / f"{name}.sock"
        if len(os.fsencode(path)) > _SOCKET_PATH_BYTES:
            path = Path(tempfile.mkdtemp(prefix="mcpn")) / "s"
        path.unlink(missing_ok=True)  # of a process that was killed
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(socket.SOMAXCONN)
        return listener, path

    def write(self, name: str, said: dict[str, Any]) -> None:
        """Say where `name` is published, and how it is; in one step, and readable for its owner only."""
        file = self.directory / f"{name}.json"
        fresh = file.with_name(f".{name}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            json.dump(said | {"jupyter": _jupyter_pid()}, out)
        fresh.replace(file)

    def remove(self, name: str, path: Path | None) -> None:
        """Take back what `make_socket` and `write` made."""
        (self.directory / f"{name}.json").unlink(missing_ok=True)
        if path is not None:
            path.unlink(missing_ok=True)
            if path.parent != self.directory:
                shutil.rmtree(path.parent, ignore_errors=True)
        for directory in (self.directory, self.directory.parent):
            with suppress(OSError):  # others have files there
                directory.rmdir()

    def check_free(self, name: str) -> None:
        """Check that no other kernel of the same Jupyter server publishes under a name.

        Raises:
            NameTaken: one does.
        """
        for file in self.kernels.glob(f"*/published/{name}.json"):
            kernel_id = file.parent.parent.name
            if kernel_id != self.kernel_id and _lives(file):
                raise NameTaken(name, kernel_id)


def _lives(file: Path) -> bool:
    """Whether somebody listens where a file says, on behalf of our Jupyter server."""
    try:
        said = cast("dict[str, Any]", json.loads(file.read_text(encoding="utf-8")))
        if said["jupyter"] != _jupyter_pid():
            return False
        family, address = (
            (socket.AF_UNIX, said["socket"]) if said["socket"] else (socket.AF_INET, ("127.0.0.1", said["port"]))
        )
        with socket.socket(family) as probe:
            probe.settimeout(_LOOK_SECONDS)
            probe.connect(address)
    except (OSError, ValueError, KeyError):
        return False
    return True

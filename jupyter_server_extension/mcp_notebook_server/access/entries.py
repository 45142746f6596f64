"""A list of entries in one private file, which several processes read and write.

Knows when the file must be read again, and that one process at a time may change it. Refuses to know what an entry is.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from mcp_notebook_server.access.errors import FileHeld
from mcp_notebook_server.places import make_private_directory, write_private_file

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from pathlib import Path

__all__ = ["EntryFile"]

_PATIENCE = 1.0
"""Seconds to wait for the lock, which others hold for milliseconds: the Jupyter server's event loop waits, too."""


class EntryFile:
    """The entries of one file with mode 0600.

    Each write replaces the file in one step, and a reader looks at the file's identity before it trusts what it has
    read before.

    Args:
        file: where it is; it need not exist yet.
        name: what its entries are called in it.
    """

    def __init__(self, file: Path, name: str) -> None:
        self._file = file
        self._name = name
        self._seen: tuple[int, int, int] | None = None
        self._entries: list[dict[str, Any]] = []

    def read(self) -> Sequence[Mapping[str, Any]]:
        """Return the entries as they are now; the same object, for as long as nobody has changed them."""
        try:
            status = self._file.stat()
        except FileNotFoundError:
            self._seen, self._entries = None, []
            return self._entries
        identity = (status.st_ino, status.st_mtime_ns, status.st_size)
        if identity != self._seen:
            self._entries = json.loads(self._file.read_text(encoding="utf-8"))[self._name]
            self._seen = identity
        return self._entries

    @contextmanager
    def lock(self) -> Generator[None]:
        """Keep other processes from changing the entries while this one reads, thinks and writes.

        Without it, whoever reads just before another revokes something writes that back.

        Raises:
            FileHeld: if another process does not let go of it.
        """
        make_private_directory(self._file.parent)
        lock = FileLock(self._file.with_suffix(".lock"), timeout=_PATIENCE, mode=0o600)
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            raise FileHeld(self._file) from None
        try:
            yield
        finally:
            lock.release()

    def write(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Replace the entries, under the lock."""
        write_private_file(self._file, json.dumps({"version": 1, self._name: entries}, indent=1))

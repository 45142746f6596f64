"""When each host token was last used.

Knows one empty file per token, whose time of modification is the answer: several Jupyter servers and the command line
share them without a race, and the file of tokens is never rewritten for it. A file is touched at most once in
`_GRAIN` seconds per token and Jupyter server.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mcp_notebook_server.places import make_private_directory

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook_server.access.tokens import HostToken

__all__ = ["LastUse"]

_GRAIN = 60.0


class LastUse:
    """The files of one person.

    Args:
        directory: where they are; made at the first use.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._written: dict[str, float] = {}

    def note(self, token: HostToken) -> None:
        """Remember that `token` is used now. Does nothing for a stand-in, which nobody can list."""
        now = time.monotonic()
        if not token.digest or now - self._written.get(token.digest, -_GRAIN) < _GRAIN:
            return
        self._written[token.digest] = now
        make_private_directory(self._directory)
        self._file(token).touch(mode=0o600)

    def find(self, token: HostToken) -> datetime | None:
        """Return when `token` was last used, up to a minute ago more or less; None if never."""
        try:
            return datetime.fromtimestamp(self._file(token).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def forget(self, token: HostToken) -> None:
        """Remove what is known of a token that is revoked."""
        self._file(token).unlink(missing_ok=True)

    def _file(self, token: HostToken) -> Path:
        # A token may be made under the name of one that was revoked: its hash tells the two apart.
        return self._directory / token.digest[:32]

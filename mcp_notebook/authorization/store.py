"""What is kept of signing in, in a file that only its owner can read.

    {"version": 1, "servers": {"https://mcp.example.com/mcp": {"issuer": "https://auth.example.com",
      "client": {...}, "tokens": {...}, "expires_at": 1790000000.0, "metadata": {...}}}}

Knows this format, and that tokens are of the issuer that gave them: another issuer's come in their place, never beside
them. Refuses to know what is in a token, and when one is used.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.private_file import rewrite

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Kept", "Store", "default_file"]

_VERSION = 1


@dataclass(frozen=True)
class Kept:
    """What is kept of one server.

    Attributes:
        issuer: the authorization server that gave the tokens; None if it did not say who it is.
        client: what this notebook is registered as there.
        tokens: as the authorization server gave them; None if there are none.
        expires_at: when the access token ends, in seconds since 1970; None if that is not known.
        metadata: what the authorization server said of itself.
    """

    issuer: str | None = None
    client: dict[str, Any] | None = None
    tokens: dict[str, Any] | None = None
    expires_at: float | None = None
    metadata: dict[str, Any] | None = None


class Store:
    """What is kept, by the server's URL.

    Args:
        file: need not be there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def state(self) -> object:
        """Something that is another after each change, also one by another kernel."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size  # each change makes a new file

    def find(self, url: str) -> Kept | None:
        """Find what is kept of a server; None if nothing.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is not of this format; the sentence names it.
        """
        return self._read().get(url)

    def keep(self, url: str, kept: Kept) -> None:
        """Keep this of a server, in place of what was kept.

        Raises:
            OSError, ValueError: see `find`.
        """
        self._change(lambda servers: servers.update({url: kept}))

    def forget(self, url: str) -> Kept | None:
        """Forget a server, and give what was kept of it; None if nothing was.

        Raises:
            OSError, ValueError: see `find`.
        """
        forgotten = self.find(url)
        if forgotten is not None:
            self._change(lambda servers: servers.pop(url, None))
        return forgotten

    def _read(self) -> dict[str, Kept]:
        try:
            text = self._file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        try:
            return _to_servers(json.loads(text))
        except ValueError as error:
            raise ValueError(f"{self._file} cannot be read: {error}. Mend it, or delete it and sign in again") from None

    def _change(self, change: Callable[[dict[str, Kept]], object]) -> None:
        def changed() -> dict[str, Any]:
            servers = self._read()
            change(servers)
            return {"version": _VERSION, "servers": {url: asdict(kept) for url, kept in servers.items()}}

        rewrite(self._file, changed)


def _to_servers(read: Any) -> dict[str, Kept]:
    content = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
    servers = content.get("servers")
    if content.get("version") != _VERSION or not isinstance(servers, dict):
        raise ValueError(f"it is no file of sign-ins of version {_VERSION}")
    return {url: _to_kept(url, entry) for url, entry in cast("dict[str, Any]", servers).items()}


def _to_kept(url: str, entry: Any) -> Kept:
    if not isinstance(entry, dict):
        raise ValueError(f"what it has of {url[:200]} is no sign-in")  # noqa: TRY004  a file's text, no type
    members = cast("dict[str, Any]", entry)
    return Kept(**{field.name: members.get(field.name) for field in fields(Kept)})


def default_file() -> Path:
    """Give the file of this person."""
    from jupyter_core.paths import jupyter_data_dir  # noqa: PLC0415  when it is needed: tests set it in the environment

    return Path(jupyter_data_dir()) / "mcp-notebook" / "authorization.json"

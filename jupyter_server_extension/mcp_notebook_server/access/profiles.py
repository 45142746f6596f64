"""Credentials of the stdio bridge, one small file per host profile.

Knows the files' form; they are readable by their owner only, so that a host's own configuration needs no token.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mcp_notebook_server.access.errors import UnknownProfile
from mcp_notebook_server.places import profile_file, write_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_notebook_server.access.tokens import TokenFile

__all__ = ["read_credential", "revoke_token", "write_credential"]


def write_credential(file: Path, token: str) -> None:
    """Keep the host token `token` in `file`."""
    write_private_file(file, json.dumps({"token": token}))


def read_credential(file: Path) -> str:
    """Return the host token kept in `file`.

    Raises:
        UnknownProfile: if there is no such file.
    """
    try:
        return json.loads(file.read_text(encoding="utf-8"))["token"]
    except FileNotFoundError:
        raise UnknownProfile(file.name) from None


def revoke_token(tokens: TokenFile, name: str) -> None:
    """End a token, and the bridge's copy of it.

    Raises:
        UnknownTokenName: if there is none of that name.
    """
    tokens.revoke(name)
    profile_file(name).unlink(missing_ok=True)

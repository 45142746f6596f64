"""What tools are called where a model chooses among those of several servers.

Knows that models take only some characters and 64 of them, and that no two tools may be called the same: `weather__get`
is get of weather and of nobody else. A name depends on nothing but its server and its tool, so a conversation that goes
on with more servers still means the same.
"""

from __future__ import annotations

import hashlib
import re

__all__ = ["offered_name"]

_MAX_CHARACTERS = 64
_JOINT = "__"
_STRANGE = re.compile(r"[^A-Za-z0-9_-]")
_DIGITS = 8


def offered_name(server: str, tool: str) -> str:
    """Give the name by which a model knows a tool.

    Args:
        server: the connection's name.
        tool: the server's name for it.

    Returns:
        `server__tool`; where that would be too long, ambiguous or of strange characters, the beginning of it and a
        fingerprint of both names.
    """
    name = f"{server}{_JOINT}{tool}"
    plain = name.count(_JOINT) == 1 and f"_{_JOINT}" not in name and f"{_JOINT}_" not in name
    if plain and len(name) <= _MAX_CHARACTERS and not _STRANGE.search(name):
        return name
    fingerprint = hashlib.sha256(f"{server}\n{tool}".encode()).hexdigest()[:_DIGITS]
    begin = _STRANGE.sub("_", name)[: _MAX_CHARACTERS - _DIGITS - len(_JOINT)]
    return f"{begin}{_JOINT}{fingerprint}"

"""How a connection is noticed to be dead: the laptop slept, a network went away, and nobody said so.

The operating system asks the other side's, not its program, so a server that computes for an hour is none the worse for
it. Knows sockets. Refuses to know HTTP.
"""

from __future__ import annotations

import socket

__all__ = ["SILENT_SECONDS", "alive_options"]

SILENT_SECONDS = 40
"""After how long a connection is dead on which nothing is confirmed; it is asked from half of that on."""

_ASKED = 4


def alive_options() -> list[tuple[int, int, int]]:
    """Give what `socket.setsockopt` takes, as far as this system has it."""
    idle = SILENT_SECONDS // 2
    wanted = {
        "TCP_KEEPIDLE": idle,
        "TCP_KEEPALIVE": idle,  # what macOS calls it
        "TCP_KEEPINTVL": (SILENT_SECONDS - idle) // _ASKED,
        "TCP_KEEPCNT": _ASKED,
        "TCP_USER_TIMEOUT": SILENT_SECONDS * 1000,  # Linux: also where something was sent and is not confirmed
    }
    known = [
        (socket.IPPROTO_TCP, getattr(socket, name), value) for name, value in wanted.items() if hasattr(socket, name)
    ]
    return [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1), *known]

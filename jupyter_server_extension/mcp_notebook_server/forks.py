"""What a forked child of the Jupyter server gives up: its copies of hosts' connections, and of the listening sockets.

Knows that a host waits for ever on a connection whose server has died while a child still holds it, and that a client
which tries again gets into the queue of a socket that nobody reads. Refuses to know what the connections are for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tornado.httpserver import HTTPServer
    from tornado.iostream import IOStream

__all__ = ["give_up_connection_in_children", "give_up_listening_in_children"]

_connections: WeakSet[IOStream] = WeakSet()
_servers: WeakSet[HTTPServer] = WeakSet()


def give_up_connection_in_children(stream: IOStream) -> None:
    """Let no child that is forked from now on keep this connection open."""
    _connections.add(stream)


def give_up_listening_in_children(server: HTTPServer) -> None:
    """Let no child that is forked from now on keep this server's sockets open."""
    _servers.add(server)


def _descriptors() -> Iterator[int]:
    for stream in _connections:
        if stream.socket is not None:
            yield stream.socket.fileno()
    for server in _servers:
        yield from cast("dict[int, Any]", server._sockets)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - tornado names them nowhere else


def _give_up() -> None:
    # Each becomes the null device and is not closed: objects of the child believe that they own its number.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in _descriptors():
        os.dup2(null, descriptor, inheritable=False)
    os.close(null)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_give_up)

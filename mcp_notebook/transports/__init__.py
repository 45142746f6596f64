"""How a server definition becomes two streams of messages, and how it is known that they are dead.

Knows stdio, Streamable HTTP and servers in this process, as the SDK speaks them. Refuses to know the protocol inside.
Imports the SDK, so only `connection` imports it; everything here belongs on the loop thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.config import InProcessServer, StdioServer
from mcp_notebook.transports.http import Exchanges, HTTPLink, Refusal, exchanges
from mcp_notebook.transports.in_process import InProcessLink
from mcp_notebook.transports.link import End, Link, reason_of
from mcp_notebook.transports.stdio import StdioLink

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_notebook.authorization.sign_in import SignIn
    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.wire import WireLog

__all__ = ["End", "Exchanges", "Link", "Refusal", "exchanges", "open_link", "reason_of"]


def open_link(server: str, definition: ServerDefinition, log: WireLog, new_sign_in: Callable[[], SignIn]) -> Link:
    """Choose the transport for a definition.

    Args:
        server: the connection's name, for errors.
        definition: what to connect to.
        log: gets every message.
        new_sign_in: makes what has a person sign in.
    """
    if isinstance(definition, StdioServer):
        return StdioLink(server, definition, log)
    if isinstance(definition, InProcessServer):
        return InProcessLink(definition, log)
    return HTTPLink(server, definition, log, new_sign_in)

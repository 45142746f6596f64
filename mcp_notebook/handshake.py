"""What a server said of itself when it was connected, and which era it turned out to be of.

Refuses to know how it was asked. For the loop thread.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook.config import InProcessServer

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import Implementation, ServerCapabilities

    from mcp_notebook.config import ServerDefinition

__all__ = ["Handshake", "forget_era", "read_handshake", "remember_era", "spoke_legacy"]

_spoke_legacy: deque[ServerDefinition] = deque(maxlen=100)
"""Definitions whose server turned out to be of the legacy era, in this kernel; for the loop thread.

Some of these servers do not answer the question which era they speak, and then each time costs 10 seconds."""


@dataclass(frozen=True)
class Handshake:
    """What a server said of itself when it was connected.

    Attributes:
        protocol_version: such as "2026-07-28".
        server_info: name and version; None if a modern server did not say.
        capabilities: what it declared.
        instructions: what it tells hosts; None if nothing.
    """

    protocol_version: str
    server_info: Implementation | None
    capabilities: ServerCapabilities
    instructions: str | None


def read_handshake(client: Client) -> Handshake:
    """Read it from the SDK's client."""
    return Handshake(client.protocol_version, client.server_info, client.server_capabilities, client.instructions)


def spoke_legacy(definition: ServerDefinition) -> bool:
    """Whether a server is known to be of the legacy era, so that it need not be asked."""
    return definition in _spoke_legacy


def remember_era(definition: ServerDefinition, protocol_version: str) -> None:
    """Remember which version was spoken, where the server could choose."""
    known = definition in _spoke_legacy or isinstance(definition, InProcessServer)
    if definition.era == "auto" and protocol_version not in MODERN_PROTOCOL_VERSIONS and not known:
        _spoke_legacy.append(definition)


def forget_era(definition: ServerDefinition) -> None:
    """Ask the server next time."""
    if definition in _spoke_legacy:
        _spoke_legacy.remove(definition)

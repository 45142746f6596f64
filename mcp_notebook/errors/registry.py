"""What goes wrong with a registry of servers."""

from __future__ import annotations

from mcp_notebook.display import one_line
from mcp_notebook.errors.base import HostError

__all__ = ["NotConnectable", "RegistryFailed"]


class RegistryFailed(HostError):
    """The registry gave no answer, or one that is none.

    Attributes:
        where: its address.
        reason: a clause.
    """

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(where, reason)
        self.where = where
        self.reason = reason

    def __str__(self) -> str:
        other = 'Another registry: %config MCPMagics.registry = "https://..."'
        return f"The registry at {self.where} gave no answer: {one_line(self.reason, 300).rstrip('.')}. {other}"


class NotConnectable(HostError):
    """A server of a registry that cannot be connected to as it is described there.

    Attributes:
        name: in the registry.
        reason: a clause.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        name, reason = one_line(self.name, 200), one_line(self.reason, 300)
        return f"{name} cannot be connected to from the registry: {reason}. %mcp registry search finds others."

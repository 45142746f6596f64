"""What can go wrong when a notebook publishes a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import one_line, some_names
from mcp_notebook.errors.base import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NameTaken", "NameUnfit", "NotInJupyter", "NotPublished", "PublishFailed"]


class NotInJupyter(HostError):
    """A server is to be published where no Jupyter server could let hosts in."""

    def __str__(self) -> str:
        return (
            "Only a kernel that a Jupyter server has started can publish: hosts come through that server. Open this "
            "notebook with `jupyter lab`; in an editor, choose an existing Jupyter server."
        )


class NameUnfit(HostError):
    """A name that cannot stand in an address.

    Attributes:
        name: it.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"{self.name!r} cannot be published: a name has letters, digits, '_', '.' and '-', as in --name sales."


class NameTaken(HostError):
    """A name under which another notebook publishes.

    Attributes:
        name: it.
        kernel_id: of the other's kernel.
    """

    def __init__(self, name: str, kernel_id: str) -> None:
        super().__init__(name, kernel_id)
        self.name = name
        self.kernel_id = kernel_id

    def __str__(self) -> str:
        return (
            f"Another kernel ({self.kernel_id}) publishes {self.name!r}. Choose another name with --name, or say "
            f"%mcp unpublish {self.name} there."
        )


class NotPublished(HostError):
    """A name under which this notebook publishes nothing.

    Attributes:
        name: it.
        known: the names there are.
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(name, self.known)

    def __str__(self) -> str:
        there_is = f"It publishes {some_names(self.known)}." if self.known else "It publishes nothing."
        return f"This notebook does not publish {self.name!r}. {there_is}"


class PublishFailed(HostError):
    """A server that could not be published: its lifespan raised, or there is no place for a socket.

    Attributes:
        name: under which it would be.
        error: what was raised.
    """

    def __init__(self, name: str, error: Exception) -> None:
        super().__init__(name, error)
        self.name = name
        self.error = error

    def __str__(self) -> str:
        return f"{self.name!r} could not be published: {type(self.error).__name__}: {one_line(str(self.error), 200)}"

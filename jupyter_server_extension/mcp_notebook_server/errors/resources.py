"""What is said of addresses and notebooks that lead nowhere, and of what is too large for one answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors.base import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "InvalidAddress",
    "ResourceTooLarge",
    "UnknownNotebook",
    "UnknownResource",
]


@dataclass(eq=False)
class InvalidAddress(ServerError):
    """A part of a resource's address cannot be.

    Attributes:
        uri: what the host asked for.
        problem: a clause such as "`limit` must be a whole number".
    """

    uri: str
    problem: str

    def __str__(self) -> str:
        return f"{self.uri!r} cannot be read: {self.problem}."


@dataclass(eq=False)
class ResourceTooLarge(ServerError):
    """One answer cannot carry the whole resource.

    Attributes:
        uri: what the host asked for.
        size: bytes, as they would travel.
        most: bytes that one answer carries.
        rows: how many rows of it are about as much.
    """

    uri: str
    size: int
    most: int
    rows: int

    def __str__(self) -> str:
        return (
            f"That is {self.size} bytes, and one answer carries {self.most}. About {self.rows} rows fit: read a "
            f"dataframe in parts with offset=0&limit={self.rows}, fewer columns, or as format=parquet; narrow a query."
        )


@dataclass(eq=False)
class UnknownResource(ServerError):
    """No resource has that address.

    Attributes:
        uri: what the host asked for.
        templates: how ours are addressed.
    """

    uri: str
    templates: Sequence[str]

    def __str__(self) -> str:
        return f"There is no resource {self.uri!r}. Addresses look like {', '.join(self.templates)}."


@dataclass(eq=False)
class UnknownNotebook(ServerError):
    """There is no notebook at that path, or none that the host may see.

    Attributes:
        path: what the host asked for.
        running: paths of the notebooks with a kernel; None if that was not looked for.
    """

    path: str
    running: Sequence[str] | None = None

    def __str__(self) -> str:
        running = "" if self.running is None else f"With a kernel: {', '.join(self.running) or 'none'}. "
        return f"There is no notebook {self.path!r}. {running}Call list_notebooks to see which there are."

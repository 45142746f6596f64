"""What is said of calls that do not fit their tool, or may not use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors.base import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "InvalidArguments",
    "ScopeForbidden",
]


@dataclass(eq=False)
class InvalidArguments(ServerError):
    """A tool was called with arguments that its schema does not allow.

    Attributes:
        tool: its name.
        problems: of each argument that is wrong, such as "limit: Input should be less than or equal to 1000".
        arguments: the names it takes.
    """

    tool: str
    problems: Sequence[str]
    arguments: Sequence[str]

    def __str__(self) -> str:
        takes = f"It takes {', '.join(self.arguments)}." if self.arguments else "It takes no arguments."
        return f"{self.tool} cannot be called so: {'; '.join(self.problems)}. {takes}"


@dataclass(eq=False)
class ScopeForbidden(ServerError):
    """Jupyter's authorizer lets no host use the scope a tool needs, or not this one.

    Attributes:
        tool: its name.
        scope: the scope it needs.
    """

    tool: str
    scope: str

    def __str__(self) -> str:
        return (
            f"{self.tool} needs the scope {self.scope!r}, and this Jupyter server's authorizer does not let you have "
            "it. No grant changes that; whoever runs the Jupyter server decides about it."
        )

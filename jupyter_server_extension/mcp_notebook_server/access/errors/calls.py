"""What is said of calls that a person ends, and of limits that nobody can keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CallInterrupted",
    "InvalidLimits",
    "UnknownCall",
]


@dataclass(eq=False)
class CallInterrupted(ServerError):
    """The person ended a call that was being answered.

    Attributes:
        tool: what was called.
    """

    tool: str

    def __str__(self) -> str:
        return f"The person interrupted this call of {self.tool}. Do not repeat it; ask them what they would like."


@dataclass(eq=False)
class UnknownCall(ServerError):
    """No call of that id is being answered.

    Attributes:
        call_id: what was asked for.
    """

    call_id: str

    def __str__(self) -> str:
        return "This has ended already."


@dataclass(eq=False)
class InvalidLimits(ServerError):
    """A limit in the Jupyter server's configuration is not understood.

    Attributes:
        problem: a clause such as "calls: 7 is not a rate".
        known: the limits there are.
    """

    problem: str
    known: Sequence[str]

    def __str__(self) -> str:
        return f"MCPNotebookApp.limits: {self.problem}. There are: {', '.join(self.known)}."

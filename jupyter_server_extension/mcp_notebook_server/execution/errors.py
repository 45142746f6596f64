"""What can go wrong with a host's run, each worded once; the tree is in `mcp_notebook_server.errors`."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_notebook_server.errors import ServerError

__all__ = ["ExecutionUnheard", "QueueFull", "UnknownExecution"]


@dataclass(eq=False)
class UnknownExecution(ServerError):
    """There is no run of that id, none any more, or none that the host may see.

    Attributes:
        execution: what the host asked for.
        minutes: for which a run is kept after its end.
    """

    execution: str
    minutes: int

    def __str__(self) -> str:
        return (
            f"There is no execution {self.execution!r} (any more). One is kept for {self.minutes} minutes after its "
            "end, not beyond a restart of the Jupyter server. What it changed in the kernel is still there."
        )


@dataclass(eq=False)
class QueueFull(ServerError):
    """Too much waits for a kernel.

    Attributes:
        kernel_id: the kernel.
        waiting: how many runs.
    """

    kernel_id: str
    waiting: int

    def __str__(self) -> str:
        return (
            f"{self.waiting} executions wait for kernel {self.kernel_id} already. Nothing was added; read_execution "
            "says when one is done, cancel_execution takes one out."
        )


@dataclass(eq=False)
class ExecutionUnheard(ServerError):
    """The Jupyter server stops to listen to a run, which goes on.

    Attributes:
        execution: its id.
        kernel_id: where.
    """

    execution: str
    kernel_id: str

    def __str__(self) -> str:
        return (
            f"Nothing more is heard of execution {self.execution}, because the Jupyter server stops or let go of "
            f"kernel {self.kernel_id}. If it had begun, it goes on there."
        )

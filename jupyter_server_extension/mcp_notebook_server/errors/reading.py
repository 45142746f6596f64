"""What is said when what a kernel holds cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from mcp_notebook_server.errors.base import ServerError

__all__ = [
    "ReadRefused",
    "ReadTimedOut",
    "WorkerFailed",
]


@dataclass(eq=False)
class ReadTimedOut(ServerError):
    """The kernel did not answer in time, most likely because one call of C code holds Python's lock.

    Attributes:
        kernel_id: the kernel.
        seconds: how long was waited.
    """

    kernel_id: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"Kernel {self.kernel_id} did not answer within {self.seconds:g} s: it is inside one long call that lets "
            "nothing else run. Try again in a moment."
        )


@dataclass(eq=False)
class ReadRefused(ServerError):
    """The agent answered that it cannot: the sentence says what exists instead.

    Attributes:
        kind: a word for programs: "unknown_variable", "unknown_column", "bad_path", "not_a_dataframe", "changing",
            "too_large", "too_slow", "bad_argument", "failed" (a fault of ours: what failed and where).
        message: the whole sentence.
    """

    kind: str
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class WorkerFailed(ServerError):
    """The process beside a kernel that works on its frames ended without an answer.

    Attributes:
        kernel_id: the kernel.
        seconds: its time limit.
    """

    kernel_id: str
    seconds: float

    def __str__(self) -> str:
        return (
            f"That was ended: it did not stop within {self.seconds:g} s, or needed more memory than it may use. The "
            f"kernel {self.kernel_id} was not touched. Ask for less."
        )

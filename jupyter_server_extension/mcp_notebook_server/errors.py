"""What can go wrong for a host, each worded once: what was wrong, what exists, what to do next.

Knows the sentences. Refuses to know how they travel: a tool's failure becomes `isError: true` in `server`, a refusal at
the door becomes JSON with a status in `handlers`.

    ServerError
     +- UnknownKernel, AmbiguousKernel
     +- KernelUnreadable, KernelBusy, KernelDied, ReadTimedOut
     +- ReadRefused          the agent's own answer: no such variable, column, path, not a dataframe ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AmbiguousKernel",
    "KernelBusy",
    "KernelDied",
    "KernelUnreadable",
    "ReadRefused",
    "ReadTimedOut",
    "ServerError",
    "UnknownKernel",
]


class ServerError(Exception):
    """A failure that a host is told of; `str()` is the whole sentence."""


class UnknownKernel(ServerError):
    """No running kernel answers to that name.

    Attributes:
        kernel: what the host asked for.
        known: ids (and notebook paths) of the kernels it may see.
    """

    def __init__(self, kernel: str, known: Sequence[str]) -> None:
        super().__init__(kernel, known)
        self.kernel = kernel
        self.known = tuple(known)

    def __str__(self) -> str:
        if not self.known:
            return f"There is no kernel {self.kernel!r}: no kernel is running. Open a notebook in Jupyter first."
        return f"There is no kernel {self.kernel!r}. Running: {', '.join(self.known)}. Call list_kernels for details."


class AmbiguousKernel(ServerError):
    """The beginning of an id fits several kernels.

    Attributes:
        kernel: what the host asked for.
        candidates: the ids that begin so.
    """

    def __init__(self, kernel: str, candidates: Sequence[str]) -> None:
        super().__init__(kernel, candidates)
        self.kernel = kernel
        self.candidates = tuple(candidates)

    def __str__(self) -> str:
        return f"{self.kernel!r} could be any of {', '.join(self.candidates)}. Give more of the id."


class KernelUnreadable(ServerError):
    """Variables of this kernel cannot be read at all.

    Attributes:
        kernel_id: the kernel.
        reason: a clause such as "it runs R, and variables are read from Python kernels only".
    """

    def __init__(self, kernel_id: str, reason: str) -> None:
        super().__init__(kernel_id, reason)
        self.kernel_id = kernel_id
        self.reason = reason

    def __str__(self) -> str:
        return f"Variables of kernel {self.kernel_id} cannot be read: {self.reason}."


class KernelBusy(ServerError):
    """The kernel runs a cell and could not be reached the first time; once it was idle for a moment, reads always work.

    Attributes:
        kernel_id: the kernel.
    """

    def __init__(self, kernel_id: str) -> None:
        super().__init__(kernel_id)
        self.kernel_id = kernel_id

    def __str__(self) -> str:
        return (
            f"Kernel {self.kernel_id} is busy with a cell and has not been read before. Try again when the cell has "
            "finished; from then on it can be read while it runs, too."
        )


class KernelDied(ServerError):
    """The kernel went away during the call.

    Attributes:
        kernel_id: the kernel.
    """

    def __init__(self, kernel_id: str) -> None:
        super().__init__(kernel_id)
        self.kernel_id = kernel_id

    def __str__(self) -> str:
        return f"Kernel {self.kernel_id} died or was restarted during the call. Call list_kernels to see what runs now."


class ReadTimedOut(ServerError):
    """The kernel did not answer in time, most likely because one call of C code holds Python's lock.

    Attributes:
        kernel_id: the kernel.
        seconds: how long was waited.
    """

    def __init__(self, kernel_id: str, seconds: float) -> None:
        super().__init__(kernel_id, seconds)
        self.kernel_id = kernel_id
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"Kernel {self.kernel_id} did not answer within {self.seconds:g} s: it is inside one long call that lets "
            "nothing else run. Try again in a moment."
        )


class ReadRefused(ServerError):
    """The agent answered that it cannot: the sentence says what exists instead.

    Attributes:
        kind: a word for programs: "unknown_variable", "unknown_column", "bad_path", "not_a_dataframe", "changing",
            "too_large", "bad_argument".
        message: the whole sentence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return self.message

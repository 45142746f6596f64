"""What is said of kernels that are not there, are busy, or went away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors.base import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AmbiguousKernel",
    "BoundKernelGone",
    "KernelBusy",
    "KernelDied",
    "KernelNotOwned",
    "KernelOccupied",
    "KernelUnreadable",
    "UnknownKernel",
]


@dataclass(eq=False)
class UnknownKernel(ServerError):
    """No running kernel answers to that name.

    Attributes:
        kernel: what the host asked for.
        known: ids (and notebook paths) of the kernels it may see.
    """

    kernel: str
    known: Sequence[str]

    def __str__(self) -> str:
        if not self.known:
            return f"There is no kernel {self.kernel!r}: no kernel is running. Open a notebook in Jupyter first."
        return f"There is no kernel {self.kernel!r}. Running: {', '.join(self.known)}. Call list_kernels for details."


@dataclass(eq=False)
class AmbiguousKernel(ServerError):
    """The beginning of an id fits several kernels.

    Attributes:
        kernel: what the host asked for.
        candidates: the ids that begin so.
    """

    kernel: str
    candidates: Sequence[str]

    def __str__(self) -> str:
        return f"{self.kernel!r} could be any of {', '.join(self.candidates)}. Give more of the id."


@dataclass(eq=False)
class BoundKernelGone(ServerError):
    """The address stands for a kernel that does not run, or that this host may not see.

    Attributes:
        kernel: its id; empty if the address stands for a notebook.
        notebook: the notebook's path; empty if the address stands for a kernel.
    """

    kernel: str
    notebook: str

    def __str__(self) -> str:
        if self.notebook:
            return (
                f"No kernel runs for the notebook {self.notebook!r}, which this address stands for. Open it in "
                "Jupyter, then call again."
            )
        return (
            f"The kernel {self.kernel!r}, which this address stands for, does not run (any more). Ask the person for "
            "the address of another, or of all kernels."
        )


@dataclass(eq=False)
class KernelUnreadable(ServerError):
    """Variables of this kernel cannot be read at all.

    Attributes:
        kernel_id: the kernel.
        reason: a clause such as "it runs R, and variables are read from Python kernels only".
    """

    kernel_id: str
    reason: str

    def __str__(self) -> str:
        return f"Variables of kernel {self.kernel_id} cannot be read: {self.reason}."


@dataclass(eq=False)
class KernelBusy(ServerError):
    """The kernel runs a cell and could not be reached the first time; once it was idle for a moment, reads always work.

    Attributes:
        kernel_id: the kernel.
    """

    kernel_id: str

    def __str__(self) -> str:
        return (
            f"Kernel {self.kernel_id} is busy with a cell and has not been read before. Try again when the cell has "
            "finished; from then on it can be read while it runs, too."
        )


@dataclass(eq=False)
class KernelOccupied(ServerError):
    """Something runs in the kernel, and a host's code does not queue behind it.

    Attributes:
        kernel_id: the kernel.
        what: a clause such as "a cell".
        since: when it began, if that is known.
    """

    kernel_id: str
    what: str
    since: str | None

    def __str__(self) -> str:
        since = f" since {self.since}" if self.since else ""
        return (
            f"Kernel {self.kernel_id} is busy with {self.what}{since}. Nothing was run. Reading works meanwhile; call "
            "again when list_kernels says that it is idle."
        )


@dataclass(eq=False)
class KernelDied(ServerError):
    """The kernel went away during the call.

    Attributes:
        kernel_id: the kernel.
    """

    kernel_id: str

    def __str__(self) -> str:
        return f"Kernel {self.kernel_id} died or was restarted during the call. Call list_kernels to see what runs now."


@dataclass(eq=False)
class KernelNotOwned(ServerError):
    """The kernel was started elsewhere, and only there it is ended.

    Attributes:
        kernel_id: the kernel.
        name: by which people know it.
        verb: what was to be done, "restart" or "end".
    """

    kernel_id: str
    name: str
    verb: str

    def __str__(self) -> str:
        return (
            f"Kernel {self.kernel_id} ({self.name}) was not started by Jupyter but elsewhere, such as by an editor. "
            f"Only there can the person {self.verb} it; interrupt_kernel works, as do reading and running code."
        )

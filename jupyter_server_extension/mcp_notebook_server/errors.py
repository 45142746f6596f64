"""What can go wrong for a host, each worded once: what was wrong, what exists, what to do next.

Knows the sentences. Refuses to know how they travel: a tool's failure becomes `isError: true` in `server`, a refusal at
the door becomes JSON with a status in `handlers`.

    ServerError
     +- UnknownKernel, AmbiguousKernel, BoundKernelGone
     +- KernelUnreadable, KernelBusy, KernelOccupied, KernelDied, ReadTimedOut
     +- ReadRefused          the agent's own answer: no such variable, column, path, not a dataframe ...
     +- WorkerFailed         the process that works on whole frames
     +- InvalidArguments     what a tool was called with does not fit its schema
     +- InvalidAddress, ResourceTooLarge, UnknownNotebook
     +- UnknownResource, UnknownPrompt, MissingPromptArguments, NoErrorShown
     +- ScopeForbidden       Jupyter's authorizer does not allow it
     +- in access.errors: DeniedByPolicy, ApprovalNeeded, ApprovalDeclined, AskedTooOften, TooManyApprovals,
     |                    NotShowable, TokenGone
     +- CommandError         for the person at the command line
         +- in access.errors: InvalidTokenName, TokenNameTaken, UnknownTokenName, InvalidDuration, UnknownProfile,
         |                    FileHeld
         +- in cli.errors: NoJupyterServer, SeveralJupyterServers, JupyterDidNotStart, DemoFailed, DemoNeedsPackages
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AmbiguousKernel",
    "BoundKernelGone",
    "CommandError",
    "InvalidAddress",
    "InvalidArguments",
    "KernelBusy",
    "KernelDied",
    "KernelOccupied",
    "KernelUnreadable",
    "MissingPromptArguments",
    "NoErrorShown",
    "ReadRefused",
    "ReadTimedOut",
    "ResourceTooLarge",
    "ScopeForbidden",
    "ServerError",
    "UnknownKernel",
    "UnknownNotebook",
    "UnknownPrompt",
    "UnknownResource",
    "WorkerFailed",
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


class BoundKernelGone(ServerError):
    """The address stands for a kernel that does not run, or that this host may not see.

    Attributes:
        kernel: its id; empty if the address stands for a notebook.
        notebook: the notebook's path; empty if the address stands for a kernel.
    """

    def __init__(self, kernel: str, notebook: str) -> None:
        super().__init__(kernel, notebook)
        self.kernel = kernel
        self.notebook = notebook

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


class KernelOccupied(ServerError):
    """Something runs in the kernel, and a host's code does not queue behind it.

    Attributes:
        kernel_id: the kernel.
        what: a clause such as "a cell".
        since: when it began, if that is known.
    """

    def __init__(self, kernel_id: str, what: str, since: str | None) -> None:
        super().__init__(kernel_id, what, since)
        self.kernel_id = kernel_id
        self.what = what
        self.since = since

    def __str__(self) -> str:
        since = f" since {self.since}" if self.since else ""
        return (
            f"Kernel {self.kernel_id} is busy with {self.what}{since}. Nothing was run. Reading works meanwhile; call "
            "again when list_kernels says that it is idle."
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
            "too_large", "too_slow", "bad_argument", "failed" (a fault of ours: what failed and where).
        message: the whole sentence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return self.message


class WorkerFailed(ServerError):
    """The process beside a kernel that works on its frames ended without an answer.

    Attributes:
        kernel_id: the kernel.
        seconds: its time limit.
    """

    def __init__(self, kernel_id: str, seconds: float) -> None:
        super().__init__(kernel_id, seconds)
        self.kernel_id = kernel_id
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"That was ended: it did not stop within {self.seconds:g} s, or needed more memory than it may use. The "
            f"kernel {self.kernel_id} was not touched. Ask for less."
        )


class InvalidArguments(ServerError):
    """A tool was called with arguments that its schema does not allow.

    Attributes:
        tool: its name.
        problems: one clause each, such as "limit: Input should be less than or equal to 1000".
        arguments: the names it takes.
    """

    def __init__(self, tool: str, problems: Sequence[str], arguments: Sequence[str]) -> None:
        super().__init__(tool, problems, arguments)
        self.tool = tool
        self.problems = tuple(problems)
        self.arguments = tuple(arguments)

    def __str__(self) -> str:
        takes = f"It takes {', '.join(self.arguments)}." if self.arguments else "It takes no arguments."
        return f"{self.tool} cannot be called so: {'; '.join(self.problems)}. {takes}"


class InvalidAddress(ServerError):
    """A part of a resource's address cannot be.

    Attributes:
        uri: what the host asked for.
        problem: a clause such as "`limit` must be a whole number".
    """

    def __init__(self, uri: str, problem: str) -> None:
        super().__init__(uri, problem)
        self.uri = uri
        self.problem = problem

    def __str__(self) -> str:
        return f"{self.uri!r} cannot be read: {self.problem}."


class ResourceTooLarge(ServerError):
    """One answer cannot carry the whole resource.

    Attributes:
        uri: what the host asked for.
        size: bytes, as they would travel.
        most: bytes that one answer carries.
        rows: how many rows of it are about as much.
    """

    def __init__(self, uri: str, size: int, most: int, rows: int) -> None:
        super().__init__(uri, size, most, rows)
        self.uri = uri
        self.size = size
        self.most = most
        self.rows = rows

    def __str__(self) -> str:
        return (
            f"That is {self.size} bytes, and one answer carries {self.most}. About {self.rows} rows fit: read a "
            f"dataframe in parts with offset=0&limit={self.rows}, fewer columns, or as format=parquet; narrow a query."
        )


class UnknownNotebook(ServerError):
    """There is no notebook at that path, or none that the host may see.

    Attributes:
        path: what the host asked for.
        running: paths of the notebooks with a kernel; None if that was not looked for.
    """

    def __init__(self, path: str, running: Sequence[str] | None = None) -> None:
        super().__init__(path, running)
        self.path = path
        self.running = None if running is None else tuple(running)

    def __str__(self) -> str:
        running = "" if self.running is None else f"With a kernel: {', '.join(self.running) or 'none'}. "
        return f"There is no notebook {self.path!r}. {running}Call list_notebooks to see which there are."


class UnknownResource(ServerError):
    """No resource has that address.

    Attributes:
        uri: what the host asked for.
        templates: how ours are addressed.
    """

    def __init__(self, uri: str, templates: Sequence[str]) -> None:
        super().__init__(uri, templates)
        self.uri = uri
        self.templates = tuple(templates)

    def __str__(self) -> str:
        return f"There is no resource {self.uri!r}. Addresses look like {', '.join(self.templates)}."


class UnknownPrompt(ServerError):
    """There is no prompt of that name.

    Attributes:
        prompt: what the host asked for.
        known: the names there are.
    """

    def __init__(self, prompt: str, known: Sequence[str]) -> None:
        super().__init__(prompt, known)
        self.prompt = prompt
        self.known = tuple(known)

    def __str__(self) -> str:
        return f"There is no prompt {self.prompt!r}. There are: {', '.join(self.known)}."


class MissingPromptArguments(ServerError):
    """A prompt cannot be filled in without these.

    Attributes:
        prompt: its name.
        missing: names of arguments.
    """

    def __init__(self, prompt: str, missing: Sequence[str]) -> None:
        super().__init__(prompt, missing)
        self.prompt = prompt
        self.missing = tuple(missing)

    def __str__(self) -> str:
        return f"The prompt {self.prompt!r} needs {' and '.join(self.missing)}."


class NoErrorShown(ServerError):
    """An error is to be explained, and no cell shows one.

    Attributes:
        notebook: its path.
    """

    def __init__(self, notebook: str) -> None:
        super().__init__(notebook)
        self.notebook = notebook

    def __str__(self) -> str:
        return f"No cell of {self.notebook!r} shows an error. If one does on the screen, save the notebook first."


class ScopeForbidden(ServerError):
    """Jupyter's authorizer lets no host use the scope a tool needs, or not this one.

    Attributes:
        tool: its name.
        scope: the scope it needs.
    """

    def __init__(self, tool: str, scope: str) -> None:
        super().__init__(tool, scope)
        self.tool = tool
        self.scope = scope

    def __str__(self) -> str:
        return (
            f"{self.tool} needs the scope {self.scope!r}, and this Jupyter server's authorizer does not let you have "
            "it. No grant changes that; whoever runs the Jupyter server decides about it."
        )


class CommandError(ServerError):
    """A failure that the person at the command line is told of."""

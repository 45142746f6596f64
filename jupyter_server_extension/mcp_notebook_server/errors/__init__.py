"""What can go wrong for a host, each worded once: what was wrong, what exists, what to do next.

Knows the sentences. Refuses to know how they travel: a tool's failure becomes `isError: true` in `server`, a refusal at
the door becomes JSON with a status in `handlers`.

    ServerError
     +- UnknownKernel, AmbiguousKernel, BoundKernelGone
     +- KernelUnreadable, KernelBusy, KernelOccupied, KernelDied, KernelNotOwned, ReadTimedOut
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
         +- in cli.errors: NoJupyterServer, SeveralJupyterServers, JupyterUnreachable, JupyterDidNotStart, NoHostToken,
                           UnknownHost, HostReadsNoVariables, HostFileUnchangeable, DemoFailed, DemoNeedsPackages
"""

from __future__ import annotations

from mcp_notebook_server.errors.base import (
    CommandError,
    ServerError,
)
from mcp_notebook_server.errors.calling import (
    InvalidArguments,
    ScopeForbidden,
)
from mcp_notebook_server.errors.kernels import (
    AmbiguousKernel,
    BoundKernelGone,
    KernelBusy,
    KernelDied,
    KernelNotOwned,
    KernelOccupied,
    KernelUnreadable,
    UnknownKernel,
)
from mcp_notebook_server.errors.prompts import (
    MissingPromptArguments,
    NoErrorShown,
    UnknownPrompt,
)
from mcp_notebook_server.errors.reading import (
    ReadRefused,
    ReadTimedOut,
    WorkerFailed,
)
from mcp_notebook_server.errors.resources import (
    InvalidAddress,
    ResourceTooLarge,
    UnknownNotebook,
    UnknownResource,
)

__all__ = [
    "AmbiguousKernel",
    "BoundKernelGone",
    "CommandError",
    "InvalidAddress",
    "InvalidArguments",
    "KernelBusy",
    "KernelDied",
    "KernelNotOwned",
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

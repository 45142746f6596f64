"""What can go wrong with access, each worded once; the tree is in `mcp_notebook_server.errors`.

Knows which noun each belongs to: `tokens` and the files that keep them, `asking` and what was permitted, `calls` and
their limits. Each keeps its facts as fields.
"""

from __future__ import annotations

from mcp_notebook_server.access.errors.asking import (
    ApprovalDeclined,
    ApprovalNeeded,
    AskedTooOften,
    DeniedByPolicy,
    NotShowable,
    TokenGone,
    TooManyApprovals,
    UnknownApproval,
    UnknownGrant,
)
from mcp_notebook_server.access.errors.calls import (
    CallInterrupted,
    InvalidLimits,
    UnknownCall,
)
from mcp_notebook_server.access.errors.tokens import (
    FileHeld,
    InvalidDuration,
    InvalidTokenName,
    TokenNameTaken,
    UnknownProfile,
    UnknownTokenName,
)

__all__ = [
    "ApprovalDeclined",
    "ApprovalNeeded",
    "AskedTooOften",
    "CallInterrupted",
    "DeniedByPolicy",
    "FileHeld",
    "InvalidDuration",
    "InvalidLimits",
    "InvalidTokenName",
    "NotShowable",
    "TokenGone",
    "TokenNameTaken",
    "TooManyApprovals",
    "UnknownApproval",
    "UnknownCall",
    "UnknownGrant",
    "UnknownProfile",
    "UnknownTokenName",
]

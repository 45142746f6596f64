"""What a host asks to do, as far as a permission for it goes.

Knows which facts make two calls the same one: token, tool, kernel and arguments. Refuses to know what tools do; they
say it in a `Proposal`.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook_server.access.tokens import HostToken, Scope

__all__ = ["Call", "Proposal"]


@dataclass(frozen=True)
class Proposal:
    """What would be done, and where, as a person is to see it.

    Attributes:
        kernel: id of the kernel that it is done to; the call is held to it, whatever name the host used. Empty where it
            is done to a notebook's file, or makes a kernel.
        notebook: path of the notebook that the kernel runs for; None for consoles and others.
        kind: what `text` is.
        text: exactly what would run or change, whole: what is not shown cannot be approved.
    """

    kernel: str
    notebook: str | None
    kind: Literal["code", "diff", "action"]
    text: str


@dataclass(frozen=True)
class Call:
    """One call of a tool, for which somebody must decide.

    Attributes:
        token: of the host that calls.
        tool: its name.
        scope: what the tool needs.
        arguments: checked and complete, without the name of the kernel, which `proposal` says for certain.
        proposal: what would be done.
        host: name and version of the host, as it claims; for people, and never decided upon.
    """

    token: HostToken
    tool: str
    scope: Scope
    arguments: Mapping[str, Any]
    proposal: Proposal
    host: str = ""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that makes this call this call, and no other."""
        proposal = self.proposal
        place = proposal.kernel or proposal.notebook
        facts = [self.token.digest, self.tool, self.scope, place, proposal.kind, proposal.text]
        return hashlib.sha256(json.dumps([*facts, self.arguments], sort_keys=True).encode()).hexdigest()

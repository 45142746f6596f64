"""One rule of a policy, and which questions it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mcp_notebook.approval.question import Asker, Lasting

__all__ = ["KINDS", "Rule", "is_decision"]

KINDS = ("elicitation", "sampling", "authorization", "call")
"""What rules are about."""


def is_decision(text: str) -> bool:
    """Whether a text is what a rule can decide: ask, allow, decline or replay:FILE."""
    return text in ("ask", "allow", "decline") or (text.startswith("replay:") and len(text) > len("replay:"))


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        kind: of question.
        decision: "ask", "allow", "decline" or "replay:FILE".
        server: the connection's name; None for all.
        tool: whose calls; None for all, and for questions outside a call.
        lasting: once, until this kernel ends, or always.
        address: what the connection must lead to, without secrets; None for whatever has the name.
        since: when it was made, ISO 8601, UTC.
    """

    kind: str
    decision: str
    server: str | None = None
    tool: str | None = None
    lasting: Lasting = "session"
    address: str | None = None
    since: str = ""

    def __str__(self) -> str:
        place = ".".join(one for one in (self.server, self.tool) if one)
        return f"{self.kind}={self.decision}{f' for {place}' if place else ''}"

    @property
    def weight(self) -> int:
        """How specific it is: the heavier of two holds."""
        return 2 * (self.server is not None) + (self.tool is not None)

    def fits(self, kind: str, asker: Asker) -> bool:
        """Whether it is about a question."""
        return (
            self.kind == kind
            and self.server in (None, asker.server)
            and self.tool in (None, asker.tool)
            and self.address in (None, asker.address)
        )

    def is_like(self, other: Rule) -> bool:
        """Whether it decides the same thing as another, perhaps differently."""
        return (self.kind, self.server, self.tool, self.lasting, self.address) == (
            other.kind,
            other.server,
            other.tool,
            other.lasting,
            other.address,
        )

"""What a token may do without asking: the person's settings and the token's scopes.

Knows the rule of CONTRACT ("Extension traits"), as one plain function. Refuses to know grants, and how somebody is
asked (`gate`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from mcp_notebook_server.access.tokens import HostToken, Scope

__all__ = ["SETTINGS", "Policy", "Setting"]

Setting = Literal["allow", "ask", "deny"]
"""What a person says about a scope: every host token may; a token with the scope may and others ask; nobody may."""

SETTINGS: tuple[Setting, ...] = get_args(Setting)


@dataclass(frozen=True)
class Policy:
    """What a person set for each scope."""

    read: Setting = "allow"
    write: Setting = "ask"
    execute: Setting = "ask"

    def decide(self, scope: Scope, token: HostToken) -> Setting:
        """Say whether `token` may do what needs `scope`, must ask first, or may not."""
        setting: Setting = getattr(self, scope)
        return "allow" if setting == "ask" and scope in token.scopes else setting

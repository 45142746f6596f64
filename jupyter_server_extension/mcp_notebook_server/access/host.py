"""Whoever presented a host token, at which address, as the SDK wants to know it.

Knows how a token becomes the user of a request, and how a tool's call finds it again. Refuses to know where the token
came from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from mcp_notebook_server.access.tokens import HostToken, Scope
    from mcp_notebook_server.binding import Binding

__all__ = ["Host", "get_host"]


class Host(AuthenticatedUser):
    """The user of a request that the door let in; the SDK binds a session to the one who opened it, and where.

    Args:
        token: under which it was let in.
        binding: what the address stands for at which it came in.
        allowed: the scopes that Jupyter's authorizer lets it have at all; no grant gives another.

    Attributes:
        token, binding, allowed: as given.
        granted_by: id of the grant by which a person permitted the call; None if the token alone does. Whoever uses a
            grant sets it, for the audit, as `failure`: the name of the error that the host is told of.
        asked: id of the question that the call waits for; None if it waits for none.
    """

    def __init__(self, token: HostToken, binding: Binding, allowed: frozenset[Scope]) -> None:
        subject = f"{token.digest} {binding.published or binding.values}"
        super().__init__(AccessToken(token="", client_id=token.name, scopes=sorted(token.scopes), subject=subject))
        self.token = token
        self.binding = binding
        self.allowed = allowed
        self.granted_by: str | None = None
        self.failure: str | None = None
        self.asked: str | None = None


def get_host(request: ServerRequestContext[Any]) -> Host:
    """Return whom the door let in with this request.

    Raises:
        TypeError: if it did not come through the door, which is a mistake of ours.
    """
    user = request.request.scope["user"] if request.request is not None else None
    if not isinstance(user, Host):
        raise TypeError("a request reached the server without passing the door")
    return user

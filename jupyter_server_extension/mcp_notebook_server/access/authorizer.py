"""Jupyter's `Authorizer` may narrow what host tokens can do, and never widens it.

Knows how a token looks to an authorizer: a user called `mcp-notebook:<name of the token>`, who wants to read, write or
execute the resource `mcp`. The three actions of Jupyter are the three scopes of ours. What the authorizer refuses, no
grant of a person gives either: whoever runs the Jupyter server has the last word.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jupyter_core.utils import ensure_async
from jupyter_server.auth import User

from mcp_notebook_server.access.tokens import SCOPES

if TYPE_CHECKING:
    from jupyter_server.auth import Authorizer
    from jupyter_server.base.handlers import JupyterHandler

    from mcp_notebook_server.access.tokens import HostToken, Scope

__all__ = ["RESOURCE", "find_allowed_scopes"]

RESOURCE = "mcp"

_log = logging.getLogger(__name__)


async def find_allowed_scopes(authorizer: Authorizer, handler: JupyterHandler, token: HostToken) -> frozenset[Scope]:
    """Return the scopes that the Jupyter server lets a token have at all, whatever the token itself says.

    Args:
        authorizer: Jupyter's; asked at each request, since it may change its mind.
        handler: of the request.
        token: the host's.
    """
    user = User(username=f"mcp-notebook:{token.name}", display_name=f"Host token {token.name}")
    return frozenset([scope for scope in SCOPES if await _allows(authorizer, handler, user, scope)])


async def _allows(authorizer: Authorizer, handler: JupyterHandler, user: User, scope: Scope) -> bool:
    """Ask; who cannot say is taken to say no: some know only the users of their own identity provider."""
    try:
        return await ensure_async(authorizer.is_authorized(handler, user, scope, RESOURCE))
    except Exception:  # noqa: BLE001  whatever an authorizer does, the host is told that it may not, and the log says why
        _log.exception("%s cannot judge the user %s", type(authorizer).__name__, user.username)
        return False

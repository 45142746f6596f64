"""A Jupyter Authorizer as somebody who runs Jupyter for others may write one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_server.auth import Authorizer

if TYPE_CHECKING:
    from jupyter_server.auth import User
    from jupyter_server.base.handlers import JupyterHandler

__all__ = ["CarefulAuthorizer"]


class CarefulAuthorizer(Authorizer):
    """Lets no host token execute, and one called `stranger` do nothing; people may look at the page, and not act.

    Of one called `riddle` it cannot say anything, as some that know only the users of their own identity provider.
    """

    async def is_authorized(self, handler: JupyterHandler, user: User, action: str, resource: str) -> bool:  # noqa: ARG002 - Jupyter's signature
        """Answer asynchronously, which Jupyter allows."""
        if resource == "mcp-notebook":
            return action == "read"
        if resource != "mcp":
            return True
        if user.username == "mcp-notebook:riddle":
            raise AttributeError(user.username)
        return user.username != "mcp-notebook:stranger" and action != "execute"

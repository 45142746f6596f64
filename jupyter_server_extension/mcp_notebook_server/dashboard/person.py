"""What all handlers of the page have in common: they answer a person who is logged in to Jupyter, and no host.

Knows Jupyter's login, and how a mistake is worded for the page. Refuses to know what is asked for.
"""

# tornado types what finish() takes as a bare dict:
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from tornado.web import HTTPError

from mcp_notebook_server.access.errors import FileHeld, UnknownApproval, UnknownCall, UnknownGrant, UnknownTokenName
from mcp_notebook_server.access.tokens import PREFIX
from mcp_notebook_server.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

    from mcp_notebook_server.dashboard.overview import Overview

__all__ = ["PersonsAPIHandler", "PersonsHandler", "tell_mistakes"]


class PersonsHandler(JupyterHandler):
    """Answers a person, and no host."""

    auth_resource = "mcp-notebook"

    def initialize(self, overview: Overview) -> None:
        """Take what the route gives."""
        self.overview = overview

    async def prepare(self) -> None:  # type: ignore[override]  # Jupyter's may be either
        """Refuse host tokens, also where Jupyter asks nobody who they are."""
        if PREFIX in self.request.headers.get("Authorization", "") or PREFIX in (self.request.query or ""):
            raise HTTPError(403, "Host tokens are for hosts. Only a person who is logged in to Jupyter answers here.")
        await super().prepare()


class PersonsAPIHandler(PersonsHandler, APIHandler):
    """Answers the page, with JSON."""

    async def answer_with_state(self, **more: object) -> None:
        """Finish with all that the page shows, and what only this answer says."""
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({**await self.overview.collect(), **more}))


@contextmanager
def tell_mistakes() -> Generator[None]:
    """Answer what is not there with 404, a file that is held with 503, and whatever else is wrong with 400."""
    try:
        yield
    except (UnknownApproval, UnknownCall, UnknownGrant, UnknownTokenName) as error:
        raise HTTPError(404, str(error)) from None
    except FileHeld as error:
        raise HTTPError(503, str(error)) from None
    except CommandError as error:
        raise HTTPError(400, str(error)) from None

"""The page on which a person answers hosts, its JSON, and its stream of changes.

Knows HTTP and Jupyter's login. Refuses to know what an answer does (`approvals`, `grants`).

    GET    mcp-notebook/                       the page
    GET    mcp-notebook/api/approvals          {"approvals": [...]}, what waits for an answer
    POST   mcp-notebook/api/approvals/<id>     {"answer": "once" | "hour" | "day" | "always" | "decline"}
    GET    mcp-notebook/api/grants             {"grants": [...]}, what was permitted
    DELETE mcp-notebook/api/grants/<id>        ends one
    GET    mcp-notebook/api/events             both lists as one server-sent event, now and after each change
"""

# tornado types what finish() takes as a bare dict, and its decorators without arguments:
# pyright: reportUnknownMemberType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from mcp_notebook_server.access.approvals import ANSWERS
from mcp_notebook_server.access.errors import UnknownApproval, UnknownGrant
from mcp_notebook_server.access.tokens import PREFIX

if TYPE_CHECKING:
    from mcp_notebook_server.access.approvals import Approvals
    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.grants import Grants

__all__ = ["STATIC", "Decisions", "make_routes"]

STATIC = Path(__file__).parent / "static"
"""The page's own files."""

_PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

_IDLE_SECONDS = 20.0
"""A stream on which nothing happens says so this often, for the proxies on its way."""


class Decisions(Protocol):
    """What the handlers need of the extension."""

    approvals: Approvals
    grants: Grants
    changes: Changes


class _PersonsHandler(JupyterHandler):
    """Answers a person who is logged in to Jupyter, and no host."""

    auth_resource = "mcp-notebook"

    def initialize(self, decisions: Decisions) -> None:
        """Take what the route gives."""
        self._decisions = decisions

    async def prepare(self) -> None:  # type: ignore[override]  # Jupyter's may be either
        """Refuse host tokens, also where Jupyter asks nobody who they are."""
        if PREFIX in self.request.headers.get("Authorization", "") or PREFIX in (self.request.query or ""):
            raise HTTPError(403, "Host tokens are for hosts. Only a person who is logged in to Jupyter answers here.")
        await super().prepare()

    def _list(self) -> dict[str, list[dict[str, Any]]]:
        return {**self._list_approvals(), **self._list_grants()}

    def _list_approvals(self) -> dict[str, list[dict[str, Any]]]:
        return {"approvals": [approval.as_json() for approval in self._decisions.approvals.list()]}

    def _list_grants(self) -> dict[str, list[dict[str, Any]]]:
        return {"grants": [grant.for_people() for grant in self._decisions.grants.list()]}


class PageHandler(_PersonsHandler):
    """The page; without login it leads to Jupyter's, and back."""

    @property
    def content_security_policy(self) -> str:
        """Nothing but our own files, inside nothing but what Jupyter's setting says."""
        return f"{super().content_security_policy}; default-src 'self'; object-src 'none'; base-uri 'none'"

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with the page."""
        page = url_path_join(self.base_url, "mcp-notebook")
        static = url_path_join(self.base_url, "static", "mcp_notebook_server")
        values = {"api": url_path_join(page, "api"), "static": static, "xsrf": self.xsrf_token.decode()}
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.finish(_PAGE.substitute({name: escape(value) for name, value in values.items()}))


class ApprovalsHandler(_PersonsHandler, APIHandler):
    """What waits for an answer."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with all of it, the oldest first."""
        self.finish(json.dumps(self._list_approvals()))


class ApprovalHandler(_PersonsHandler, APIHandler):
    """One question."""

    @authenticated
    @authorized
    def post(self, approval: str) -> None:
        """Take the person's answer."""
        said = self.get_json_body()
        answer = said.get("answer") if isinstance(said, dict) else None
        if answer not in ANSWERS:
            raise HTTPError(400, f"An answer is one of {', '.join(ANSWERS)}.")
        try:
            self._decisions.approvals.answer(approval, answer)
        except UnknownApproval as error:
            raise HTTPError(404, str(error)) from None
        self.finish(json.dumps(self._list()))


class GrantsHandler(_PersonsHandler, APIHandler):
    """What was permitted."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with what still holds, the oldest first."""
        self.finish(json.dumps(self._list_grants()))


class GrantHandler(_PersonsHandler, APIHandler):
    """One permission."""

    @authenticated
    @authorized
    def delete(self, grant: str) -> None:
        """End it."""
        try:
            self._decisions.grants.revoke(grant)
        except UnknownGrant as error:
            raise HTTPError(404, str(error)) from None
        self.finish(json.dumps(self._list()))


class EventsHandler(_PersonsHandler, APIHandler):
    """A stream that says what waits and what is permitted, whenever that changes."""

    _task: asyncio.Task[None] | None = None

    @authenticated
    @authorized
    async def get(self) -> None:
        """Stream until the page is closed or the Jupyter server stops."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("Cache-Control", "no-store")
        self._task = asyncio.ensure_future(self._stream())
        await asyncio.wait([self._task])

    def on_connection_close(self) -> None:
        """Stop when the page is closed."""
        if self._task is not None:
            self._task.cancel()

    async def _stream(self) -> None:
        async with aclosing(self._decisions.changes.watch(_IDLE_SECONDS)) as changes:
            async for changed in changes:
                said = f"event: change\ndata: {json.dumps(self._list())}" if changed else ": nothing new"
                self.write(f"{said}\n\n")
                try:
                    await self.flush()
                except StreamClosedError:
                    return


def make_routes(page: str, decisions: Decisions) -> list[tuple[str, type[JupyterHandler], dict[str, Any]]]:
    """Return the routes below `page`, a path without slashes around it."""
    given = {"decisions": decisions}
    return [
        (rf"/{page}/?", PageHandler, given),
        (rf"/{page}/api/approvals", ApprovalsHandler, given),
        (rf"/{page}/api/approvals/(?P<approval>[0-9a-f]+)", ApprovalHandler, given),
        (rf"/{page}/api/grants", GrantsHandler, given),
        (rf"/{page}/api/grants/(?P<grant>[0-9a-f]+)", GrantHandler, given),
        (rf"/{page}/api/events", EventsHandler, given),
    ]

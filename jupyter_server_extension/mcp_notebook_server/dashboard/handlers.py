"""The page on which a person answers hosts, its JSON, and its stream of changes.

Knows HTTP and Jupyter's login. Refuses to know what an answer does (`approvals`, `grants`), and what is shown
(`overview`).

    GET    mcp-notebook/                       the page
    GET    mcp-notebook/api/state              all that it shows: {"approvals": [...], "grants": [...], ...}
    GET    mcp-notebook/api/approvals          {"approvals": [...]}, what waits for an answer
    POST   mcp-notebook/api/approvals/<id>     {"answer": "once" | "hour" | "day" | "always" | "decline"}
    DELETE mcp-notebook/api/pauses/<id>        lets a host ask again to which the person said no again and again
    GET    mcp-notebook/api/grants             {"grants": [...]}, what was permitted
    DELETE mcp-notebook/api/grants/<id>        ends one
    POST   mcp-notebook/api/calls/<id>/interrupt        ends a call that is being answered
    GET    mcp-notebook/api/snippets?origin=https://me&kernel=ID or &notebook=PATH     what to paste into hosts
    GET    mcp-notebook/api/events             server-sent events: all that the page shows, then what of it changes
"""

# tornado types what finish() takes as a bare dict, and its decorators without arguments:
# pyright: reportUnknownMemberType=false, reportUntypedFunctionDecorator=false

from __future__ import annotations

import asyncio
import json
import re
from contextlib import aclosing
from dataclasses import asdict
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from mcp_notebook_server.access.approvals import ANSWERS
from mcp_notebook_server.dashboard.person import PersonsAPIHandler, PersonsHandler, tell_mistakes
from mcp_notebook_server.dashboard.tokens import RenewalHandler, TokenHandler, TokensHandler
from mcp_notebook_server.hosts import find_bridge_environment
from mcp_notebook_server.snippets import PROFILE, make_http_snippets, make_stdio_snippets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_server.base.handlers import JupyterHandler

    from mcp_notebook_server.dashboard.overview import Overview

__all__ = ["STATIC", "make_routes"]

STATIC = Path(__file__).parent / "static"
"""The page's own files."""

_PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))

_POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types"
"""Nothing but our own files; no text becomes HTML or script, not even by a mistake of ours."""

_LONG = 2000
"""Characters of a member."""

_IDLE_SECONDS = 20.0
"""A stream on which nothing happens says so this often, for the proxies on its way."""

_PAUSE_SECONDS = 0.2
"""Changes that come faster than this are one change."""

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+")


class PageHandler(PersonsHandler):
    """The page; without login it leads to Jupyter's, and back."""

    @property
    def content_security_policy(self) -> str:
        """Nothing but our own files, inside nothing but what Jupyter's setting says."""
        return f"{super().content_security_policy}; {_POLICY}"

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


class StateHandler(PersonsAPIHandler):
    """All that the page shows."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """Answer with it."""
        await self.answer_with_state()


class ApprovalsHandler(PersonsAPIHandler):
    """What waits for an answer."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with all of it, the oldest first."""
        self.finish(json.dumps({"approvals": [each.as_json() for each in self.overview.approvals.list()]}))


class ApprovalHandler(PersonsAPIHandler):
    """One question."""

    @authenticated
    @authorized
    async def post(self, approval: str) -> None:
        """Take the person's answer."""
        said = self.get_json_body()
        answer = said.get("answer") if isinstance(said, dict) else None
        if answer not in ANSWERS:
            raise HTTPError(400, f"An answer is one of {', '.join(ANSWERS)}.")
        with tell_mistakes():
            self.overview.approvals.answer(approval, answer)
        await self.answer_with_state()


class PauseHandler(PersonsAPIHandler):
    """A host whose questions are not shown, because the person said no to one after the other."""

    @authenticated
    @authorized
    async def delete(self, pause: str) -> None:
        """Let it ask again."""
        self.overview.approvals.let_ask(pause)
        await self.answer_with_state()


class GrantsHandler(PersonsAPIHandler):
    """What was permitted."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with what still holds, the oldest first."""
        self.finish(json.dumps({"grants": [each.for_people() for each in self.overview.grants.list()]}))


class GrantHandler(PersonsAPIHandler):
    """One permission."""

    @authenticated
    @authorized
    async def delete(self, grant: str) -> None:
        """End it."""
        with tell_mistakes():
            self.overview.grants.revoke(grant)
        await self.answer_with_state()


class InterruptHandler(PersonsAPIHandler):
    """The end of one call."""

    @authenticated
    @authorized
    async def post(self, call: str) -> None:
        """End it now."""
        with tell_mistakes():
            await self.overview.interrupt(call)
        await self.answer_with_state()


class SnippetsHandler(PersonsAPIHandler):
    """What to paste into hosts."""

    @authenticated
    @authorized
    def get(self) -> None:
        """Answer with it, for one address of the endpoint, below the origin at which the person reached the page."""
        origin = self.get_query_argument("origin")
        if not _ORIGIN.fullmatch(origin):
            raise HTTPError(400, "An origin looks like https://name:port.")
        url = origin + url_path_join(self.base_url, self.overview.endpoint)
        kernel, notebook = self.get_query_argument("kernel", ""), self.get_query_argument("notebook", "")
        if kernel or notebook:
            bound = ("kernels", quote(kernel, safe="")) if kernel else ("notebooks", quote(notebook))
            url = url_path_join(url, *bound)
        stdio = make_stdio_snippets(PROFILE, find_bridge_environment(), url if kernel or notebook else None)
        snippets = {"http": make_http_snippets(url), "stdio": stdio}
        shown = {way: [asdict(snippet) for snippet in each] for way, each in snippets.items()}
        self.finish(json.dumps({"url": url, **shown}))


class EventsHandler(PersonsAPIHandler):
    """A stream that says what the page shows, whenever that changes."""

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
        known: Mapping[str, Any] = {}
        async with aclosing(self.overview.changes.watch(_IDLE_SECONDS)) as changes:
            async for _ in changes:  # also after a while without a change: files and notebooks change unheard
                state = await self.overview.collect()
                as_of = state.pop("as_of")
                news = {name: part for name, part in state.items() if name not in known or part != known[name]}
                known = state
                # without news, too: an answer in between may have told the page of something that has passed
                self.write(f"event: change\ndata: {await _encode({**news, 'as_of': as_of})}\n\n")
                try:
                    await self.flush()
                except StreamClosedError:
                    return
                await asyncio.sleep(_PAUSE_SECONDS)


async def _encode(parts: Mapping[str, Any]) -> str:
    """Write lists as JSON, standing back after each long member: a hundred questions with their code are megabytes."""
    written: list[str] = []
    for name, part in parts.items():
        if not isinstance(part, list):
            written.append(f"{json.dumps(name)}: {json.dumps(part)}")
            continue
        members: list[str] = []
        for member in cast("list[Any]", part):
            members.append(json.dumps(member))
            if len(members[-1]) > _LONG:
                await asyncio.sleep(0)
        written.append(f"{json.dumps(name)}: [{', '.join(members)}]")
    return f"{{{', '.join(written)}}}"


def make_routes(page: str, overview: Overview) -> list[tuple[str, type[JupyterHandler], dict[str, Any]]]:
    """Return the routes below `page`, a path without slashes around it."""
    given = {"overview": overview}
    handlers: dict[str, type[JupyterHandler]] = {
        "/?": PageHandler,
        "/api/state": StateHandler,
        "/api/approvals": ApprovalsHandler,
        r"/api/approvals/(?P<approval>[0-9a-f]+)": ApprovalHandler,
        r"/api/pauses/(?P<pause>[0-9a-f]{32})": PauseHandler,
        "/api/grants": GrantsHandler,
        r"/api/grants/(?P<grant>[0-9a-f]+)": GrantHandler,
        "/api/tokens": TokensHandler,
        r"/api/tokens/(?P<name>[^/]+)/renew": RenewalHandler,
        r"/api/tokens/(?P<name>[^/]+)": TokenHandler,
        r"/api/calls/(?P<call>[0-9a-f]+)/interrupt": InterruptHandler,
        "/api/snippets": SnippetsHandler,
        "/api/events": EventsHandler,
    }
    return [(f"/{page}{path}", handler, given) for path, handler in handlers.items()]

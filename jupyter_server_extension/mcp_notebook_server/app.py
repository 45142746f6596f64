"""The extension: what a person can set, what is built from it, and how long it lives.

Knows Jupyter's application object and wires the parts together. Refuses to know what the parts do.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from mcp.server.streamable_http_manager import DEFAULT_SESSION_IDLE_TIMEOUT, StreamableHTTPSessionManager
from traitlets import Bool, Dict, Enum, Float, Int, Unicode

from mcp_notebook_server.access.approvals import Approvals
from mcp_notebook_server.access.changes import Changes
from mcp_notebook_server.access.door import Door
from mcp_notebook_server.access.errors import InvalidLimits
from mcp_notebook_server.access.gate import Gate
from mcp_notebook_server.access.grants import Grants
from mcp_notebook_server.access.limits import DEFAULTS, Limits
from mcp_notebook_server.access.log_mask import hide_tokens, show_tokens
from mcp_notebook_server.access.policy import SETTINGS, Policy
from mcp_notebook_server.access.refusals import REFUSAL_SCHEMA, REFUSAL_SCHEMA_ID, Refusals
from mcp_notebook_server.access.tokens import TokenFile
from mcp_notebook_server.access.visits import Visits
from mcp_notebook_server.agent.link import Agents
from mcp_notebook_server.answers import Answers
from mcp_notebook_server.audit import EVENT_SCHEMA, EVENT_SCHEMA_ID, AuditFile
from mcp_notebook_server.dashboard.handlers import STATIC, make_routes
from mcp_notebook_server.dashboard.overview import Overview
from mcp_notebook_server.dashboard.recent import RecentCalls
from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.event_store import SessionEventStore, SessionKeys
from mcp_notebook_server.execution import Executions
from mcp_notebook_server.external.files import list_directories
from mcp_notebook_server.external.kernels import ExternalKernels
from mcp_notebook_server.forks import give_up_listening_in_children
from mcp_notebook_server.gateway_reading import read_over_gateway
from mcp_notebook_server.handlers import MCPHandler, NothingHereHandler, PublishedHandler, max_body_size
from mcp_notebook_server.heap import Heap
from mcp_notebook_server.kernels import RunningKernels
from mcp_notebook_server.lifecycle import KernelLifecycle
from mcp_notebook_server.lifespan import Lifespan
from mcp_notebook_server.liveness import keep_state_true, take_as_starting
from mcp_notebook_server.notebooks import Notebooks
from mcp_notebook_server.places import audit_file, grants_file, kernels_directory, tokens_file
from mcp_notebook_server.presence import Presence
from mcp_notebook_server.published import Published
from mcp_notebook_server.published.descriptions import Descriptions
from mcp_notebook_server.routes import find_other_handler
from mcp_notebook_server.server import MCPNotebookServer
from mcp_notebook_server.subscriptions import Subscriptions
from mcp_notebook_server.tools.notebooks import read_cells
from mcp_notebook_server.tools.tool import Context
from mcp_notebook_server.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_events import EventLogger
    from jupyter_server.serverapp import ServerApp
    from starlette.types import ASGIApp

    from mcp_notebook_server.access.policy import Setting
    from mcp_notebook_server.handlers import Phase

__all__ = ["MCPNotebookApp"]

_PAGE = "mcp-notebook"
"""Where the person answers, below Jupyter's base URL."""

_KERNEL_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"

_INTERRUPT_SECONDS = 1.0
"""For the agent to answer; beside one long call that lets nothing else run it does not."""

_CALM = timedelta(seconds=20)
_QUIET_SECONDS = 2.0
"""Without anything that Jupyter counts as activity."""

_RETRY_MILLISECONDS = 1_000
"""After which a legacy host whose stream broke is asked to come back for the rest."""

_FAREWELL = 0.1
"""Seconds for the last frames of listening streams to leave before the streams are cut."""


class MCPNotebookApp(ExtensionApp):
    """Running kernels as an MCP server, on Jupyter's own port."""

    name = "mcp_notebook_server"
    extension_url = "/mcp"

    static_paths = [str(STATIC)]  # noqa: RUF012 - a trait of Jupyter's, which is set so

    path = Unicode("mcp", help="Where the MCP endpoint is, below Jupyter's base URL.").tag(config=True)
    accept_jupyter_token = Bool(
        False,
        help="Let Jupyter's own token open the endpoint, too. It may do everything; a host token gives less.",
    ).tag(config=True)
    allow_open = Bool(
        False,
        help="Let requests from this machine in without any token. For conformance suites and tests.",
    ).tag(config=True)

    read = Enum(
        SETTINGS,
        "allow",
        help="Whether hosts may read variables: 'allow': with every host token; 'ask': with a token that says so, and "
        "else if the person permits it when asked; 'deny': never.",
    ).tag(config=True)
    write = Enum(SETTINGS, "ask", help="Whether hosts may change notebooks; values as for `read`.").tag(config=True)
    execute = Enum(SETTINGS, "ask", help="Whether hosts may run code; values as for `read`.").tag(config=True)
    approval_wait = Float(
        45, min=0, help="Seconds for which a call waits for the person's answer before it returns the link to the page."
    ).tag(config=True)

    session_idle = Float(
        DEFAULT_SESSION_IDLE_TIMEOUT,
        min=1,
        help="Seconds after which a legacy session in which nothing was asked, and no stream is open, ends.",
    ).tag(config=True)

    limits = Dict(
        per_key_traits={
            "calls": Unicode(allow_none=True),
            "bytes": Unicode(allow_none=True),
            "concurrent_calls": Int(allow_none=True),
            "sessions": Int(allow_none=True),
        },
        help="What one host token may use; each key may be left out, and None is no limit. calls and bytes (requests "
        "and answers together) are rates such as '100/second'; concurrent_calls and sessions (with streams that "
        f"listen) are numbers. Where nothing is said: {dict(DEFAULTS)}.",
    ).tag(config=True)

    serverapp: ServerApp  # pyright: ignore[reportIncompatibleVariableOverride]  # set before Jupyter calls any of this

    def initialize_handlers(self) -> None:
        """Build the parts and give Jupyter the routes."""
        self.phase: Phase = "starting"
        serverapp = self.serverapp
        self.tokens = TokenFile(tokens_file())
        self.door = Door(
            tokens=self.tokens,
            jupyter_token=serverapp.identity_provider.token,
            jupyter_authenticates=serverapp.identity_provider.auth_enabled,
            accept_jupyter_token=self.accept_jupyter_token,
            allow_open=self.allow_open,
            allow_origin=serverapp.allow_origin,
            allow_origin_pattern=serverapp.allow_origin_pat,
        )
        events = SessionEventStore()
        runtime = kernels_directory(serverapp.runtime_dir)
        self.agents = Agents(serverapp.kernel_manager, runtime, self.log, read_over_gateway)
        self.changes = Changes()
        self.turns = Turns()
        self.executions = Executions(serverapp.kernel_manager, self.agents.prepare, self._interrupt, self.changes)
        self._answers = Answers(serverapp.web_app.settings)
        self.heap = Heap(self._is_calm)
        self.visits = Visits(self.executions, self.door.find_fault, self.session_idle, self.heap.follow)
        presence = Presence(self.changes, self.visits.has_session)
        self.token_limits = self._make_limits(presence)
        self._external = self._make_external_kernels()
        lifecycle = KernelLifecycle(serverapp.kernel_manager, serverapp.session_manager, serverapp.contents_manager)
        kernels = RunningKernels(serverapp.kernel_manager, serverapp.session_manager)
        self.notebooks = notebooks = Notebooks(serverapp)
        self.grants = Grants(grants_file(), self.tokens, self.changes)
        self.approvals = Approvals(self.grants, self.tokens, self.changes, self._page_url)
        settings = cast("Sequence[Setting]", (self.read, self.write, self.execute))
        recent = RecentCalls(self.changes)
        self._audit_file = AuditFile(audit_file())
        self.refusals = Refusals(self._audit_file.write, self._emit_refusal)
        self.subscriptions = Subscriptions(serverapp.kernel_manager, self._events, notebooks, self.door.find_fault)
        self.session_keys = SessionKeys(events, tell=self.subscriptions.forget_session)
        self.server = MCPNotebookServer(
            lambda host: Context(
                host.token,
                kernels.within(host.binding),
                self.agents,
                self.executions,
                lifecycle,
                notebooks,
                read_cells,
            ),
            Gate(Policy(*settings), self.grants, self.approvals, self.approval_wait),
            presence,
            self.subscriptions,
            self._audit_file.write,
            self._emit_call,
            recent.add,
        )
        self.published = Published(
            Descriptions(kernels_directory(serverapp.runtime_dir), serverapp.kernel_manager),
            self._audit_file.write,
            self._emit_call,
            recent.add,
        )
        self._sessions = StreamableHTTPSessionManager(
            self.server.sdk,
            event_store=events,
            retry_interval=_RETRY_MILLISECONDS,
            session_idle_timeout=self.session_idle,
            max_request_body_size=max_body_size,
        )
        overview = Overview(
            approvals=self.approvals,
            grants=self.grants,
            tokens=self.tokens,
            presence=presence,
            kernels=kernels,
            executions=self.executions,
            recent=recent,
            changes=self.changes,
            endpoint=self.path,
        )
        self._lifespan = Lifespan(self._sessions.run)
        self.handlers.extend(
            [
                (rf"/{self.path}/?", MCPHandler, {"endpoint": self}),
                (rf"/{self.path}/kernels/(?P<kernel>[^/]+)/?", MCPHandler, {"endpoint": self}),
                (rf"/{self.path}/notebooks/(?P<notebook>[^/].*?)/?", MCPHandler, {"endpoint": self}),
                (rf"/{self.path}/published/(?P<published>[^/]+)/?", PublishedHandler, {"endpoint": self}),
                (rf"/{self.path}/.*", NothingHereHandler),
                (r"/\.well-known/(?:oauth-|openid-).*", NothingHereHandler),
                (r"/register", NothingHereHandler),
                *make_routes(_PAGE, overview),
            ]
        )

    @property
    def asgi(self) -> ASGIApp:
        """What serves a request that was let in."""
        return self._sessions.handle_request

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Begin to serve, and to prepare kernels as they start."""
        self._say_what_is_wrong(serverapp)
        hide_tokens()
        await self._lifespan.start()
        self.phase = "running"
        self.heap.start()
        self.visits.start()
        give_up_listening_in_children(serverapp.http_server)
        self._events.register_event_schema(EVENT_SCHEMA)
        self._events.register_event_schema(REFUSAL_SCHEMA)
        self._events.add_listener(schema_id=_KERNEL_ACTIONS, listener=self._follow_kernel)
        if self._external is not None:
            self._external.start()
        self.log.info("MCP endpoint at %s", url_path_join(serverapp.connection_url, self.path))

    async def stop_extension(self) -> None:
        """Begin nothing more, say goodbye to those who listen, then stop everything that was started here."""
        self.phase = "stopping"
        self._events.remove_listener(schema_id=_KERNEL_ACTIONS, listener=self._follow_kernel)
        if self._external is not None:
            await self._external.stop()
        self.subscriptions.close()
        await asyncio.sleep(_FAREWELL)
        self.visits.stop()
        self.approvals.close()
        self.changes.close()
        await self._lifespan.stop()
        await self.executions.close()
        await self.notebooks.close()
        self.published.close()
        await self.agents.close()
        self.server.audit.flush()
        self.refusals.flush()
        self._audit_file.close()
        show_tokens()

    async def _follow_kernel(self, logger: object, schema_id: str, data: Mapping[str, Any]) -> None:  # noqa: ARG002 - jupyter_events calls listeners by these names
        """Prepare a kernel that starts, once any host may come; forget one that ends."""
        self.changes.tell()
        kernel_id = data.get("kernel_id")
        if kernel_id is None or data.get("status") == "error":
            return
        if data["action"] in ("shutdown", "restart"):
            self.executions.forget(kernel_id)
        if data["action"] == "start" and kernel_id in self.serverapp.kernel_manager:
            keep_state_true(self.serverapp.kernel_manager, kernel_id)
        if data["action"] == "restart" and kernel_id in self.serverapp.kernel_manager:
            take_as_starting(self.serverapp.kernel_manager.get_kernel(kernel_id))
        if data["action"] == "shutdown":
            self.agents.forget(kernel_id)
            self.published.forget_kernel(kernel_id)
        elif data["action"] in ("start", "restart"):
            await self._prepare(kernel_id)

    async def _prepare(self, kernel_id: str) -> None:
        self.changes.tell()
        if self.allow_open or self.tokens.list():
            await self.agents.prepare(kernel_id)

    def _make_external_kernels(self) -> ExternalKernels | None:
        """Make what looks for kernels of editors, where the person wants that; Jupyter's own look is then over."""
        serverapp = self.serverapp
        if not serverapp.allow_external_kernels or serverapp.gateway_config.gateway_enabled:
            return None
        manager: Any = serverapp.kernel_manager
        manager.external_connection_dir = None
        directories = list_directories(serverapp.runtime_dir, serverapp.external_connection_dir)
        return ExternalKernels(manager, directories, self._prepare, self._forget_external, self.changes.tell)

    def _forget_external(self, kernel_id: str) -> None:
        self.executions.forget(kernel_id)
        self.agents.forget(kernel_id)
        self.published.forget_kernel(kernel_id)
        self.changes.tell()

    async def _interrupt(self, kernel_id: str, request: str) -> bool | None:
        """Interrupt a kernel if it is at that request; return whether it was, None if its agent does not say."""
        try:
            said = await self.agents.ask(kernel_id, "interrupt", {"request": request}, timeout=_INTERRUPT_SECONDS)
        except ServerError:
            return None
        return said["interrupted"]

    def _page_url(self) -> str:
        """Return where the person answers: as they said that people reach this Jupyter server, else as it listens."""
        shown, own = urlsplit(self.serverapp.custom_display_url), urlsplit(self.serverapp.connection_url)
        place = shown if shown.netloc else own
        return urlunsplit((place.scheme, place.netloc, url_path_join(own.path, _PAGE), "", "")) + "/"

    def _is_calm(self) -> bool:
        quiet = datetime.now(UTC) - self.serverapp.web_app.last_activity() > _CALM
        return quiet and self._answers.none_within(_QUIET_SECONDS)

    def _emit_call(self, facts: dict[str, Any]) -> None:
        self._events.emit(schema_id=EVENT_SCHEMA_ID, data=facts)

    def _emit_refusal(self, facts: dict[str, Any]) -> None:
        self._events.emit(schema_id=REFUSAL_SCHEMA_ID, data=facts)

    @property
    def _events(self) -> EventLogger:
        return cast("EventLogger", self.serverapp.event_logger)

    def _make_limits(self, presence: Presence) -> Limits:
        try:
            return Limits(self.limits, self.visits, presence.count_calls)
        except InvalidLimits as error:
            self.log.error("%s The defaults hold until that is mended.", error)  # noqa: TRY400 - it is said, and no bug
            return Limits({}, self.visits, presence.count_calls)

    def _say_what_is_wrong(self, serverapp: ServerApp) -> None:
        if not self.door.jupyter_authenticates and not self.allow_open:
            self.log.warning("The MCP endpoint stays closed, because Jupyter runs without authentication.")
        url = url_path_join(serverapp.base_url, self.path)
        other = find_other_handler(serverapp.web_app, url, MCPHandler)
        if other is not None:
            self.log.error(
                "Something else (%s) answers at %s, too, and only one of the two is reached. Choose another path for "
                "this one, for example --MCPNotebookApp.path=mcp-notebook-server.",
                other,
                url,
            )

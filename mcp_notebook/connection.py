"""One connection to one server, on the loop thread: a single task opens, uses and closes it.

Knows the SDK's client and turns its exceptions into ours. Refuses to know the calling thread, and to be imported before
it is needed: the SDK costs half a second. Everything here belongs on the loop thread.
"""

from __future__ import annotations

import asyncio
import logging
import math
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar, cast

import anyio
import httpx2
from mcp import Client, MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    Implementation,
    PromptListChangedNotification,
    PromptReference,
    ResourceListChangedNotification,
    ResourceTemplateReference,
    ToolListChangedNotification,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import ValidationError

from mcp_notebook.config import HTTPServer, InProcessServer, StdioServer
from mcp_notebook.errors import (
    AnswerLost,
    CallTimedOut,
    ConnectTimedOut,
    Disconnected,
    HandshakeFailed,
    HostError,
    InvalidAnswer,
    RequestFailed,
    ServerExited,
    ServerRefused,
    ServerUnreachable,
    UnknownResource,
)
from mcp_notebook.resources import Resources, Templates
from mcp_notebook.transports import End, Refusal, open_link, reason_of, refusals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from concurrent.futures import Future

    from mcp.client.session import IncomingMessage
    from mcp.shared.dispatcher import ProgressFnT
    from mcp_types import (
        CallToolResult,
        GetPromptResult,
        Prompt,
        ReadResourceResult,
        Resource,
        ResourceTemplate,
        ServerCapabilities,
        Tool,
    )

    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.offers import Kind, Question
    from mcp_notebook.wire import WireLog

__all__ = ["Connection", "Handshake"]

CONNECT_SECONDS = 60.0
"""How long a server may take to start and answer; npx and uvx download at the first start."""

# How long a broken request waits to hear whether the whole connection is gone, and why.
_END_KNOWN_SECONDS = 1.0
_MAX_PAGES = 100

# What servers answer if they do not know a URI: the code of the modern era, and that of the legacy one.
_UNKNOWN_RESOURCE = frozenset({INVALID_PARAMS, -32002})
_OFFERS_STALE_SECONDS = 10.0

_CLIENT_INFO = Implementation(name="mcp-notebook", version=version("mcp-notebook"))

_spoke_legacy: deque[ServerDefinition] = deque(maxlen=100)
"""Definitions whose server turned out to be of the legacy era, in this kernel; for the loop thread.

Some of these servers do not answer the question which era they speak, and then each time costs 10 seconds."""

T = TypeVar("T")
_Page = tuple[Sequence[Any], str | None]

# Without any handler Python prints the SDK's warnings, tracebacks among them, and a kernel shows that under some cell.
# Who configures logging still gets them.
logging.getLogger("mcp").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Handshake:
    """What a server said of itself when it was connected.

    Attributes:
        protocol_version: such as "2026-07-28".
        server_info: name and version; None if a modern server did not say.
        capabilities: what it declared.
        instructions: what it tells hosts; None if nothing.
    """

    protocol_version: str
    server_info: Implementation | None
    capabilities: ServerCapabilities
    instructions: str | None


class Connection:
    """One connection, from before it is opened until after it is gone.

    Args:
        server: the connection's name, for errors.
        definition: what to connect to.
        log: gets every message.

    Attributes:
        failure: why it is gone; None while it is not.
        tools_changed: the server said so since the list was last asked for.
        resources_changed: as above, of resources and templates.
        prompts_changed: as above.
    """

    def __init__(self, server: str, definition: ServerDefinition, log: WireLog) -> None:
        self._server = server
        self._definition = definition
        self.log = log
        self._link = open_link(server, definition, log)
        self._client: Client | None = None
        self._ended = anyio.Event()
        self.failure: HostError | None = None
        self.tools_changed = False
        self.resources_changed = False
        self.prompts_changed = False
        self._offers: dict[str, tuple[float, list[Any]]] = {}

    async def own(self, opened: Future[Handshake]) -> None:
        """Open, hold and close the connection: the one task that owns it.

        Args:
            opened: gets the handshake when the connection can be used; or the reason why not, a `HostError`.
        """
        refused: list[Refusal] = []
        refusals.set(refused)
        error: Exception | None = None
        patience = anyio.CancelScope(deadline=anyio.current_time() + CONNECT_SECONDS)
        _start_importing_validators()
        try:
            with patience:
                async with self._new_client() as client:
                    self._check_era(client.protocol_version)
                    _remember_era(self._definition, client.protocol_version)
                    patience.deadline = math.inf
                    self._client = client
                    opened.set_result(_handshake(client))
                    await self._link.lost.wait()
        except Exception as raised:  # noqa: BLE001  whatever the SDK raises is sorted below
            error = raised
        finally:
            self._client = None
            with anyio.CancelScope(shield=True):
                await self._tell_end(opened, _find_leaf(error), refused, timed_out=patience.cancelled_caught)

    @property
    def last_words(self) -> str:
        """What the server wrote to stderr last; "" if nothing, or if it is no process of ours."""
        return self._link.last_words

    async def _tell_end(
        self, opened: Future[Handshake], error: BaseException | None, refused: list[Refusal], *, timed_out: bool
    ) -> None:
        end = await self._link.describe_end(error)
        self.failure = self.failure or Disconnected(self._server, end.reason, end.stderr)
        if not opened.done() and self._definition in _spoke_legacy:
            _spoke_legacy.remove(self._definition)  # perhaps that is why
        if not opened.done() and timed_out:
            opened.set_exception(ConnectTimedOut(self._server, CONNECT_SECONDS, end.stderr))
        elif not opened.done():
            opened.set_exception(self._why_not_opened(error, refused, end))
        self._ended.set()

    def _new_client(self) -> Client:
        legacy = self._definition.era == "legacy" or self._definition in _spoke_legacy
        return Client(
            self._link.open(),
            mode="legacy" if legacy else "auto",
            client_info=_CLIENT_INFO,
            message_handler=self._on_message,
            # No answers from memory: what a notebook shows is what the server said just now.
            cache=None,
        )

    async def _on_message(self, message: IncomingMessage) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.tools_changed = True
        elif isinstance(message, ResourceListChangedNotification):
            self.resources_changed = True
        elif isinstance(message, PromptListChangedNotification):
            self.prompts_changed = True

    def _check_era(self, protocol_version: str) -> None:
        # Not the SDK's way of pinning a version: it asks nothing, so nothing would be known of the server.
        if self._definition.era == "modern" and protocol_version not in MODERN_PROTOCOL_VERSIONS:
            reason = f"it speaks {protocol_version}, which is of the legacy era; connect with --era auto"
            raise HandshakeFailed(self._server, reason)

    def _why_not_opened(self, error: BaseException | None, refused: list[Refusal], end: End) -> HostError:
        if isinstance(error, HostError):
            return error
        if isinstance(self._definition, HTTPServer):
            shown = self._definition.shown
            if refused:
                last, sse = refused[-1], self._definition.sse
                return ServerRefused(self._server, shown, last.status, last.sentence, connecting_by_sse=sse)
            if isinstance(error, httpx2.TransportError | httpx2.InvalidURL):
                return ServerUnreachable(self._server, shown, reason_of(error))
        ended = isinstance(error, MCPError) and error.code == CONNECTION_CLOSED
        if ended and isinstance(self._definition, StdioServer):
            return ServerExited(self._server, end.reason, end.stderr)
        return HandshakeFailed(self._server, end.reason if error is None or ended else reason_of(error))

    async def end(self) -> None:
        """Close the connection and wait until that is done."""
        self.failure = self.failure or Disconnected(self._server, "it was closed in this notebook")
        self._link.lost.set()
        await self._ended.wait()

    async def list_tools(self) -> list[Tool]:
        """Ask for all pages of the list of tools; a server that declares no tools has none.

        Raises:
            CallFailed: see `request`.
        """
        self.tools_changed = False
        return await self._list("tools")

    async def list_resources(self) -> list[Resource]:
        """Ask for the list of resources, as `list_tools` does."""
        self.resources_changed = False
        return await self._list("resources")

    async def list_templates(self) -> list[ResourceTemplate]:
        """Ask for the list of resource templates, as `list_tools` does."""
        return await self._list("templates")

    async def list_prompts(self) -> list[Prompt]:
        """Ask for the list of prompts, as `list_tools` does."""
        self.prompts_changed = False
        return await self._list("prompts")

    async def _list(self, kind: Kind) -> list[Any]:
        capability, method, ask = _LISTS[kind]

        async def all_pages(client: Client) -> list[Any]:
            if getattr(client.server_capabilities, capability) is None:
                return []
            listed: list[Any] = []
            cursor: str | None = None
            for _ in range(_MAX_PAGES):  # a server whose list never ends must not hang the cell
                page, cursor = await ask(client, cursor)
                listed += page
                if cursor is None:
                    break
            return listed

        try:
            return await self.request(all_pages, method)
        except RequestFailed as error:
            if error.code == METHOD_NOT_FOUND:  # a server with resources need not have templates
                return []
            raise

    async def find_offers(self, kind: Kind, seconds: float) -> list[Any]:
        """Find what the server lists, for Tab: a list that is a few seconds old will do, and so will an older one.

        Args:
            kind: of list.
            seconds: how long the server may take to give a new one.

        Raises:
            CallFailed: see `request`.
        """
        listed_at, offers = self._offers.get(kind, (-math.inf, []))
        if anyio.current_time() - listed_at > _OFFERS_STALE_SECONDS:
            with anyio.move_on_after(seconds):
                offers = await self._list(kind)  # not list_tools: it would say that a session's list is fresh
                self._offers[kind] = anyio.current_time(), offers
        return offers

    async def complete(self, question: Question) -> list[str]:
        """Ask the server for values of an argument of a prompt or a template.

        Raises:
            CallFailed: see `request`.
        """
        reference = (
            PromptReference(type="ref/prompt", name=question.name)
            if question.kind == "prompt"
            else ResourceTemplateReference(type="ref/resource", uri=question.name)
        )
        argument = {"name": question.argument, "value": question.value}
        context = dict(question.context) or None
        answer = await self.request(lambda client: client.complete(reference, argument, context), "completion/complete")
        return answer.completion.values

    async def read_resource(self, uri: str, seconds: float | None) -> ReadResourceResult:
        """Read a resource.

        Args:
            uri: of the resource.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            UnknownResource: the server says so, or something like it, and does not list it either.
            CallFailed: see `request`.
        """
        try:
            return await self.request(lambda client: client.read_resource(uri), uri, seconds)
        except RequestFailed as error:
            if error.code not in _UNKNOWN_RESOURCE:
                raise
            resources, templates = Resources(await self._list("resources")), Templates(await self._list("templates"))
            if resources.find(uri) or templates.find_match(uri):
                raise
            raise UnknownResource(uri, (*resources.names, *templates.names), self._server) from None

    async def get_prompt(self, name: str, arguments: dict[str, str], seconds: float | None) -> GetPromptResult:
        """Get a prompt.

        Args:
            name: of the prompt.
            arguments: texts by name.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            CallFailed: see `request`.
        """
        return await self.request(lambda client: client.get_prompt(name, arguments), name, seconds)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], seconds: float | None, on_progress: ProgressFnT | None
    ) -> CallToolResult:
        """Call a tool; an answer with `isError` is an answer.

        Args:
            name: of the tool.
            arguments: JSON values.
            seconds: how long to wait for the result; None waits for ever.
            on_progress: awaited on this thread for each progress notification; None asks the server for none.

        Raises:
            CallFailed: see `request`.
        """
        return await self.request(
            lambda client: client.call_tool(name, arguments, progress_callback=on_progress), name, seconds
        )

    async def request(self, send: Callable[[Client], Awaitable[T]], what: str, seconds: float | None = None) -> T:
        """Do something with the SDK's client. Cancelling this cancels the request on the wire.

        Args:
            send: what to do.
            what: what it is, for errors.
            seconds: how long to wait for it; None waits for ever.

        Raises:
            CallFailed: the connection is gone, the server refused or answered wrongly, or the time is over.
        """
        refused: list[Refusal] = []
        refusals.set(refused)
        if self._client is None or self._link.lost.is_set():
            raise await self._why_gone(what)
        try:
            with anyio.fail_after(seconds):
                return await send(self._client)
        except TimeoutError:
            raise CallTimedOut(self._server, what, seconds or 0) from None
        except (MCPError, ValidationError, RuntimeError) as error:
            raise await self._why_failed(error, what, refused) from error

    async def _why_failed(self, error: Exception, what: str, refused: list[Refusal]) -> HostError:
        if not isinstance(error, MCPError):
            return InvalidAnswer(self._server, what, _what_is_invalid(error))
        if refused and isinstance(self._definition, HTTPServer):
            return ServerRefused(self._server, self._definition.shown, refused[-1].status, refused[-1].sentence)
        if error.code == CONNECTION_CLOSED:
            return await self._why_gone(what)
        return RequestFailed(self._server, error.code, error.message)

    async def _why_gone(self, what: str) -> HostError:
        with anyio.move_on_after(_END_KNOWN_SECONDS):
            await self._ended.wait()
        return self.failure or AnswerLost(self._server, what)


def _start_importing_validators() -> None:
    """Import what checks arguments and answers while a server starts: it takes a second where all formats are known."""
    if "jsonschema" not in sys.modules:  # on a thread of the loop's own, which waits for it when it stops
        asyncio.get_running_loop().run_in_executor(None, import_module, "jsonschema")


def _remember_era(definition: ServerDefinition, protocol_version: str) -> None:
    known = definition in _spoke_legacy or isinstance(definition, InProcessServer)
    if definition.era == "auto" and protocol_version not in MODERN_PROTOCOL_VERSIONS and not known:
        _spoke_legacy.append(definition)


def _what_is_invalid(error: Exception) -> str:
    """Say as a clause what was wrong with an answer; the SDK's own words are a page."""
    if isinstance(error, ValidationError):  # no result as MCP knows it
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    mismatch: Any = error.__cause__
    if mismatch is None or not hasattr(mismatch, "absolute_path"):
        return str(error)
    where = "".join(f"[{step!r}]" for step in mismatch.absolute_path)
    return f"its structured content does not fit the tool's output schema{' at ' + where if where else ''}: " + str(
        mismatch.message
    )


def _handshake(client: Client) -> Handshake:
    return Handshake(client.protocol_version, client.server_info, client.server_capabilities, client.instructions)


def _find_leaf(error: BaseException | None) -> BaseException | None:
    """Find what really went wrong in the SDK's nested groups; one of our own errors comes first."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    group = cast("BaseExceptionGroup[BaseException]", error)
    leaves = [_find_leaf(inner) for inner in group.exceptions]
    return next((leaf for leaf in leaves if isinstance(leaf, HostError)), leaves[0])


async def _tools_page(client: Client, cursor: str | None) -> _Page:
    answer = await client.list_tools(cursor=cursor)
    return answer.tools, answer.next_cursor


async def _resources_page(client: Client, cursor: str | None) -> _Page:
    answer = await client.list_resources(cursor=cursor)
    return answer.resources, answer.next_cursor


async def _templates_page(client: Client, cursor: str | None) -> _Page:
    answer = await client.list_resource_templates(cursor=cursor)
    return answer.resource_templates, answer.next_cursor


async def _prompts_page(client: Client, cursor: str | None) -> _Page:
    answer = await client.list_prompts(cursor=cursor)
    return answer.prompts, answer.next_cursor


# Each list: the capability of servers that have one, the method, and how a page of it is asked for.
_LISTS: dict[Kind, tuple[str, str, Callable[[Client, str | None], Awaitable[_Page]]]] = {
    "tools": ("tools", "tools/list", _tools_page),
    "resources": ("resources", "resources/list", _resources_page),
    "templates": ("resources", "resources/templates/list", _templates_page),
    "prompts": ("prompts", "prompts/list", _prompts_page),
}

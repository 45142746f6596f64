"""One open connection of this notebook, with a blocking and an `await`able face.

Knows which thread does what: the loop thread owns the connection; the calling thread waits, shows progress and can be
interrupted. Refuses to know the protocol (`connection`), words and display.

    time = connect("time", ["python", "-m", "mcp_server_time"])
    time.call("get_current_time", timezone="Asia/Seoul").structured
    await time.acall("get_current_time", timezone="Asia/Seoul")
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from mcp_notebook.arguments import check_arguments
from mcp_notebook.errors import Disconnected, HostError, SessionReplaced, TaskRequired, ToolFailed, UnknownResource
from mcp_notebook.loop import Loop, get_loop, wait_here
from mcp_notebook.prompts import PromptResult, Prompts, check_prompt_arguments
from mcp_notebook.resources import Resources, Templates, fill_in
from mcp_notebook.results import ResourceResult, Result
from mcp_notebook.tools import Tools
from mcp_notebook.variables import resolve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Mapping, Sequence
    from types import TracebackType

    from mcp_types import CallToolResult, Implementation, ServerCapabilities, Tool

    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.connection import Connection, Handshake
    from mcp_notebook.loop import Inbox
    from mcp_notebook.offers import Kind, Question
    from mcp_notebook.wire import WireLog

__all__ = ["SLOW_SECONDS", "OnProgress", "OnSlow", "Session", "State", "aopen_session", "open_session", "open_sessions"]

OnProgress = Callable[[float, float | None, str | None], object]
"""Called with the progress, the total (None if unknown) and a message (None if there is none)."""

OnSlow = Callable[[str, float, str], object]
"""Called while connecting takes long, every second: with the connection's name, the seconds that it has taken, and the
last line that a stdio server wrote to stderr ("" if there is none)."""

SLOW_SECONDS = 3.0
"""After how many seconds connecting takes long: npx and uvx may be downloading."""

State = Literal["open", "lost", "closed"]

_MAX_PROGRESS_WAITING = 1000
_SECONDS_BETWEEN = 1.0

T = TypeVar("T")


def open_session(
    name: str, definition: ServerDefinition, new_log: Callable[[str], WireLog], on_slow: OnSlow | None = None
) -> Session:
    """Connect, and wait for it; an interrupt ends what was started.

    Args:
        name: what this notebook calls the connection.
        definition: what to connect to.
        new_log: gives the connection's wire log, once nothing is wrong with the definition; from then on the log gets
            every message, also where connecting fails.
        on_slow: called while it takes long; None if nobody is to be told.

    Raises:
        ConnectFailed: it did not come about.
        DefinitionError: the definition names a variable that is not there.
    """
    opening = _Opening(name, definition)
    opening.start(new_log(name), on_slow)
    return opening.wait()


def open_sessions(
    definitions: Mapping[str, ServerDefinition], new_log: Callable[[str], WireLog], on_slow: OnSlow | None = None
) -> dict[str, Session | HostError]:
    """Connect to several servers at once, each as `open_session` does; an interrupt ends all that was started.

    Args:
        definitions: by name.
        new_log: see `open_session`.
        on_slow: see `open_session`.

    Returns:
        What came of each: a session, or why there is none.
    """
    begun: dict[str, _Opening | HostError] = {}
    try:
        for name, definition in definitions.items():
            begun[name] = _begin_opening(name, definition, new_log, on_slow)
        return {name: _wait_for(opening) for name, opening in begun.items()}
    except BaseException:
        for opening in begun.values():
            if isinstance(opening, _Opening):
                opening.cancel()
        raise


def _begin_opening(
    name: str, definition: ServerDefinition, new_log: Callable[[str], WireLog], on_slow: OnSlow | None
) -> _Opening | HostError:
    try:
        opening = _Opening(name, definition)
    except HostError as error:
        return error
    opening.start(new_log(name), on_slow)
    return opening


def _wait_for(opening: _Opening | HostError) -> Session | HostError:
    if isinstance(opening, HostError):
        return opening
    try:
        return opening.wait()
    except HostError as error:
        return error


async def aopen_session(
    name: str, definition: ServerDefinition, new_log: Callable[[str], Awaitable[WireLog]]
) -> Session:
    """Connect as `open_session` does, from a coroutine."""
    opening = _Opening(name, definition)
    opening.start(await new_log(name))
    return await opening.await_done()


class _Opening:
    """A connection that is being opened: `_opened` tells how that ends, `_owner` is the task that owns it.

    Raises:
        DefinitionError: the definition names a variable that is not there; nothing has been done then.
    """

    def __init__(self, name: str, definition: ServerDefinition) -> None:
        self._name = name
        self._definition = definition
        self._resolved, self._secrets = resolve(name, definition)  # on this thread: a person may be asked
        self._loop = get_loop()
        self._connection: Connection | None = None
        self._inbox: Inbox = queue.SimpleQueue()
        self._opened: Future[Handshake] = Future()
        self._opened.set_running_or_notify_cancel()  # only the owner can be cancelled

    def start(self, log: WireLog, on_slow: OnSlow | None = None) -> None:
        """Begin; `on_slow` is called by `wait`."""
        log.hide(self._secrets)
        self._owner = self._loop.submit(self._own, log, on_slow)
        self._owner.add_done_callback(self._owner_done)

    async def _own(self, log: WireLog, on_slow: OnSlow | None) -> None:
        # Here and not above: importing the SDK takes half a second, and on this thread an interrupt cannot break it.
        from mcp_notebook.connection import Connection  # noqa: PLC0415

        self._loop.check_here()
        self._connection = Connection(self._name, self._resolved, log)
        if on_slow is not None:
            telling = asyncio.create_task(self._tell_slowness(self._connection, on_slow))
            self._opened.add_done_callback(lambda _: telling.cancel())
        await self._connection.own(self._opened)

    async def _tell_slowness(self, connection: Connection, on_slow: OnSlow) -> None:
        seconds = SLOW_SECONDS
        await asyncio.sleep(SLOW_SECONDS)
        while True:
            self._inbox.put(partial(on_slow, self._name, seconds, connection.last_words))
            await asyncio.sleep(_SECONDS_BETWEEN)
            seconds += _SECONDS_BETWEEN

    def _owner_done(self, owner: Future[None]) -> None:
        if not self._opened.done():  # it ended before it began, so nobody else tells
            self._opened.set_exception(CancelledError() if owner.cancelled() else owner.exception())

    def wait(self) -> Session:
        """Wait until it is done; an interrupt ends it."""
        return self._new_session(wait_here(self._opened, self._inbox, work=self._owner))

    async def await_done(self) -> Session:
        """Wait as `wait` does, in a coroutine; cancelling that ends it."""
        try:
            return self._new_session(await asyncio.wrap_future(self._opened))
        except asyncio.CancelledError:
            self._owner.cancel()
            raise

    def cancel(self) -> None:
        """End it."""
        self._owner.cancel()

    def _new_session(self, handshake: Handshake) -> Session:
        if self._connection is None:
            raise AssertionError("a handshake without a connection")
        return Session(self._name, self._definition, self._loop, self._connection, handshake)


class Session:
    """One open connection; made by `connect` or `aconnect`.

    Attributes:
        name: what this notebook calls it.
        definition: what it is connected to.
        log: every message of the connection, both ways.
    """

    def __init__(
        self, name: str, definition: ServerDefinition, loop: Loop, connection: Connection, handshake: Handshake
    ) -> None:
        self.name = name
        self.definition = definition
        self.log = connection.log
        self._loop = loop
        self._connection = connection
        self._handshake = handshake
        self._listed: tuple[Tool, ...] | None = None
        # No property: Jedi, which completes session.tools.<Tab>, looks at attributes and does not run properties.
        self.tools = Tools(name, self.call, current=self._current_tools, known=self._known_tools)
        self._resources: Resources | None = None
        self._templates: Templates | None = None
        self._prompts: Prompts | None = None
        self._closed = False

    @property
    def state(self) -> State:
        """Whether it can be used: "open"; "lost" when the other side is gone; "closed" by `close`."""
        if self._closed:
            return "closed"
        return "open" if self._connection.failure is None and self._loop.is_usable else "lost"

    @property
    def era(self) -> Literal["legacy", "modern"]:
        """Which protocol is spoken: "modern" is 2026-07-28 and after."""
        return "modern" if self._handshake.protocol_version >= "2026-07-28" else "legacy"

    @property
    def protocol_version(self) -> str:
        """What was negotiated, such as "2026-07-28"."""
        return self._handshake.protocol_version

    @property
    def server_info(self) -> Implementation | None:
        """The server's name and version; None if a modern server did not say."""
        return self._handshake.server_info

    @property
    def capabilities(self) -> ServerCapabilities:
        """What the server declared that it can do."""
        return self._handshake.capabilities

    @property
    def instructions(self) -> str | None:
        """What the server tells hosts about its use; None if nothing."""
        return self._handshake.instructions

    def _current_tools(self) -> tuple[Tool, ...]:
        if self._listed is None or self._connection.tools_changed:
            self.list_tools()
        return self._known_tools()

    def _known_tools(self) -> tuple[Tool, ...]:
        return self._listed or ()

    def list_tools(self) -> Tools:
        """Ask the server for its tools now.

        Raises:
            CallFailed: it did not answer.
        """
        self._listed = tuple(self._run(self._connection.list_tools))
        return self.tools

    async def alist_tools(self) -> Tools:
        """Ask for the tools as `list_tools` does, from a coroutine."""
        self._listed = tuple(await self._arun(self._connection.list_tools))
        return self.tools

    @property
    def resources(self) -> Resources:
        """The server's resources, asked for as `tools` are."""
        if self._resources is None or self._connection.resources_changed:
            self._resources = self.list_resources()
        return self._resources

    def list_resources(self) -> Resources:
        """Ask the server for its resources now, as `list_tools` does for tools."""
        self._templates = None  # one notification tells of both
        self._resources = Resources(self._run(self._connection.list_resources))
        return self._resources

    async def alist_resources(self) -> Resources:
        """Ask for the resources as `list_resources` does, from a coroutine."""
        self._templates = None
        self._resources = Resources(await self._arun(self._connection.list_resources))
        return self._resources

    @property
    def templates(self) -> Templates:
        """The server's resource templates, asked for as `tools` are."""
        if self._templates is None or self._connection.resources_changed:
            self._templates = self.list_templates()
        return self._templates

    def list_templates(self) -> Templates:
        """Ask the server for its resource templates now, as `list_tools` does for tools."""
        self._templates = Templates(self._run(self._connection.list_templates))
        return self._templates

    async def alist_templates(self) -> Templates:
        """Ask for the templates as `list_templates` does, from a coroutine."""
        self._templates = Templates(await self._arun(self._connection.list_templates))
        return self._templates

    @property
    def prompts(self) -> Prompts:
        """The server's prompts, asked for as `tools` are."""
        if self._prompts is None or self._connection.prompts_changed:
            self._prompts = self.list_prompts()
        return self._prompts

    def list_prompts(self) -> Prompts:
        """Ask the server for its prompts now, as `list_tools` does for tools."""
        self._prompts = Prompts(self._run(self._connection.list_prompts))
        return self._prompts

    async def alist_prompts(self) -> Prompts:
        """Ask for the prompts as `list_prompts` does, from a coroutine."""
        self._prompts = Prompts(await self._arun(self._connection.list_prompts))
        return self._prompts

    def find_offers(self, kind: Kind, seconds: float) -> Sequence[Any]:
        """Find what the server lists, for Tab; empty if nothing came in time, and the server asked in vain.

        Args:
            kind: of list.
            seconds: how long to wait.
        """
        # The server gets a little less, so that an old list comes where there is no new one.
        return self._find_in_time(seconds, self._connection.find_offers, kind, 0.8 * seconds) or ()

    def find_values(self, question: Question, seconds: float) -> Sequence[str]:
        """Find what the server suggests for an argument, for Tab; empty as above, or if it suggests nothing ever."""
        if self.capabilities.completions is None:
            return ()
        return self._find_in_time(seconds, self._connection.complete, question) or ()

    def _find_in_time(self, seconds: float, ask: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T | None:
        if self.state != "open":
            return None
        answer = self._loop.submit(ask, *args)
        try:
            return answer.result(timeout=seconds)
        except (TimeoutError, CancelledError, HostError):
            return None
        finally:
            answer.cancel()

    def call(
        self,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,
        on_progress: OnProgress | None = None,
        **more: Any,
    ) -> Result:
        """Call a tool and wait for its result; an interrupt cancels the call and leaves the session usable.

        Args:
            tool: its name.
            arguments: its arguments; for those whose names Python, or this method, uses otherwise.
            timeout: seconds to wait for the result; None waits for ever.
            on_progress: called on this thread for each progress notification; None asks the server for none.
            **more: its arguments: JSON values, dates, paths, numpy values, data frames (as records).

        Raises:
            UnknownTool: the server has no such tool.
            ArgumentError: the arguments do not fit the tool's schema; nothing was sent.
            TaskRequired: the tool cannot be called so; nothing was sent.
            ToolFailed: the tool answered that it failed.
            CallFailed: there is no answer.
        """
        self._check_usable()
        found = self.tools.find(tool) or self.list_tools().get(tool, self.name)
        prepared = self._prepare(found, {**(arguments or {}), **more})
        inbox: Inbox = queue.SimpleQueue()
        deliver = None if on_progress is None else _deliver_to(inbox.put, on_progress)
        return self._finish(tool, self._run(self._connection.call_tool, tool, prepared, timeout, deliver, inbox=inbox))

    async def acall(
        self,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  the same face as `call`; the loop thread keeps the time
        on_progress: OnProgress | None = None,
        **more: Any,
    ) -> Result:
        """Call a tool as `call` does, from a coroutine; cancelling it cancels the call."""
        self._check_usable()
        if self._listed is None or self._connection.tools_changed:
            await self.alist_tools()
        found = self.tools.find(tool) or (await self.alist_tools()).get(tool, self.name)
        prepared = self._prepare(found, {**(arguments or {}), **more})
        post = asyncio.get_running_loop().call_soon_threadsafe
        deliver = None if on_progress is None else _deliver_to(post, on_progress)
        return self._finish(tool, await self._arun(self._connection.call_tool, tool, prepared, timeout, deliver))

    def _prepare(self, tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if tool.execution is not None and tool.execution.task_support == "required":
            raise TaskRequired(self.name, tool.name)
        return check_arguments(arguments, tool.name, tool.input_schema)

    def _finish(self, tool: str, answer: CallToolResult) -> Result:
        result = Result(answer, self.name)
        if result.is_error:
            raise ToolFailed(self.name, tool, result)
        return result

    def read(
        self, uri: str, values: Mapping[str, Any] | None = None, /, *, timeout: float | None = None, **more: Any
    ) -> ResourceResult:
        """Read a resource.

        Args:
            uri: of the resource, or a template of the server, such as `notes://{year}`.
            values: of the template's variables; for those whose names Python, or this method, uses otherwise.
            timeout: seconds to wait for it; None waits for ever.
            **more: values of the template's variables: texts, numbers, dates.

        Raises:
            UnknownResource: the server has no such resource.
            ArgumentError: the values are not those of the template.
            TemplateUnreadable: the template cannot be filled in.
            CallFailed: there is no answer.
        """
        filled = self._fill_in(uri, {**(values or {}), **more})
        return ResourceResult(self._run(self._connection.read_resource, filled, timeout))

    async def aread(
        self,
        uri: str,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  as `acall`
        **more: Any,
    ) -> ResourceResult:
        """Read a resource as `read` does, from a coroutine."""
        filled = self._fill_in(uri, {**(values or {}), **more})
        return ResourceResult(await self._arun(self._connection.read_resource, filled, timeout))

    def _fill_in(self, uri: str, values: Mapping[str, Any]) -> str:
        if self.capabilities.resources is None:  # then it need not even understand the question
            raise UnknownResource(uri, (), self.name)
        return fill_in(uri, values)

    def prompt(
        self, name: str, arguments: Mapping[str, Any] | None = None, /, *, timeout: float | None = None, **more: Any
    ) -> PromptResult:
        """Get a prompt: messages, with nothing sent to any model.

        Args:
            name: of the prompt.
            arguments: its arguments; for those whose names Python, or this method, uses otherwise.
            timeout: seconds to wait for it; None waits for ever.
            **more: its arguments; what is no text is sent as JSON.

        Raises:
            UnknownPrompt: the server has no such prompt.
            ArgumentError: the arguments are not those of the prompt.
            CallFailed: there is no answer.
        """
        self._check_usable()
        found = self.prompts.find(name) or self.list_prompts().get(name, self.name)
        prepared = check_prompt_arguments({**(arguments or {}), **more}, found)
        return PromptResult(self._run(self._connection.get_prompt, name, prepared, timeout), self.name)

    async def aprompt(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  as `acall`
        **more: Any,
    ) -> PromptResult:
        """Get a prompt as `prompt` does, from a coroutine."""
        self._check_usable()
        if self._prompts is None or self._connection.prompts_changed:
            await self.alist_prompts()
        found = self.prompts.find(name) or (await self.alist_prompts()).get(name, self.name)
        prepared = check_prompt_arguments({**(arguments or {}), **more}, found)
        return PromptResult(await self._arun(self._connection.get_prompt, name, prepared, timeout), self.name)

    def close(self) -> None:
        """Close the connection and end a stdio server's process; does nothing where that is done."""
        if not self._closed and self._loop.is_usable and self._connection.failure is None:
            self._closed = True
            self._loop.run(self._connection.end)
        self._closed = True

    def retire(self) -> None:
        """Say from now on that another session has this one's name, and how to get that."""
        self._closed = True
        self._connection.failure = SessionReplaced(self.name)

    async def aclose(self) -> None:
        """Close as `close` does, from a coroutine."""
        if not self._closed and self._loop.is_usable and self._connection.failure is None:
            self._closed = True
            await asyncio.wrap_future(self._loop.submit(self._connection.end))
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        known = "" if self._listed is None else f", {len(self._listed)} tools"
        return f"<Session {self.name}: {self.state}, {self.era}{known}>"

    def _check_usable(self) -> None:
        if not self._loop.is_usable:
            raise Disconnected(self.name, "it belongs to the process that this one was forked from")
        if self._connection.failure is not None:
            raise self._connection.failure

    def _run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object, inbox: Inbox | None = None) -> T:
        self._check_usable()
        return self._loop.run(function, *args, inbox=inbox)

    async def _arun(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T:
        self._check_usable()
        return await asyncio.wrap_future(self._loop.submit(function, *args))


def _deliver_to(
    post: Callable[[Callable[[], object]], object], on_progress: OnProgress
) -> Callable[..., Awaitable[None]]:
    """Make the coroutine function that the SDK awaits on the loop thread; `post` has the notification taken elsewhere.

    Where a server tells more than can be taken, the oldest are left out.
    """
    waiting: deque[tuple[float, float | None, str | None]] = deque(maxlen=_MAX_PROGRESS_WAITING)
    posted = threading.Event()

    def take() -> None:
        posted.clear()  # first: whatever is added from now on posts again
        while waiting:
            on_progress(*waiting.popleft())

    async def deliver(progress: float, total: float | None, message: str | None) -> None:
        waiting.append((progress, total, message))
        if not posted.is_set():
            posted.set()
            post(take)

    return deliver

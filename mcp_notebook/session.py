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
from concurrent.futures import CancelledError
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from mcp_notebook.arguments import check_arguments
from mcp_notebook.delivery import deliver_to, post_to
from mcp_notebook.errors import HostError, SessionForgotten, SessionReplaced, TaskRequired, ToolFailed, UnknownResource
from mcp_notebook.news import tell_news
from mcp_notebook.prompts import PromptResult, check_prompt_arguments
from mcp_notebook.resources import fill_in
from mcp_notebook.results import ResourceResult, Result
from mcp_notebook.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from types import TracebackType

    from mcp_types import CallToolResult, Implementation, ServerCapabilities, Tool

    from mcp_notebook.config import ServerDefinition
    from mcp_notebook.connection import Connection
    from mcp_notebook.delivery import OnProgress, OnTask
    from mcp_notebook.handshake import Handshake
    from mcp_notebook.loop import Inbox, Loop
    from mcp_notebook.offers import Kind, Question

__all__ = ["Session", "State"]

State = Literal["open", "lost", "closed"]

T = TypeVar("T")


class Session(Standing):
    """One open connection; made by `connect` or `aconnect`.

    Attributes:
        name: what this notebook calls it.
        definition: what it is connected to.
        log: every message of the connection, both ways.
    """

    def __init__(
        self, name: str, definition: ServerDefinition, loop: Loop, connection: Connection, handshake: Handshake
    ) -> None:
        super().__init__(name, loop, connection, self.call)
        self.definition = definition
        self.log = connection.log
        self._first_handshake = handshake
        self._closed = False

    @property
    def _handshake(self) -> Handshake:
        return self._connection.handshake or self._first_handshake

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
        on_task: OnTask | None = None,
        **more: Any,
    ) -> Result:
        """Call a tool and wait for its result; an interrupt cancels the call and leaves the session usable.

        Args:
            tool: its name.
            arguments: its arguments; for those whose names Python, or this method, uses otherwise.
            timeout: seconds to wait for the result; None waits for ever.
            on_progress: called on this thread for each progress notification; None asks the server for none.
            on_task: called on this thread each time that the server says how a task stands which it made of the call;
                None if nobody wants to know.
            **more: its arguments: JSON values, dates, paths, numpy values, data frames (as records).

        Raises:
            UnknownTool: the server has no such tool.
            ArgumentError: the arguments do not fit the tool's schema; nothing was sent.
            TaskRequired: the tool cannot be called so; nothing was sent.
            ToolFailed: the tool answered that it failed.
            TaskCancelled: the server made a task of the call and cancelled that.
            CallFailed: there is no answer.
        """
        self._check_usable()
        found = self.tools.find(tool) or self.list_tools().get(tool, self.name)
        prepared = self._prepare(found, {**(arguments or {}), **more})
        inbox: Inbox = queue.SimpleQueue()
        deliver = None if on_progress is None else deliver_to(inbox.put, on_progress)
        tell = None if on_task is None else post_to(inbox.put, on_task)
        answer = self._run(self._connection.call_tool, tool, prepared, timeout, deliver, tell, inbox=inbox, tool=tool)
        return self._finish(tool, answer)

    async def acall(
        self,
        tool: str,
        arguments: Mapping[str, Any] | None = None,
        /,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  the same face as `call`; the loop thread keeps the time
        on_progress: OnProgress | None = None,
        on_task: OnTask | None = None,
        **more: Any,
    ) -> Result:
        """Call a tool as `call` does, from a coroutine; cancelling it cancels the call."""
        self._check_usable()
        await self._acurrent("tools")
        found = self.tools.find(tool) or (await self.alist_tools()).get(tool, self.name)
        prepared = self._prepare(found, {**(arguments or {}), **more})
        post = partial(asyncio.get_running_loop().call_soon_threadsafe, context=copy_context())  # the cell's outputs
        deliver = None if on_progress is None else deliver_to(post, on_progress)
        tell = None if on_task is None else post_to(post, on_task)
        answer = await self._arun(self._connection.call_tool, tool, prepared, timeout, deliver, tell, tool=tool)
        return self._finish(tool, answer)

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
        found = (await self._acurrent("prompts")).find(name) or (await self.alist_prompts()).get(name, self.name)
        prepared = check_prompt_arguments({**(arguments or {}), **more}, found)
        return PromptResult(await self._arun(self._connection.get_prompt, name, prepared, timeout), self.name)

    def close(self) -> None:
        """Close the connection and end a stdio server's process; does nothing where that is done."""
        if not self._closed and self._loop.is_usable and self._connection.failure is None:
            self._closed = True
            self._loop.run(self._connection.end)
        self._closed = self._connection.is_over = True
        tell_news()

    def forget(self) -> None:
        """Close the connection for good: nothing finds the session by its name any more."""
        self._connection.parting = SessionForgotten(self.name)
        self.close()
        self._connection.failure = self._connection.parting  # also of one that was lost before

    def sign_out(self) -> bool:
        """Close the connection and forget who is signed in there; says whether anybody was."""
        self._closed = True
        return self._loop.run(self._connection.sign_out)

    def retire(self) -> None:
        """Say from now on that another session has this one's name, and how to get that."""
        self._closed = self._connection.is_over = True
        self._connection.failure = SessionReplaced(self.name)

    async def aclose(self) -> None:
        """Close as `close` does, from a coroutine."""
        if not self._closed and self._loop.is_usable and self._connection.failure is None:
            self._closed = True
            await asyncio.wrap_future(self._loop.submit(self._connection.end))
        self._closed = self._connection.is_over = True
        tell_news()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self._known_tools())
        known = f", {count} tool{'' if count == 1 else 's'}" if "tools" in self._listed else ""
        return f"<Session {self.name}: {self.state}, {self.era}{known}>"

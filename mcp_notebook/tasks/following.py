"""A call that was answered with a task is followed until its result is there; for who called, it is a call as any.

Knows when to ask how a task stands, and that nobody's task is left running where nobody waits for it any more. Refuses
to know how its questions are answered (`questions`) and where its state is shown. Belongs on the loop thread.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from mcp import MCPError
from mcp.client import ClientExtension, ResultClaim
from mcp_types import CallToolResult, CancelTaskRequestParams, EmptyResult, GetTaskRequestParams, Result
from pydantic import ValidationError

from mcp_notebook.delivery import TaskState
from mcp_notebook.errors import RequestFailed, TaskCancelled
from mcp_notebook.tasks.messages import (
    EXTENSION,
    RESULT_TYPE,
    Answers,
    CancelTask,
    CreatedTask,
    GetTask,
    Task,
    UpdateTask,
)
from mcp_notebook.tasks.questions import Questions
from mcp_notebook.transports import exchanges

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from mcp import ClientSession
    from mcp.client.extension import ClaimContext

    from mcp_notebook.delivery import OnTask

__all__ = ["Tasks", "watched_by"]

ResultT = TypeVar("ResultT", bound=Result)

_POLL_SECONDS = 1.0
"""Between two questions how a task stands, where the server names no time."""

_SHORTEST_POLL_SECONDS = 0.1
_LONGEST_POLL_SECONDS = 3600.0

_AWAY_SECONDS = 5.0
"""How long nobody may answer at a task's server before it is given up: asking again how it stands harms nobody."""

_CANCEL_SECONDS = 2.0
"""How long a server may take to hear that its task is not wanted any more."""

_watcher: ContextVar[OnTask | None] = ContextVar("watcher", default=None)


@contextmanager
def watched_by(on_task: OnTask | None) -> Generator[None]:
    """While in this context, have a function called with a task's state, each time that the server says it."""
    reset = _watcher.set(on_task)
    try:
        yield
    finally:
        _watcher.reset(reset)


class Tasks(ClientExtension):
    """The extension, for the SDK's client.

    Args:
        server: the connection's name, for errors.
    """

    identifier = EXTENSION

    def __init__(self, server: str) -> None:
        self._server = server

    def claims(self) -> Sequence[ResultClaim[Any]]:
        """Say which answers of a server are tasks."""
        return (ResultClaim(result_type=RESULT_TYPE, model=CreatedTask, resolve=self._follow),)

    async def _follow(self, created: CreatedTask, context: ClaimContext) -> CallToolResult:
        """Wait for the result; where the wait is broken off, the task is cancelled.

        Raises:
            TaskCancelled: the server cancelled it.
            RequestFailed: it failed.
            MCPError: the server does not answer, or the person refused to.
        """
        task = await _Following(context.session, context.tool_name, created).wait_for_end()
        if task.status == "cancelled":
            raise TaskCancelled(self._server, context.tool_name, task.status_message)
        if task.error is not None:
            raise RequestFailed(self._server, task.error.code, task.error.message)
        return CallToolResult.model_validate(task.result, by_name=False)


class _Following:
    """One task, on its way to its end."""

    def __init__(self, session: ClientSession, tool: str, created: CreatedTask) -> None:
        self._session = session
        self._tool = tool
        self._id = created.task_id
        self._created = created
        self._questions = Questions(session)
        self._tell: Callable[[TaskState], object] | None = _watcher.get()

    async def wait_for_end(self) -> Task:
        """Wait until the task has ended; cancel it where that comes to nothing."""
        try:
            self._show(self._created)
            # A task that does not work now wants something, or has ended: its server has said only that yet.
            wait = _poll_seconds(self._created) if self._created.status == "working" else 0
            while True:
                await self._wait_and_answer(wait)
                task = await self._get()
                if task.status in _ENDED:
                    return task
                wait = _poll_seconds(task)
        except BaseException:
            await self._cancel()
            raise
        finally:
            await self._questions.withdraw()

    async def _wait_and_answer(self, seconds: float) -> None:
        while answers := await self._questions.wait(seconds):
            await self._send(UpdateTask(params=Answers(task_id=self._id, input_responses=answers)), EmptyResult)

    async def _get(self) -> Task:
        task = await self._send(GetTask(params=GetTaskRequestParams(task_id=self._id)), Task)
        self._show(task)
        self._questions.ask(task.input_requests if task.status == "input_required" else {})
        return task

    async def _send(self, request: GetTask | UpdateTask, answer: type[ResultT]) -> ResultT:
        """Send what can be sent twice, again and again where nobody answers for a while."""
        give_up_at: float | None = None
        while True:
            try:
                return await self._session.send_request(request, answer)
            except MCPError:
                give_up_at = give_up_at or anyio.current_time() + _AWAY_SECONDS
                if not _is_unanswered() or anyio.current_time() > give_up_at:
                    raise
                await anyio.sleep(_SHORTEST_POLL_SECONDS)

    def _show(self, task: CreatedTask | Task) -> None:
        if self._tell is not None:
            self._tell(TaskState(self._tool, task.status, task.status_message))

    async def _cancel(self) -> None:
        """Tell the server that nobody wants it any more; not in vain, where a server is gone."""
        with anyio.move_on_after(_CANCEL_SECONDS, shield=True):
            try:
                request = CancelTask(params=CancelTaskRequestParams(task_id=self._id))
                await self._session.send_request(request, EmptyResult)
            except (MCPError, ValidationError):
                pass


def _is_unanswered() -> bool:
    """Whether nobody was there for the request before, or the way to them broke."""
    passed = exchanges.get()
    return passed is not None and bool(passed.refused) and passed.refused[-1].unanswered is not None


_ENDED = frozenset({"completed", "failed", "cancelled"})


def _poll_seconds(task: CreatedTask | Task) -> float:
    if task.poll_interval_ms is None:
        return _POLL_SECONDS
    return max(_SHORTEST_POLL_SECONDS, min(task.poll_interval_ms, 1000 * _LONGEST_POLL_SECONDS) / 1000)

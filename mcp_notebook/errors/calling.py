"""A request that brought no answer, or one that says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import one_line
from mcp_notebook.errors.connecting import STDERR_LINES_SHOWN, CallFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.results import Result

__all__ = [
    "AnswerLost",
    "CallTimedOut",
    "Disconnected",
    "InvalidAnswer",
    "NoLogging",
    "NotSent",
    "NotWatched",
    "RequestFailed",
    "SessionForgotten",
    "SessionReplaced",
    "TaskCancelled",
    "TaskRequired",
    "ToolFailed",
]


class ToolFailed(CallFailed):
    """The tool answered that it failed (`isError`).

    Attributes:
        tool: its name.
        result: the whole answer.
    """

    def __init__(self, server: str, tool: str, result: Result) -> None:
        super().__init__(server, tool, result)
        self.tool = tool
        self.result = result

    def __str__(self) -> str:
        return f"{self.server}.{self.tool} failed: {one_line(self.result.text) or 'it did not say why'}"


class RequestFailed(CallFailed):
    """The server answered with a JSON-RPC error.

    Attributes:
        code: JSON-RPC's, such as -32602.
        message: the server's words.
    """

    def __init__(self, server: str, code: int, message: str) -> None:
        super().__init__(server, code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.server} answered with error {self.code}: {one_line(self.message)}"


class CallTimedOut(CallFailed):
    """No result came in the time that was given; the request was cancelled and the connection is still good.

    Attributes:
        what: what was asked for.
        seconds: how long was waited.
    """

    def __init__(self, server: str, what: str, seconds: float) -> None:
        super().__init__(server, what, seconds)
        self.what = what
        self.seconds = seconds

    def __str__(self) -> str:
        late = f"{self.server}.{self.what} gave no result within {self.seconds:g} s and was cancelled."
        return f"{late} To wait longer: --timeout SECONDS, or timeout= in Python."


class AnswerLost(CallFailed):
    """The connection broke off between a request and its answer, and may be good again.

    Attributes:
        what: what was asked for.
        reason: a clause; "" if nobody knows.
        stderr: the last lines a stdio server wrote.
    """

    def __init__(self, server: str, what: str, reason: str = "", stderr: Sequence[str] = ()) -> None:
        super().__init__(server, what, reason, stderr)
        self.what = what
        self.reason = reason
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        reason = f" ({one_line(self.reason)})" if self.reason else ""
        return (
            f"{self.server}.{one_line(self.what, 200)}: the connection broke off before the answer came{reason}, and "
            f"it may have been done or not. Try again, or run %mcp restart {self.server}."
        )

    def _details(self) -> Sequence[str]:
        return self.stderr[-STDERR_LINES_SHOWN:]


class InvalidAnswer(CallFailed):
    """The server answered with something that MCP, or the tool's own output schema, does not allow.

    Attributes:
        what: what was asked for.
        problem: a clause.
    """

    def __init__(self, server: str, what: str, problem: str) -> None:
        super().__init__(server, what, problem)
        self.what = what
        self.problem = problem

    def __str__(self) -> str:
        problem = one_line(self.problem).removesuffix(".")
        return (
            f"{self.server}.{self.what} gave an answer that is not valid: {problem}. See %mcp log {self.server} --raw."
        )


class Disconnected(CallFailed):
    """The connection is gone.

    Attributes:
        reason: a clause.
        stderr: the last lines a stdio server wrote.
    """

    def __init__(self, server: str, reason: str, stderr: Sequence[str] = ()) -> None:
        super().__init__(server, reason, stderr)
        self.reason = reason
        self.stderr = tuple(stderr)

    def __str__(self) -> str:
        return (
            f"{self.server} is disconnected: {one_line(self.reason)}. Run %mcp restart {self.server}, or connect again."
        )

    def _details(self) -> Sequence[str]:
        return self.stderr[-STDERR_LINES_SHOWN:]


class NotSent(Disconnected):
    """Nobody was there to take a request: nothing was done."""


class SessionForgotten(Disconnected):
    """A `Session` that was disconnected by its name, which means nothing any more, or another session by now."""

    def __init__(self, server: str) -> None:
        super().__init__(server, "it was closed in this notebook")
        self.args = (server,)

    def __str__(self) -> str:
        return (
            f"This session of {self.server} ended with %mcp disconnect and does not come back; %mcp shows what is "
            f"connected. To have one again: session = %mcp connect {self.server} ..."
        )


class SessionReplaced(CallFailed):
    """A `Session` whose name another one has by now."""

    def __str__(self) -> str:
        return (
            f"This session of {self.server} was replaced when {self.server} was connected again; %mcp lines use the "
            f"new one. For Python, get one with: session = %mcp restart {self.server}"
        )


class NoLogging(CallFailed):
    """A server that does not declare that it sends log messages."""

    def __str__(self) -> str:
        return f"{self.server} does not say that it sends log messages, so there is no level to set."


class NotWatched(CallFailed):
    """A server does not tell of the changes of something.

    Attributes:
        what: a URI, or which list.
        reason: a clause.
    """

    def __init__(self, server: str, what: str, reason: str) -> None:
        super().__init__(server, what, reason)
        self.what = what
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.server}: {one_line(self.what, 200)} cannot be watched: {self.reason}."


class TaskCancelled(CallFailed):
    """The server made a task of a call and cancelled it, or somebody else had it cancelled.

    Attributes:
        tool: its name.
        message: the server's words; None if there are none.
    """

    def __init__(self, server: str, tool: str, message: str | None = None) -> None:
        super().__init__(server, tool, message)
        self.tool = tool
        self.message = message

    def __str__(self) -> str:
        why = f": {one_line(self.message)}" if self.message else "; it did not say why"
        return f"{self.server}.{self.tool}: the server cancelled the task{why}"


class TaskRequired(CallFailed):
    """The tool can only be called as a task (`execution.taskSupport` is "required", protocol 2025-11-25).

    Attributes:
        tool: its name.
    """

    def __init__(self, server: str, tool: str) -> None:
        super().__init__(server, tool)
        self.tool = tool

    def __str__(self) -> str:
        return (
            f"{self.server}.{self.tool} can only be called as a task of protocol 2025-11-25, an experiment that ended "
            "with it; this notebook knows the tasks of 2026-07-28. "
            f"Other tools of it: %mcp tools {self.server}"
        )

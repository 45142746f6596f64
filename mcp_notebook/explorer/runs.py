"""Runs tools for a page: tells it how far they are, cancels on the wire where it says so, and keeps a history.

Knows that a call belongs to no cell: what its server asks meanwhile goes to the inbox. Belongs on the loop thread; what
takes long (laying a large result out) is done on another.
"""

from __future__ import annotations

import asyncio
import builtins
import keyword
import time
from typing import TYPE_CHECKING, Any

from anyio.to_thread import run_sync

from mcp_notebook.arguments import check_arguments
from mcp_notebook.display import one_line, text_view
from mcp_notebook.errors import ArgumentError, HostError, TaskRequired
from mcp_notebook.explorer.code import write_magic, write_python
from mcp_notebook.explorer.previews import preview_json, preview_result
from mcp_notebook.explorer.tools import get_tool
from mcp_notebook.problems import find_problems
from mcp_notebook.results import Result
from mcp_notebook.shown_task import ShownTask

if TYPE_CHECKING:
    from mcp_types import Tool

    from mcp_notebook.delivery import TaskState
    from mcp_notebook.explorer.history import Run
    from mcp_notebook.explorer.room import Ask, Room, Said, Tell

__all__ = ["ASKS"]

_SECONDS_BETWEEN = 0.1
_MAX_ARGUMENTS = 256 * 1024


async def _run(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Call a tool; cancelling this cancels the call."""
    session = room.get_session(said)
    tool = await get_tool(session, said.text("name"))
    if problems := find_problems(said.object("arguments"), tool.input_schema):
        return {"problems": problems}
    try:
        arguments = _check(tool, session.name, said.object("arguments"))
    except ArgumentError as error:
        return {"problems": [{"pointer": f"/{_escaped(error.argument)}", "message": str(error)}]}
    run = room.history.begin(session.name, tool.name, arguments)
    tell({"run": _brief(run)})
    news = _News(tell)
    try:
        answer = await session.connection.call_tool(tool.name, arguments, None, news.take_progress, news.take_task)
    except asyncio.CancelledError:
        run.finish("cancelled", problem="it was cancelled")
        raise
    except HostError as error:
        run.finish("failed", problem=str(error))
    else:
        result = Result(answer, session.name)
        run.finish("failed" if result.is_error else "done", result, "the tool says so" if result.is_error else "")
    finally:
        news.stop()
    return await _show(run, room)


def _check(tool: Tool, server: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if tool.execution is not None and tool.execution.task_support == "required":
        raise TaskRequired(server, tool.name)
    return check_arguments(arguments, tool.name, tool.input_schema)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


class _News:
    """Takes what a server says of a call, and tells the page ten times a second at most; the last of it for certain."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told_at = -_SECONDS_BETWEEN
        self._last: dict[str, Any] = {}
        self._timer: asyncio.TimerHandle | None = None

    async def take_progress(self, progress: float, total: float | None, message: str | None) -> None:
        """Take one notification."""
        self._take({"progress": {"value": progress, "total": total, "message": one_line(message or "", 200)}})

    def take_task(self, state: TaskState) -> None:
        """Take how the task stands that the server has made of the call; it need not be anything new."""
        shown = ShownTask(state.tool, state.status, state.message)
        self._take({"task": {"works": shown.works, "said": shown.sentence}})

    def _take(self, part: dict[str, Any]) -> None:
        if part == self._last:  # a screen reader would say it again
            return
        self._last = part
        if self._timer is None:
            wait = self._told_at + _SECONDS_BETWEEN - time.monotonic()
            self._timer = asyncio.get_running_loop().call_later(max(0, wait), self._tell_last)

    def _tell_last(self) -> None:
        self._timer = None
        self._told_at = time.monotonic()
        self._tell(self._last)

    def stop(self) -> None:
        """Tell nothing more: the call has ended."""
        if self._timer is not None:
            self._timer.cancel()


async def _show(run: Run, room: Room) -> dict[str, Any]:
    """Lay a finished run out."""
    parts = [] if run.result is None else await run_sync(preview_result, run.result)
    plain = run.problem if run.result is None else await run_sync(repr, run.result)
    room.seen.put("Call", f"{run.server}.{run.tool}: {run.state}", text_view(plain))
    return {"run": _brief(run), "parts": parts, "problem": one_line(run.problem, 2000)}


def _brief(run: Run) -> dict[str, Any]:
    """Say what was run, and with what; arguments that are too long for a page are left out."""
    written = preview_json(run.arguments)
    return {
        "number": run.number,
        "server": run.server,
        "tool": run.tool,
        "shown": one_line(run.tool, 120),
        "state": run.state,
        "seconds": round(run.seconds, 3),
        "problem": one_line(run.problem, 300),
        "arguments": dict(run.arguments) if len(written) <= _MAX_ARGUMENTS else {},
        "written": one_line(written, 200),
    }


async def _history(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """List what was run, the last one first."""
    del said, tell
    return {"runs": [_brief(run) for run in reversed(room.history.runs)]}


async def _past(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Give one finished run, with its result."""
    del tell
    return await _show(room.history.get(said.number("number")), room)


async def _code(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Write a call as lines for a cell."""
    del room, tell
    server, tool, arguments = said.text("server"), said.text("name"), said.object("arguments")
    return {"magic": write_magic(server, tool, arguments), "python": write_python(server, tool, arguments)}


async def _bind(room: Room, said: Said, tell: Tell) -> dict[str, Any]:
    """Make the result of a run a variable of the notebook."""
    del tell
    name, run = said.text("variable"), room.history.get(said.number("number"))
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{one_line(name, 100)!r} cannot be the name of a variable")
    if hasattr(builtins, name):
        raise ValueError(f"{name!r} is a name of Python's own: choose another")
    if run.result is None:
        raise ValueError("There is no result to bind")
    room.push({name: run.result})
    return {"bound": name}


ASKS: dict[str, Ask] = {"run": _run, "history": _history, "past": _past, "code": _code, "bind": _bind}

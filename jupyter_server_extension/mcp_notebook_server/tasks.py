"""Runs of code as tasks, for hosts that declare the extension `io.modelcontextprotocol/tasks` (2026-07-28, SEP-2663).

Knows the extension's methods, and that a task is a run of the host token that asks, and nobody else's. Refuses to know
how code is run (`execution`), who may (`access`), and when a call becomes a task (`tools.execution`).

A task has the id of its run, which nobody can guess, and lives as long. It asks nothing: the person was asked before
there was a run. Handles (`read_execution`) go on beside it, and are all that other hosts see.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from mcp.server.mcpserver.server import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER, decode_header_value
from mcp_types import HEADER_MISMATCH, INTERNAL_ERROR, INVALID_PARAMS, RequestParams
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from mcp_notebook_server.errors import ServerError
from mcp_notebook_server.execution import KEPT_SECONDS, drop_colours
from mcp_notebook_server.tools.execution import check_visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp.server.context import HandlerResult, ServerRequestContext
    from mcp.server.lowlevel import Server
    from mcp_types import CallToolResult

    from mcp_notebook_server.execution import Execution
    from mcp_notebook_server.tools.tool import Answer, Context, Continued

__all__ = ["EXTENSION", "Tasks", "check_listening", "takes_tasks"]

EXTENSION = "io.modelcontextprotocol/tasks"

_POLL_MILLISECONDS = 500
_MOST_KEPT = 200
_MESSAGE_CHARACTERS = 200

_log = logging.getLogger(__name__)


class _Named(RequestParams):
    """Which task."""

    task_id: str


class _Answered(_Named):
    """Answers to what a task asked; ours ask nothing, so these are ignored, as the extension has it."""

    input_responses: dict[str, Any]


class Tasks:
    """All tasks of one Jupyter server; belongs to its event loop.

    Args:
        get_context: of a request that reads.
        write: makes of a tool's answer what the SDK sends.
    """

    def __init__(
        self, get_context: Callable[[ServerRequestContext[Any]], Context], write: Callable[[Answer], CallToolResult]
    ) -> None:
        self._get_context = get_context
        self._write = write
        self._tasks: dict[str, Continued] = {}

    def add_to(self, sdk: Server[Any]) -> None:
        """Have a server serve the extension's methods, and say that it does."""
        sdk.extensions[EXTENSION] = {}
        sdk.add_request_handler("tasks/get", _Named, self._get)
        sdk.add_request_handler("tasks/update", _Answered, self._update)
        sdk.add_request_handler("tasks/cancel", _Named, self._cancel)

    async def begin(self, continued: Continued) -> CallToolResult:
        """Make a task of a call that goes on, and return what its host is told instead of the result.

        Where too many are kept already, that is the handle that other hosts get.
        """
        self._forget_old()
        if len(self._tasks) >= _MOST_KEPT:
            return self._write(await continued.answer())
        self._tasks[continued.execution.id] = continued
        created = {"resultType": "task", **_describe(continued.execution, "working")}
        return cast("CallToolResult", created)  # the SDK takes it, and has no type for it

    def _forget_old(self) -> None:
        horizon = asyncio.get_running_loop().time() - KEPT_SECONDS
        for task_id, task in list(self._tasks.items()):
            if (task.execution.ended_at or horizon) < horizon:
                del self._tasks[task_id]

    async def _get(self, request: ServerRequestContext[Any], params: _Named) -> HandlerResult:
        task = await self._find(request, params.task_id)
        execution = task.execution
        if not execution.ended.is_set():
            return _describe(execution, "working") | _say_how_far(execution)
        if execution.cancelled and execution.state == "interrupted":
            return _describe(execution, "cancelled")
        try:
            result = self._write(await task.answer())
        except Exception:  # noqa: BLE001 - whatever goes wrong, its host gets an answer, and the log the traceback
            _log.exception("what came of a task could not be shown")
            error = {"code": INTERNAL_ERROR, "message": "It failed inside the Jupyter server; its log says why."}
            return _describe(execution, "failed") | {"error": error}
        return _describe(execution, "completed") | {"result": result}

    async def _update(self, request: ServerRequestContext[Any], params: _Answered) -> HandlerResult:
        await self._find(request, params.task_id)
        return {}

    async def _cancel(self, request: ServerRequestContext[Any], params: _Named) -> HandlerResult:
        task = await self._find(request, params.task_id)
        await self._get_context(request).executions.cancel(task.execution)
        return {}

    async def _find(self, request: ServerRequestContext[Any], task_id: str) -> Continued:
        """Return a task of the host that asks.

        Raises:
            MCPError: it does not declare the extension, its headers name another task, or it has no such task.
        """
        require_client_extension(request, EXTENSION)
        if request.request is not None and decode_header_value(request.request.headers.get(MCP_NAME_HEADER)) != task_id:
            raise MCPError(HEADER_MISMATCH, f"{MCP_NAME_HEADER} header does not match the request body's 'taskId'")
        context, task = self._get_context(request), self._tasks.get(task_id)
        if task is None or task.execution.token.digest != context.token.digest:
            raise _unknown()
        try:
            await check_visible(context, task.execution)  # not through the address of another kernel
        except ServerError:
            raise _unknown() from None
        return task


def takes_tasks(request: ServerRequestContext[Any]) -> bool:
    """Return whether the host takes a task for the answer to this call."""
    capabilities = request.session.client_capabilities
    declared = (capabilities and capabilities.extensions) or {}
    return EXTENSION in declared and request.protocol_version in MODERN_PROTOCOL_VERSIONS


def check_listening(request: ServerRequestContext[Any]) -> None:
    """Refuse a stream of news of tasks to a host that does not declare the extension; others are told of none.

    Raises:
        MCPError: it does not, and asks for that.
    """
    wanted = (request.params or {}).get("notifications")
    if isinstance(wanted, dict) and "taskIds" in wanted:
        require_client_extension(request, EXTENSION)


def _unknown() -> MCPError:
    minutes = KEPT_SECONDS // 60
    return MCPError(
        INVALID_PARAMS, f"You have no such task (any more). One is kept for {minutes} minutes after its end."
    )


def _describe(execution: Execution, status: str) -> dict[str, Any]:
    """Return what is said of a task at any time. While it runs, the end of the time for which it is kept moves on."""
    now = datetime.now(UTC)
    ago = 0.0 if execution.ended_at is None else asyncio.get_running_loop().time() - execution.ended_at
    updated = now - timedelta(seconds=ago)
    kept = updated - execution.asked + timedelta(seconds=KEPT_SECONDS)
    return {
        "taskId": execution.id,
        "status": status,
        "createdAt": execution.asked.isoformat(),
        "lastUpdatedAt": updated.isoformat(),
        "ttlMs": kept // timedelta(milliseconds=1),
        "pollIntervalMs": _POLL_MILLISECONDS,
    }


def _say_how_far(execution: Execution) -> dict[str, str]:
    if execution.began is None:
        return {"statusMessage": "The kernel has not begun with it yet: it waits for what runs there."}
    printed = drop_colours(execution.outputs.read_end(_MESSAGE_CHARACTERS)).strip().splitlines()
    return {"statusMessage": printed[-1]} if printed else {}

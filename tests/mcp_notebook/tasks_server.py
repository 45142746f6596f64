"""A server written with the SDK alone, which answers calls with tasks: `python tasks_server.py DIRECTORY [stdio]`.

It has the tools that the official suite's tasks-* scenarios want, and some that a test can hold. Its URL is in the
DIRECTORY's file "url"; a tool says where it is by files there, and goes on when a test makes one. Nothing of the
product is in it: what the extension asks of a server is written down here a second time.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.server import require_client_extension
from mcp.shared.exceptions import MCPError
from mcp.shared.inbound import MCP_NAME_HEADER
from mcp_types import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    RequestParams,
)

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

EXTENSION = "io.modelcontextprotocol/tasks"
POLL_MS = 150

directory = Path(sys.argv[1])


async def file_made(name: str) -> None:
    """Wait for a test to make a file in the directory."""
    while not (directory / name).exists():  # noqa: ASYNC110  the test is another process
        await anyio.sleep(0.005)


def _now() -> str:
    return datetime.now(UTC).isoformat()


class Named(RequestParams):
    task_id: str


class Answered(Named):
    input_responses: dict[str, Any]


Asked = tuple[ElicitRequest, asyncio.Future[dict[str, Any]]]


@dataclass
class Task:
    """One call that goes on by itself."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    status: str = "working"
    message: str | None = None
    created_at: str = field(default_factory=_now)
    end: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: dict[str, Asked] = field(default_factory=dict[str, Asked])
    count: int = 0
    polls: int = 0
    work: asyncio.Task[None] | None = None

    def describe(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "taskId": self.id,
            "status": self.status,
            "createdAt": self.created_at,
            "lastUpdatedAt": _now(),
            "ttlMs": 600_000,
            "pollIntervalMs": POLL_MS,
        }
        return described | ({"statusMessage": self.message} if self.message else {})

    def describe_whole(self) -> dict[str, Any]:
        asked = {key: request.model_dump(by_alias=True, exclude_none=True) for key, (request, _) in self.asked.items()}
        if self.status == "working" and asked:
            return self.describe() | {"status": "input_required", "inputRequests": asked}
        return self.describe() | self.end

    async def ask(self, message: str, schema: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        key = f"question-{self.count}"
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        params = ElicitRequestFormParams(message=message, requested_schema=schema)
        self.asked[key] = ElicitRequest(params=params), answer
        try:
            return await answer
        finally:
            self.asked.pop(key, None)


current: ContextVar[Task] = ContextVar("current")

NEEDS_TASK = {"failing_job"}
AS_TASK = {"slow_compute", "protocol_error_job", "confirm_delete", "multi_input", "bake", "ask_long", "give_up"}
QUICK = {"seconds": 0}


class Tasks(Extension):
    """The extension, on what the SDK has for extensions."""

    identifier = EXTENSION

    def __init__(self) -> None:
        self.tasks: dict[str, Task] = {}

    def methods(self) -> list[MethodBinding]:
        return [
            MethodBinding("tasks/get", Named, self.get),
            MethodBinding("tasks/update", Answered, self.update),
            MethodBinding("tasks/cancel", Named, self.cancel),
        ]

    async def intercept_tool_call(
        self, params: CallToolRequestParams, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        if params.name in NEEDS_TASK:
            require_client_extension(ctx, EXTENSION)
        wants = params.name in NEEDS_TASK | AS_TASK and (params.arguments or {}).items().isdisjoint(QUICK.items())
        is_answered = params.name == "test_tool_with_task" and params.input_responses
        if not (wants or is_answered) or not _declares(ctx):
            return await call_next(ctx)
        task = Task()
        self.tasks[task.id] = task
        task.work = asyncio.create_task(self.do(task, ctx, call_next))
        return {"resultType": "task", **task.describe()}

    async def do(self, task: Task, ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> None:
        current.set(task)
        try:
            result = await call_next(ctx)
        except MCPError as error:
            task.status = "failed"
            task.end = {"error": {"code": error.error.code, "message": error.error.message}}
        except asyncio.CancelledError:
            task.status = "cancelled"
        else:
            assert isinstance(result, CallToolResult)
            task.status = "completed"
            task.end = {"result": result.model_dump(by_alias=True, mode="json", exclude_none=True)}

    def find(self, ctx: ServerRequestContext[Any, Any], task_id: str) -> Task:
        require_client_extension(ctx, EXTENSION)
        if ctx.request is not None and ctx.request.headers.get(MCP_NAME_HEADER) != task_id:
            raise MCPError(HEADER_MISMATCH, "the header names another task")
        if task_id not in self.tasks:
            raise MCPError(INVALID_PARAMS, "There is no such task.")
        return self.tasks[task_id]

    async def get(self, ctx: ServerRequestContext[Any, Any], params: Named) -> HandlerResult:
        task = self.find(ctx, params.task_id)
        task.polls += 1
        return task.describe_whole()

    async def update(self, ctx: ServerRequestContext[Any, Any], params: Answered) -> HandlerResult:
        task = self.find(ctx, params.task_id)
        for key, response in params.input_responses.items():
            if key in task.asked:
                task.asked.pop(key)[1].set_result(response)
        return {}

    async def cancel(self, ctx: ServerRequestContext[Any, Any], params: Named) -> HandlerResult:
        task = self.find(ctx, params.task_id)
        if task.work is not None:
            task.work.cancel()
        return {}


def _declares(ctx: ServerRequestContext[Any, Any]) -> bool:
    capabilities = ctx.session.client_capabilities
    return EXTENSION in ((capabilities and capabilities.extensions) or {})


server: MCPServer[Any] = MCPServer("baker", extensions=[Tasks()])

NAME_FORM = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
CONFIRM_FORM = {"type": "object", "properties": {"confirm": {"type": "boolean"}}, "required": ["confirm"]}


@server.tool()
def greet(name: str) -> str:
    """Answer at once, never with a task."""
    return f"Hello, {name}!"


@server.tool()
async def slow_compute(seconds: float, label: str = "") -> str:
    """Take some time."""
    await anyio.sleep(seconds)
    return f"computed {label}"


@server.tool()
async def failing_job() -> str:
    """Fail as a tool; only as a task."""
    await anyio.sleep(0.1)
    raise ToolError("the job failed")


@server.tool()
async def protocol_error_job() -> str:
    """Fail as a request."""
    await anyio.lowlevel.checkpoint()
    raise MCPError(INTERNAL_ERROR, "the job broke")


@server.tool()
async def confirm_delete(filename: str) -> str:
    """Ask one thing."""
    answer = await current.get().ask(f"Delete {filename}?", CONFIRM_FORM)
    deleted = answer["action"] == "accept" and answer["content"]["confirm"]
    return f"{'deleted' if deleted else 'kept'} {filename}"


@server.tool()
async def multi_input() -> str:
    """Ask two things at a time."""
    task = current.get()
    answers = await asyncio.gather(task.ask("Who?", NAME_FORM), task.ask("Who else?", NAME_FORM))
    return " and ".join(answer["content"]["name"] if answer["action"] == "accept" else "nobody" for answer in answers)


@server.tool()
async def test_tool_with_task(context: Context) -> str | InputRequiredResult:
    """Ask one thing before there is a task."""
    answer = (context.input_responses or {}).get("user_name")
    if answer is None:
        form = ElicitRequestFormParams(message="Who?", requested_schema=NAME_FORM)
        return InputRequiredResult(input_requests={"user_name": ElicitRequest(params=form)})
    assert isinstance(answer, ElicitResult)
    return f"Hello, {(answer.content or {})['name']}!"


@server.tool()
async def bake(minutes: int = 5) -> str:
    """Say how far it is, and go on when a test says so; say how often the client asked."""
    task = current.get()
    for step in ("kneading", "in the oven"):
        task.message = step
        (directory / step).touch()
        try:
            await file_made(f"{step} done")
        except asyncio.CancelledError:
            (directory / "cancelled").touch()
            raise
    return f"bread after {minutes} minutes and {task.polls} looks"


@server.tool()
async def ask_long() -> str:
    """Ask something and need it no more when a test says so."""
    task = current.get()
    asking = asyncio.create_task(task.ask("Still there?", CONFIRM_FORM))
    await file_made("no matter")
    asking.cancel()
    return "nobody needs to know"


@server.tool()
async def give_up() -> str:
    """End as a server ends what it does not want to do any more."""
    await anyio.lowlevel.checkpoint()
    current.get().message = "the oven is cold"
    raise asyncio.CancelledError


def main() -> None:
    if "stdio" in sys.argv:
        server.run("stdio")
    else:
        from serving import serve_http  # noqa: PLC0415  a notebook that publishes the server finds no such module

        serve_http(server.streamable_http_app(), directory)


if __name__ == "__main__":
    main()

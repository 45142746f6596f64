"""A Jupyter extension for tests: tools of the names that the official suite's tasks-* scenarios call, on the product's
own server.

What they do is run as code in the first kernel that runs, by the product's own executions, and is a task where a run of
`execute_code` would be one. So what the scenarios look at, once a tool was called, is all the product's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

from jupyter_server.extension.application import ExtensionApp
from mcp_types import ToolAnnotations

from mcp_notebook_server.tools.runs import show_run
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Continued, Tool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_notebook_server.execution import Execution


class Nothing(TypedDict):
    """No structure."""


class Greet(Arguments):
    name: str


class SlowCompute(Arguments):
    seconds: float
    label: str = ""


class NoArguments(Arguments):
    pass


async def run(context: Context, code: str) -> Execution:
    kernel = (await context.kernels.list(context.token))[0]
    return await context.executions.start(kernel.id, context.token, code, queues=True)


async def greet(context: Context, arguments: Greet) -> Answer:
    del context
    return Answer(f"Hello, {arguments.name}!", {})


async def slow_compute(context: Context, arguments: SlowCompute) -> Answer | Continued:
    execution = await run(context, f"import time; time.sleep({arguments.seconds}); print('computed')")
    if context.takes_tasks and arguments.seconds:
        return Continued(execution, lambda: show_run(execution))
    await execution.ended.wait()
    return await show_run(execution)


async def failing_job(context: Context, arguments: NoArguments) -> Continued:
    del arguments
    execution = await run(context, "1 / 0")
    return Continued(execution, lambda: show_run(execution))


async def protocol_error_job(context: Context, arguments: NoArguments) -> Continued:
    del arguments

    async def break_off() -> NoReturn:
        raise RuntimeError("a defect of the product's")

    return Continued(await run(context, "1"), break_off)


def make_tool(arguments: type[Arguments], do: Callable[[Context, Any], Awaitable[Answer | Continued]]) -> Tool[Any]:
    return Tool(do.__name__, "", "", "read", arguments, Nothing, do, ToolAnnotations())


TOOLS = [
    make_tool(Greet, greet),
    make_tool(SlowCompute, slow_compute),
    make_tool(NoArguments, failing_job),
    make_tool(NoArguments, protocol_error_job),
]


class TasksApp(ExtensionApp):
    """Adds the tools once the product has built its server."""

    name = "tasks_extension"

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        [product] = serverapp.extension_manager.extension_apps["mcp_notebook_server"]
        product.server._tools.update({tool.name: tool for tool in TOOLS})


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    return [{"module": "support.tasks_extension", "app": TasksApp}]

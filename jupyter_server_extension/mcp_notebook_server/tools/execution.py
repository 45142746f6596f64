"""The tools that run code: run it, read what came of it, end it.

Knows how a run is proposed to a person and waited for. Refuses to know how code is run (`execution`) and
shown (`runs`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Annotated, Literal

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.access.calls import Proposal
from mcp_notebook_server.errors import KernelOccupied, ServerError
from mcp_notebook_server.execution import KEPT_SECONDS, Execution, State, UnknownExecution, drop_colours
from mcp_notebook_server.tools.kernels import find_running
from mcp_notebook_server.tools.runs import Run, show_run
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Continued, Tool
from mcp_notebook_server.tools.variables import KernelArgument

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

__all__ = [
    "CANCEL_EXECUTION",
    "EXECUTE_CODE",
    "READ_EXECUTION",
    "WaitArgument",
    "WhenBusyArgument",
    "check_visible",
    "find_execution",
    "saying_what_runs",
    "wait_and_show",
    "wait_for_end",
]

_TASK_SECONDS = 1.0
"""For which a run may last before it is made a task, where the host takes one."""

_REPORT_SECONDS = 0.2
"""Between two reports of what code prints."""

_REPORT_CHARACTERS = 2000

ExecutionArgument = Annotated[str, Field(description="As execute_code returned it")]
WaitArgument = Annotated[
    float, Field(ge=0, le=600, description="Seconds to wait for the end; afterwards it goes on without you")
]
WhenBusyArgument = Annotated[
    Literal["refuse", "queue"], Field(description="queue: run it when the kernel has nothing else to do")
]


class ExecuteCode(Arguments):
    """What to run, and where."""

    kernel: KernelArgument
    code: Annotated[str, Field(min_length=1, description="In the kernel's language")]
    wait: WaitArgument = 30
    when_busy: WhenBusyArgument = "refuse"


class ReadExecution(Arguments):
    """Which run, and what of it is known."""

    execution: ExecutionArgument
    since: Annotated[int, Field(ge=0, description="`next` of the answer before: only what came or changed since")] = 0
    wait: WaitArgument = 30


class CancelExecution(Arguments):
    """Which run."""

    execution: ExecutionArgument


class Cancelled(TypedDict):
    """What became of it."""

    execution: str
    state: State


async def _propose(context: Context, arguments: ExecuteCode) -> Proposal:
    kernel = await context.kernels.get(arguments.kernel, context.token)
    if arguments.when_busy == "refuse":
        async with saying_what_runs(context):
            await context.executions.check_free(kernel.id)  # before a person is asked for nothing
    return Proposal(kernel.id, kernel.notebook, "code", arguments.code)


async def _execute_code(context: Context, arguments: ExecuteCode) -> Answer | Continued:
    kernel_id = await context.kernels.get_id(arguments.kernel, context.token)
    queues = arguments.when_busy == "queue"
    async with saying_what_runs(context):
        execution = await context.executions.start(kernel_id, context.token, arguments.code, queues=queues)
    return await wait_and_show(context, arguments, arguments.wait, execution, lambda: show_run(execution))


async def _read_execution(context: Context, arguments: ReadExecution) -> Answer:
    execution = await find_execution(context, arguments.execution)
    await wait_for_end(context, execution, arguments.wait)
    return await show_run(execution, arguments.since)


async def _cancel_execution(context: Context, arguments: CancelExecution) -> Answer:
    execution = await find_execution(context, arguments.execution)
    was_live = not execution.ended.is_set()
    await context.executions.cancel(execution)
    structured = {"execution": execution.id, "state": execution.state}
    return Answer(_say_cancelled(execution, was_live=was_live), structured)


async def _propose_cancelling(context: Context, arguments: CancelExecution) -> Proposal:
    execution = await find_execution(context, arguments.execution)
    notebook = None
    with contextlib.suppress(ServerError):  # the kernel may be gone
        notebook = (await context.kernels.get(execution.kernel_id, context.token)).notebook
    text = f"End this code of {execution.token.name}:\n{execution.code}"
    return Proposal(execution.kernel_id, notebook, "action", text)


async def _is_own(context: Context, arguments: CancelExecution) -> bool:
    execution = await find_execution(context, arguments.execution)
    return execution.token.digest == context.token.digest


async def find_execution(context: Context, execution_id: str) -> Execution:
    """Return a run that the host may see: its own, or one on a kernel that it sees.

    Raises:
        UnknownExecution: there is none.
    """
    execution = context.executions.get(execution_id)
    await check_visible(context, execution)
    return execution


async def check_visible(context: Context, execution: Execution) -> None:
    """Raise if the host may not see a run.

    Raises:
        UnknownExecution: it may not know that there is one.
    """
    try:
        await context.kernels.get_id(execution.kernel_id, context.token)
    except ServerError:  # its own can still be read where the kernel is gone, but not through another's address
        if execution.token.digest != context.token.digest or context.kernels.is_running(execution.kernel_id):
            raise UnknownExecution(execution.id, KEPT_SECONDS // 60) from None


@contextlib.asynccontextmanager
async def saying_what_runs(context: Context) -> AsyncGenerator[None]:
    """Have a refusal of a busy kernel say which cell it runs and since when, if the kernel says so."""
    try:
        yield
    except KernelOccupied as occupied:
        running = await find_running(context, occupied.kernel_id) if occupied.since is None else None
        if running is None:
            raise
        cell = f"the cell {running['cell']!r}" if "cell" in running else occupied.what
        raise KernelOccupied(occupied.kernel_id, cell, running["since"]) from None


async def wait_and_show(
    context: Context, arguments: Arguments, wait: float, execution: Execution, show: Callable[[], Awaitable[Answer]]
) -> Answer | Continued:
    """Wait as long as the host wants to, and show what came of a run so far; or have the call go on as a task.

    A host that says how long it waits wants the handle that it has then, and goes on from there by itself.
    """
    as_task = context.takes_tasks and "wait" not in arguments.model_fields_set
    await wait_for_end(context, execution, _TASK_SECONDS if as_task else wait)
    if as_task and not execution.code_ended.is_set():
        return Continued(execution, show)
    return await show()


async def wait_for_end(context: Context, execution: Execution, seconds: float) -> None:
    """Wait for the end of a run, and meanwhile report what it prints; one that goes on is left alone."""
    if execution.code_ended.is_set():
        return
    await asyncio.sleep(0)  # a free kernel is sent it in this turn; the rest is got ready while that has work
    reporting = asyncio.ensure_future(_report(context.report, execution)) if context.report is not None else None
    try:
        async with asyncio.timeout(seconds):
            await execution.code_ended.wait()
    except TimeoutError:
        pass
    finally:
        if reporting is not None:
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)


async def _report(report: Callable[..., Awaitable[None]], execution: Execution) -> None:
    reported = execution.outputs.printed
    async for _ in execution.changes.watch():
        printed = execution.outputs.printed
        if printed > reported:
            text = execution.outputs.read_end(min(printed - reported, _REPORT_CHARACTERS))
            await report(printed, None, drop_colours(text))
            reported = printed
        await asyncio.sleep(_REPORT_SECONDS)


def _say_cancelled(execution: Execution, *, was_live: bool) -> str:
    if not was_live:
        return f"It had ended before: {execution.state}."
    if execution.ended.is_set():
        if execution.began is None:
            return "It was taken out of the queue; nothing of it was run."
        return "It was interrupted." if execution.state == "interrupted" else f"It ended by itself: {execution.state}."
    if execution.began is None:
        return "It was sent to the kernel, behind what runs there, and is interrupted as soon as it begins."
    return (
        "It was interrupted, and has not ended yet: it catches that, or is inside one call that nothing can interrupt. "
        "Call read_execution to see when it ends; restart_kernel ends everything, with all variables."
    )


EXECUTE_CODE = Tool(
    name="execute_code",
    title="Run code",
    description=(
        "Run code in a kernel, beside the notebook: no cell, no history, no input(). It sees and changes the person's "
        "variables. A busy kernel is refused unless when_busy is queue. Code that takes longer than `wait` goes on: "
        "see read_execution. The person may have to permit it first; then the answer says how."
    ),
    scope="execute",
    arguments=ExecuteCode,
    result=Run,
    run=_execute_code,
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True),
    propose=_propose,
)

READ_EXECUTION = Tool(
    name="read_execution",
    title="Read what code showed",
    description=(
        "What code that execute_code started has shown since, and whether it still runs; waits for its end, at most "
        "`wait` seconds. Can be called again and again; nothing is lost."
    ),
    scope="read",
    arguments=ReadExecution,
    result=Run,
    run=_read_execution,
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)

CANCEL_EXECUTION = Tool(
    name="cancel_execution",
    title="End code that runs",
    description=(
        "End what execute_code started: take it out of the queue, or interrupt it if it runs. Nothing else is "
        "interrupted, whatever the kernel does. Ending what another host started is asked about."
    ),
    scope="execute",
    arguments=CancelExecution,
    result=Cancelled,
    run=_cancel_execution,
    annotations=ToolAnnotations(
        read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
    ),
    propose=_propose_cancelling,
    concerns_own=_is_own,
)

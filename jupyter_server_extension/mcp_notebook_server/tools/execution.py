"""The tool that runs code.

Knows how a run is proposed to a person and shown to a host. Refuses to know how code is run (`execution`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.access.calls import Proposal
from mcp_notebook_server.errors import KernelOccupied
from mcp_notebook_server.tools.kernels import find_running
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool
from mcp_notebook_server.tools.variables import KernelArgument

if TYPE_CHECKING:
    from mcp_notebook_server.execution import Execution, Output
    from mcp_notebook_server.kernels import RunningKernel

__all__ = ["EXECUTE_CODE"]

_TRACEBACK_CHARACTERS = 3000
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class OutputEntry(TypedDict):
    """One thing that was shown."""

    type: Literal["stream", "display", "result"]
    text: str
    mime: NotRequired[Annotated[str, Field(description="Of a richer form, which is not given here")]]


class ErrorEntry(TypedDict):
    """The exception that ended the run."""

    name: str
    message: str
    traceback: str


class Run(TypedDict):
    """What came of it."""

    execution: str
    state: Literal["running", "done", "error", "interrupted"]
    outputs: list[OutputEntry]
    result: NotRequired[str]
    error: NotRequired[ErrorEntry]


class ExecuteCode(Arguments):
    """What to run, and where."""

    kernel: KernelArgument
    code: Annotated[str, Field(min_length=1, description="In the kernel's language")]
    wait: Annotated[
        float, Field(ge=0, le=600, description="Seconds to wait for the end; afterwards it goes on without you")
    ] = 30


async def _propose(context: Context, arguments: ExecuteCode) -> Proposal:
    kernel = await context.kernels.get(arguments.kernel, context.token)
    await _check_idle(context, kernel)  # before a person is asked for nothing
    return Proposal(kernel.id, kernel.notebook, "code", arguments.code)


async def _execute_code(context: Context, arguments: ExecuteCode) -> Answer:
    kernel = await context.kernels.get(arguments.kernel, context.token)
    await _check_idle(context, kernel)
    execution = await context.executions.run(kernel.id, arguments.code, arguments.wait)
    structured = _show(execution)
    return Answer(
        _describe(execution, structured, arguments.wait),
        structured,
        is_error=execution.state in ("error", "interrupted"),
    )


async def _check_idle(context: Context, kernel: RunningKernel) -> None:
    """Raise if something runs in the kernel, with what is known of it.

    Raises:
        KernelOccupied: what runs, and since when.
    """
    context.executions.check_free(kernel.id)
    if kernel.state != "busy":
        return
    running = await find_running(context, kernel.id)
    cell = f"the cell {running['cell']!r}" if running and "cell" in running else "a cell"
    raise KernelOccupied(kernel.id, cell, running["since"] if running else None)


def _show(execution: Execution) -> dict[str, Any]:
    shown: dict[str, Any] = {"execution": execution.id, "state": execution.state}
    shown["outputs"] = [_show_output(output) for output in execution.outputs]
    if results := [output.text for output in execution.outputs if output.type == "result"]:
        shown["result"] = results[-1]
    if (error := execution.error) is not None:
        traceback = _COLOURS.sub("", error["traceback"])
        shown["error"] = {**error, "traceback": traceback[-_TRACEBACK_CHARACTERS:]}
    return shown


def _show_output(output: Output) -> dict[str, Any]:
    return {"type": output.type, "text": output.text, **({"mime": output.mime} if output.mime is not None else {})}


def _describe(execution: Execution, shown: dict[str, Any], waited: float) -> str:
    parts = [output.text.rstrip("\n") for output in execution.outputs if output.text]
    if execution.dropped:
        parts.append(f"({execution.dropped} more characters were left out)")
    if execution.state == "running":
        parts.append(
            f"Still running after {waited:g} s. It goes on to its end; nothing of it is kept but its variables."
        )
    elif execution.state == "interrupted":
        parts.append("Somebody interrupted it.")
    elif execution.state == "error":
        parts.append(shown["error"]["traceback"])
    return "\n".join(parts) or "It ran and showed nothing."


EXECUTE_CODE = Tool(
    name="execute_code",
    title="Run code",
    description=(
        "Run code in a kernel, beside the notebook: no cell, no history, no input(). It sees and changes the person's "
        "variables. A busy kernel is refused. The person may have to permit it first; then the answer says how."
    ),
    scope="execute",
    arguments=ExecuteCode,
    result=Run,
    run=_execute_code,
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True),
    propose=_propose,
)

"""The tool that runs a cell of a notebook.

Knows that exactly the code that stands there is run, and that its outputs are written there. Refuses to know how code
is run (`execution`) and outputs are written (`notebooks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from mcp_types import ToolAnnotations
from pydantic import Field

from mcp_notebook_server.access.calls import Proposal
from mcp_notebook_server.notebooks.cells import find_place, source_of
from mcp_notebook_server.notebooks.errors import ChangedMeanwhile, NotACodeCell, NotebookWithoutKernel
from mcp_notebook_server.tools.cells import CellArgument
from mcp_notebook_server.tools.execution import WaitArgument, WhenBusyArgument, saying_what_runs, wait_and_show
from mcp_notebook_server.tools.notebooks import NotebookArgument, find_path
from mcp_notebook_server.tools.runs import Run, show_run
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Continued, Tool

if TYPE_CHECKING:
    from mcp_notebook_server.execution import Execution
    from mcp_notebook_server.notebooks.cell_run import CellRun

__all__ = ["RUN_CELL"]


class RunCell(Arguments):
    """Which one."""

    notebook: NotebookArgument
    cell: CellArgument
    wait: WaitArgument = 30
    when_busy: WhenBusyArgument = "refuse"


class RunOfCell(Run):
    """What came of it."""

    cell: Annotated[str, Field(description="Id of the cell that was run")]


async def _propose(context: Context, arguments: RunCell) -> Proposal:
    path = await find_path(context, arguments.notebook)
    kernel_id = await _find_kernel(context, path)
    if arguments.when_busy == "refuse":
        async with saying_what_runs(context):
            await context.executions.check_free(kernel_id)  # before a person is asked for nothing
    document = context.notebooks.get(path)
    await document.check_changeable()
    cells = (await document.read()).cells
    return Proposal(kernel_id, path, "code", source_of(_find_code(cells, arguments.cell)))


async def _run_cell(context: Context, arguments: RunCell) -> Answer | Continued:
    path = await find_path(context, arguments.notebook)
    kernel_id = await _find_kernel(context, path)
    document = context.notebooks.get(path)
    await document.check_changeable()
    snapshot = await document.read()
    cell = _find_code(snapshot.cells, arguments.cell)
    source = source_of(cell)
    approved = context.approved
    if approved is not None and (approved.text, approved.kernel) != (source, kernel_id):
        raise ChangedMeanwhile(path)
    run = context.notebooks.make_run(path, cell["id"], arguments.cell)
    queues = arguments.when_busy == "queue"
    async with saying_what_runs(context):
        execution = await context.executions.start(kernel_id, context.token, source, queues=queues, cell=run)
    context.notebooks.follow(run.write(execution.changes.watch(), is_live=snapshot.is_live))

    async def show() -> Answer:
        return await _show(execution, run)

    return await wait_and_show(context, arguments, arguments.wait, execution, show)


async def _show(execution: Execution, run: CellRun) -> Answer:
    if execution.ended.is_set():
        await run.written.wait()
    answer = await show_run(execution)
    text = (
        answer.text if run.failure is None else f"{answer.text}\n(its outputs are not in the notebook: {run.failure})"
    )
    return Answer(text, {**answer.structured, "cell": run.id}, answer.attachments, answer.is_error)


async def _find_kernel(context: Context, path: str) -> str:
    """Return the id of the kernel that runs for a notebook.

    Raises:
        NotebookWithoutKernel: none does.
    """
    for kernel in await context.kernels.list(context.token):
        if kernel.notebook == path:
            return kernel.id
    raise NotebookWithoutKernel(path)


def _find_code(cells: Any, cell: str | int) -> Any:
    """Return the code cell that a host calls `cell`.

    Raises:
        UnknownCell: there is none.
        NotACodeCell: it is something else.
    """
    found = cells[find_place(cells, cell)]
    if found["cell_type"] != "code":
        raise NotACodeCell(found["id"], found["cell_type"])
    return found


RUN_CELL = Tool(
    name="run_cell",
    title="Run a cell",
    description=(
        "Run a code cell of a notebook in its kernel, as its person would: its outputs and its number are in the "
        "notebook afterwards. No input(). A busy kernel is refused unless when_busy is queue; what takes longer than "
        "`wait` goes on: see read_execution. The person may have to permit it first; then the answer says how."
    ),
    scope="execute",
    arguments=RunCell,
    result=RunOfCell,
    run=_run_cell,
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True),
    propose=_propose,
)

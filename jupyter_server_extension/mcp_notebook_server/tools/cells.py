"""The tools about single cells: read one, insert, edit, move and delete it.

Knows what a person is shown before a cell is changed, and that nothing else is done than that. Refuses to know how a
notebook is kept (`notebooks`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, NotRequired, cast

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.access.calls import Proposal
from mcp_notebook_server.markdown import shorten
from mcp_notebook_server.notebooks.cells import (
    CellType,
    Insert,
    Move,
    Rewrite,
    describe,
    find_place,
    make_cell,
    plan_delete,
    plan_insert,
    plan_move,
    plan_rewrite,
    source_of,
)
from mcp_notebook_server.notebooks.errors import ChangedMeanwhile
from mcp_notebook_server.tools.cell_outputs import find_traceback, read_outputs
from mcp_notebook_server.tools.notebooks import NotebookArgument, describe_code, find_path
from mcp_notebook_server.tools.runs import OutputEntry, show_images, show_outputs
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp_notebook_server.notebooks import Changed
    from mcp_notebook_server.notebooks.cells import Step

    Plan = Callable[[Sequence[Mapping[str, Any]]], Step]

__all__ = ["DELETE_CELL", "EDIT_CELL", "INSERT_CELL", "MOVE_CELL", "READ_CELL", "CellArgument"]

CellArgument = Annotated[str | int, Field(description="Id of a cell, or its index, from 0 (see read_notebook)")]

_SOURCE_CHARACTERS = 100_000
_TRACEBACK_CHARACTERS = 3000
_DIFF_CHARACTERS = 20_000


class ReadCell(Arguments):
    """Which one."""

    notebook: NotebookArgument
    cell: CellArgument
    outputs: Annotated[bool, Field(description="What it has shown, too")] = True


class CellContent(TypedDict):
    """One cell; images are beside it, not in it."""

    id: str
    index: int
    type: str
    source: str
    execution_count: NotRequired[int]
    state: NotRequired[str]
    error: NotRequired[str]
    outputs: NotRequired[list[OutputEntry]]
    as_of: str
    live: bool


class InsertCell(Arguments):
    """What, and where: `after` a cell, `at` an index, or at the end."""

    notebook: NotebookArgument
    source: str
    type: CellType = "code"
    after: Annotated[str | int | None, Field(description="The cell that it follows: id or index")] = None
    at: Annotated[int | None, Field(ge=0, description="Its index, where `after` is not given")] = None


class EditCell(Arguments):
    """Which one, and what in it."""

    notebook: NotebookArgument
    cell: CellArgument
    old: Annotated[str, Field(description="Text that is in the cell now, once; empty for an empty cell")]
    new: Annotated[str, Field(description="What is there instead")]
    replace_all: Annotated[bool, Field(description="Each occurrence of old")] = False


class MoveCell(Arguments):
    """Which one, and where to."""

    notebook: NotebookArgument
    cell: CellArgument
    to: Annotated[int, Field(ge=0, description="Its index afterwards")]


class DeleteCell(Arguments):
    """Which one."""

    notebook: NotebookArgument
    cell: CellArgument
    old: Annotated[str, Field(description="Its source, or the first line of it: so that no other cell goes")]


class Placed(TypedDict):
    """The cell, and where it is."""

    id: str
    index: int


class Edited(TypedDict):
    """The cell, and what was changed."""

    id: str
    diff: str


class Deleted(TypedDict):
    """The cell that was."""

    id: str


async def _read_cell(context: Context, arguments: ReadCell) -> Answer:
    path = await find_path(context, arguments.notebook)
    snapshot = await context.notebooks.get(path).read()
    index = find_place(snapshot.cells, arguments.cell)
    cell = snapshot.cells[index]
    source = shorten(source_of(cell), _SOURCE_CHARACTERS)
    found: dict[str, Any] = {"id": cell["id"], "index": index, "type": cell["cell_type"], "source": source}
    found |= {"as_of": snapshot.as_of.isoformat(), "live": snapshot.is_live}
    head = f"{index} {cell['id']} {cell['cell_type']}"
    if cell["cell_type"] != "code":
        return Answer(f"{head}:\n{source}", found)
    found |= describe_code(cell)
    if "execution_count" in found:
        head += f" [{found['execution_count']}]"
    text, attachments = f"{head}:\n{source}", []
    if arguments.outputs and cell.get("outputs"):
        shown, attachments = await _show_outputs(path, cell)
        found["outputs"] = shown
        text += "".join(f"\n=> {each['text'].rstrip()}" for each in shown)
        text += f"\n{find_traceback(cell)[-_TRACEBACK_CHARACTERS:]}" if "error" in found else ""
    return Answer(text, found, attachments)


async def _show_outputs(path: str, cell: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Any]]:
    outputs, address_of = read_outputs(path, cell)
    shown, links = await asyncio.to_thread(show_outputs, outputs, address_of)
    return shown, [*await show_images(outputs), *links]


def _plan_insertion(arguments: InsertCell) -> Plan:
    cell = make_cell(arguments.type, arguments.source)
    return lambda cells: plan_insert(cells, cell, arguments.after, arguments.at)


def _plan_edit(arguments: EditCell) -> Plan:
    old, new = arguments.old, arguments.new
    return lambda cells: plan_rewrite(cells, arguments.cell, old, new, replace_all=arguments.replace_all)


def _plan_moving(arguments: MoveCell) -> Plan:
    return lambda cells: plan_move(cells, arguments.cell, arguments.to)


def _plan_deletion(arguments: DeleteCell) -> Plan:
    return lambda cells: plan_delete(cells, arguments.cell, arguments.old)


def _proposes(make_plan: Callable[[Any], Plan]) -> Callable[[Context, Any], Awaitable[Proposal]]:
    async def propose(context: Context, arguments: Any) -> Proposal:
        path = await find_path(context, arguments.notebook)
        document = context.notebooks.get(path)
        await document.check_changeable()  # before a person is asked for nothing
        cells = (await document.read()).cells
        return Proposal("", path, "diff", describe(cells, make_plan(arguments)(cells)))

    return propose


async def _change(context: Context, notebook: str, plan: Plan) -> tuple[Changed, str]:
    """Do what was planned, if it is (still) what the person was shown; return it, and its description.

    Raises:
        ChangedMeanwhile: it is not.
    """
    path = await find_path(context, notebook)
    described = ""

    def plan_approved(cells: Sequence[Mapping[str, Any]]) -> Step:
        nonlocal described
        step = plan(cells)
        described = describe(cells, step)
        if context.approved is not None and context.approved.text != described:
            raise ChangedMeanwhile(path)
        return step

    return await context.notebooks.get(path).change(plan_approved), described


async def _insert_cell(context: Context, arguments: InsertCell) -> Answer:
    changed, _ = await _change(context, arguments.notebook, _plan_insertion(arguments))
    index = cast("Insert", changed.step).index
    return Answer(f"Inserted as cell {index}, with the id {changed.id!r}.", {"id": changed.id, "index": index})


async def _edit_cell(context: Context, arguments: EditCell) -> Answer:
    changed, described = await _change(context, arguments.notebook, _plan_edit(arguments))
    count = len(cast("Rewrite", changed.step).spans)
    diff = shorten(described.partition("\n")[2], _DIFF_CHARACTERS)
    return Answer(f"Changed {count} place(s) in the cell {changed.id!r}:\n{diff}", {"id": changed.id, "diff": diff})


async def _move_cell(context: Context, arguments: MoveCell) -> Answer:
    changed, _ = await _change(context, arguments.notebook, _plan_moving(arguments))
    index = cast("Move", changed.step).to
    return Answer(f"The cell {changed.id!r} is cell {index} now.", {"id": changed.id, "index": index})


async def _delete_cell(context: Context, arguments: DeleteCell) -> Answer:
    changed, _ = await _change(context, arguments.notebook, _plan_deletion(arguments))
    return Answer(f"Deleted the cell {changed.id!r}.", {"id": changed.id})


_PERMISSION = "The person may have to permit it first; then the answer says how."
_DESTRUCTIVE = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)

READ_CELL = Tool(
    name="read_cell",
    title="Read a cell",
    description=(
        "One cell of a notebook: its source and what it has shown. What the person typed and did not save yet is there "
        "if `live` is true."
    ),
    scope="read",
    arguments=ReadCell,
    result=CellContent,
    run=_read_cell,
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)

INSERT_CELL = Tool(
    name="insert_cell",
    title="Insert a cell",
    description=f"Put a new cell into a notebook: after a cell, at an index, or at the end. {_PERMISSION}",
    scope="write",
    arguments=InsertCell,
    result=Placed,
    run=_insert_cell,
    annotations=ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False),
    propose=_proposes(_plan_insertion),
)

EDIT_CELL = Tool(
    name="edit_cell",
    title="Edit a cell",
    description=(
        "Replace text in a cell: `old` must be in it exactly once, unless replace_all. Everything else in the cell "
        f"stays, also what the person types meanwhile. {_PERMISSION}"
    ),
    scope="write",
    arguments=EditCell,
    result=Edited,
    run=_edit_cell,
    annotations=_DESTRUCTIVE,
    propose=_proposes(_plan_edit),
)

MOVE_CELL = Tool(
    name="move_cell",
    title="Move a cell",
    description=f"Put a cell at another index of its notebook. {_PERMISSION}",
    scope="write",
    arguments=MoveCell,
    result=Placed,
    run=_move_cell,
    annotations=_DESTRUCTIVE,
    propose=_proposes(_plan_moving),
)

DELETE_CELL = Tool(
    name="delete_cell",
    title="Delete a cell",
    description=f"Remove a cell and its outputs from a notebook. {_PERMISSION}",
    scope="write",
    arguments=DeleteCell,
    result=Deleted,
    run=_delete_cell,
    annotations=_DESTRUCTIVE,
    propose=_proposes(_plan_deletion),
)

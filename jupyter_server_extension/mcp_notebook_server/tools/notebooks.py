"""The tools about notebooks: list them, read one, find text in them.

Knows which notebooks a host may see, and how they are shown to it. Refuses to know how they are kept (`notebooks`).
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.errors import ServerError, UnknownNotebook
from mcp_notebook_server.markdown import render_table, shorten
from mcp_notebook_server.notebooks.cells import source_of
from mcp_notebook_server.tools.cell_outputs import find_cell_error, read_outputs
from mcp_notebook_server.tools.runs import OutputEntry, show_outputs
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook_server.notebooks import Document, Snapshot

__all__ = [
    "LIST_NOTEBOOKS",
    "READ_NOTEBOOK",
    "SEARCH_NOTEBOOKS",
    "NotebookArgument",
    "describe_code",
    "find_document",
    "find_path",
    "list_notebooks_of",
    "read_cells",
]

NotebookArgument = Annotated[
    str, Field(description="Path of a notebook, below Jupyter's directory (see list_notebooks)")
]

_WALK_SECONDS = 5.0
_WALK_ENTRIES = 500_000
_SEARCH_SECONDS = 10.0

_COUNTED = 10
"""Notebooks of which the cells are counted, too: each must be read for that."""

_COUNTED_BYTES = 1_000_000
_FIRST_LINE = 120
_SOURCE_CHARACTERS = 4000
_ALL_CHARACTERS = 40_000
_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)

CellState = Literal["new", "running", "done", "error"]


class Notebook(TypedDict):
    """One notebook."""

    path: str
    kernel: NotRequired[str]
    cells: NotRequired[int]
    modified: str
    open: Annotated[bool, Field(description="Whether a front end has it open")]


class NotebookList(TypedDict):
    """One page of them."""

    notebooks: list[Notebook]
    total: int
    next_cursor: NotRequired[str]
    is_all: Annotated[bool, Field(description="False: there were too many directories to look into all")]


class ListNotebooks(Arguments):
    """Which ones."""

    pattern: Annotated[str | None, Field(description="Glob over paths, such as reports/*.ipynb")] = None
    open_only: Annotated[
        bool,
        Field(description="Only those with a kernel, or open in a front end; false: all below Jupyter's directory"),
    ] = True
    cursor: Annotated[str | None, Field(description="next_cursor of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class CellEntry(TypedDict):
    """One cell."""

    id: str
    index: int
    type: str
    first_line: str
    source: NotRequired[str]
    execution_count: NotRequired[int]
    state: NotRequired[CellState]
    error: NotRequired[str]
    outputs: NotRequired[list[OutputEntry]]


class NotebookContent(TypedDict):
    """One page of the cells."""

    path: str
    cells: list[CellEntry]
    total: int
    next_cursor: NotRequired[str]
    as_of: str
    live: Annotated[bool, Field(description="Whether it holds what the person typed and did not save yet")]


class ReadNotebook(Arguments):
    """Which one, and how much of it."""

    notebook: NotebookArgument
    sources: Annotated[bool, Field(description="All of each cell, not only its first line")] = False
    outputs: Annotated[bool, Field(description="What each cell has shown, as text")] = False
    cursor: Annotated[str | None, Field(description="next_cursor of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class MatchEntry(TypedDict):
    """One line."""

    notebook: str
    cell: str
    line: int
    text: str


class MatchList(TypedDict):
    """What was found."""

    matches: list[MatchEntry]
    is_all: Annotated[bool, Field(description="False: there are more, or not all notebooks were looked into")]


class SearchNotebooks(Arguments):
    """What to look for, and where."""

    text: Annotated[str, Field(min_length=1, max_length=1000, description="Case matters; within one line")]
    pattern: Annotated[str | None, Field(description="Glob over paths, such as reports/*.ipynb")] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 50


async def find_path(context: Context, notebook: str) -> str:
    """Return the path of a notebook that the host may see, if there is one there.

    Args:
        context: of the host; a token or an address that stands for certain kernels or notebooks sees only those.
        notebook: as the host writes it.

    Raises:
        UnknownNotebook: there is none at such a path, or none for this host.
    """
    path = notebook.strip("/")
    binding = context.kernels.binding
    if (
        not binding.values and not context.token.is_bound and _can_be(path)
    ):  # the usual case, without asking for sessions
        return path
    visible = await list_notebooks_of(context)
    if path not in visible or not _can_be(path):
        raise UnknownNotebook(notebook, visible)
    return path


async def list_notebooks_of(context: Context) -> list[str]:
    """Return the paths that a host may see for certain: of its kernels, and that its token or address names."""
    running = [each.notebook for each in await context.kernels.list(context.token) if each.notebook]
    binding, token = context.kernels.binding, context.token
    named: set[str] = {*running, *(() if binding.values else token.notebooks)}
    if binding.notebook and (not token.is_bound or binding.notebook in token.notebooks):
        named.add(binding.notebook)
    return sorted(named)


async def find_document(context: Context, notebook: str) -> Document:
    """Return the document of a notebook that the host may see; errors as `find_path`."""
    return context.notebooks.get(await find_path(context, notebook))


async def read_cells(notebook: str, context: Context) -> Sequence[Mapping[str, Any]]:
    """Return the cells of a notebook that the host may see, in nbformat, each with an id.

    Raises:
        UnknownNotebook: there is none, or none for this host.
    """
    try:
        return (await (await find_document(context, notebook)).read()).cells
    except UnknownNotebook:
        raise UnknownNotebook(notebook, await list_notebooks_of(context)) from None


def _can_be(path: str) -> bool:
    """Whether a path is written in the one way that we let through, so that no other way leads to the same file."""
    parts = path.split("/")
    return (
        all(part not in ("", ".", "..") for part in parts)
        and "\\" not in path
        and not any(unicodedata.category(character) in ("Cc", "Cs") for character in path)
        and path.endswith(".ipynb")
    )


async def _find_paths(context: Context, pattern: str | None, *, open_only: bool) -> tuple[list[str], bool]:
    """Return the paths of notebooks that the host may see, and whether those are all."""
    is_narrow = bool(context.kernels.binding.values) or context.token.is_bound

    def fits(path: str) -> bool:
        return pattern is None or fnmatchcase(path, pattern)

    if not open_only and not is_narrow:  # there may be a hundred thousand: whatever is done to each is done in a thread
        found = await context.notebooks.find(fits, seconds=_WALK_SECONDS, most=_WALK_ENTRIES)
        return found.paths, found.is_all
    visible = await list_notebooks_of(context)
    if open_only:
        opened = await context.notebooks.list_open()
        running = [each.notebook for each in await context.kernels.list(context.token) if each.notebook]
        visible = {*running, *(path for path in opened if not is_narrow or path in visible)}
    return sorted(filter(fits, visible)), True


async def _list_notebooks(context: Context, arguments: ListNotebooks) -> Answer:
    paths, is_all = await _find_paths(context, arguments.pattern, open_only=arguments.open_only)
    first = 0 if arguments.cursor is None else bisect_right(paths, arguments.cursor)
    page = paths[first : first + arguments.limit]
    opened = await context.notebooks.list_open()
    kernels = {each.notebook: each.id for each in await context.kernels.list(context.token)}
    counts = len(page) <= _COUNTED
    described = [await _describe(context, path, opened, kernels, counts=counts) for path in page]
    entries = [each for each in described if each is not None]
    structured: dict[str, Any] = {"notebooks": entries, "total": len(paths), "is_all": is_all}
    rows = [(each["path"], each.get("kernel"), each.get("cells"), each["modified"], each["open"]) for each in entries]
    text = render_table(("path", "kernel", "cells", "modified", "open"), rows) if rows else _say_none(arguments)
    if first + len(page) < len(paths):
        structured["next_cursor"] = page[-1]
        text += f"\n{len(page)} of {len(paths)} notebooks; for more pass cursor={page[-1]!r}."
    if not is_all:
        text += "\n(there are too many directories: not all were looked into)"
    return Answer(text, structured)


def _say_none(arguments: ListNotebooks) -> str:
    if arguments.open_only:
        return "No notebook is open. With open_only=false all below Jupyter's directory are listed."
    return "No notebooks."


async def _describe(
    context: Context, path: str, opened: set[str], kernels: Mapping[str | None, str], *, counts: bool
) -> dict[str, Any] | None:
    """Return what a list says of a notebook; None if there is none any more."""
    try:
        model = await context.notebooks.describe(path)
        entry: dict[str, Any] = {"path": path, "modified": model["last_modified"].isoformat(), "open": path in opened}
        if path in kernels:
            entry["kernel"] = kernels[path]
        if counts and (model.get("size") or 0) <= _COUNTED_BYTES:
            entry["cells"] = len((await context.notebooks.get(path).read()).cells)
    except ServerError:
        return None
    return entry


async def _read_notebook(context: Context, arguments: ReadNotebook) -> Answer:
    path = await find_path(context, arguments.notebook)
    snapshot = await context.notebooks.get(path).read()
    first = _read_cursor(arguments.cursor)
    running = _find_running(context, path)
    entries: list[dict[str, Any]] = []
    used = 0
    for index, cell in list(enumerate(snapshot.cells))[first : first + arguments.limit]:
        entry = _show_cell(path, index, cell, arguments)
        if cell["id"] in running:
            entry["state"] = "running"
        used += len(entry.get("source", "")) + sum(len(each["text"]) for each in entry.get("outputs", ()))
        if entries and used > _ALL_CHARACTERS:
            break
        entries.append(entry)
    return _make_content(path, snapshot, entries, first)


def _find_running(context: Context, path: str) -> set[str]:
    """Return the ids of the cells that a host runs just now."""
    live = context.executions.live
    return {each.cell.id for each in live if each.cell is not None and each.cell.notebook == path}


def _make_content(path: str, snapshot: Snapshot, entries: list[dict[str, Any]], first: int) -> Answer:
    structured: dict[str, Any] = {"path": path, "cells": entries, "total": len(snapshot.cells)}
    structured |= {"as_of": snapshot.as_of.isoformat(), "live": snapshot.is_live}
    text = "\n".join(_write_cell(entry) for entry in entries) or "(no cells)"
    after = first + len(entries)
    if after < len(snapshot.cells):
        structured["next_cursor"] = str(after)
        text += f"\n{len(entries)} of {len(snapshot.cells)} cells; for more pass cursor={str(after)!r}."
    how = "as it is in the open tab" if snapshot.is_live else f"as saved {snapshot.as_of.isoformat(timespec='seconds')}"
    return Answer(f"`{path}`, {how}:\n{text}", structured)


def _read_cursor(cursor: str | None) -> int:
    return int(cursor) if cursor is not None and cursor.isascii() and cursor.isdecimal() and len(cursor) < 10 else 0  # noqa: PLR2004 - digits


def _show_cell(path: str, index: int, cell: Mapping[str, Any], arguments: ReadNotebook) -> dict[str, Any]:
    source = source_of(cell)
    entry: dict[str, Any] = {"id": cell["id"], "index": index, "type": cell["cell_type"]}
    entry["first_line"] = shorten(source.partition("\n")[0], _FIRST_LINE)
    if arguments.sources:
        entry["source"] = shorten(source, _SOURCE_CHARACTERS)
    if cell["cell_type"] == "code":
        entry |= describe_code(cell)
        if arguments.outputs and cell.get("outputs"):
            entry["outputs"] = show_outputs(*read_outputs(path, cell))[0]
    return entry


def describe_code(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return count, state and error of a code cell."""
    said: dict[str, Any] = {}
    error = find_cell_error(cell)
    if (count := cell.get("execution_count")) is not None:
        said["execution_count"] = count
    said["state"] = "error" if error else "done" if count is not None or cell.get("outputs") else "new"
    if error:
        said["error"] = shorten(error, 300)
    return said


def _write_cell(entry: Mapping[str, Any]) -> str:
    count = f" [{entry['execution_count']}]" if "execution_count" in entry else ""
    state = f" {entry['state']}" if entry.get("state") not in (None, "done") else ""
    head = f"{entry['index']} {entry['id']} {entry['type']}{count}{state}"
    error = f" -> {entry['error']}" if "error" in entry else ""
    text = f"{head}:\n{entry['source']}" if "source" in entry else f"{head}: {entry['first_line']}"
    shown = "".join(f"\n=> {each['text'].rstrip()}" for each in entry.get("outputs", ()))
    return f"{text}{error}{shown}"


async def _search_notebooks(context: Context, arguments: SearchNotebooks) -> Answer:
    if "\n" in arguments.text:
        return Answer("No line holds a line break: look for one line.", {"matches": [], "is_all": True})
    paths, found_all = await _find_paths(context, arguments.pattern, open_only=False)
    matches = await context.notebooks.search(paths, arguments.text, most=arguments.limit + 1, seconds=_SEARCH_SECONDS)
    found = matches.found[: arguments.limit]
    is_all = found_all and not matches.skipped and len(matches.found) <= arguments.limit
    rows = [(each.notebook, each.cell, each.line, each.text) for each in found]
    text = render_table(("notebook", "cell", "line", "text"), rows) if rows else "No cell holds that."
    if matches.skipped:
        text += f"\n({matches.skipped} notebooks were not looked into: too large, damaged, or there was no time)"
    elif not is_all:
        text += "\n(there are more: narrow it with pattern, or raise limit)"
    entries = [{"notebook": each.notebook, "cell": each.cell, "line": each.line, "text": each.text} for each in found]
    return Answer(text, {"matches": entries, "is_all": is_all})


LIST_NOTEBOOKS = Tool(
    name="list_notebooks",
    title="List notebooks",
    description=(
        "The notebooks that are open or have a kernel; with open_only=false all below Jupyter's directory, a page at a "
        "time. The tools about cells want a notebook's path."
    ),
    scope="read",
    arguments=ListNotebooks,
    result=NotebookList,
    run=_list_notebooks,
    annotations=_READ_ONLY,
)

READ_NOTEBOOK = Tool(
    name="read_notebook",
    title="Read a notebook",
    description=(
        "The cells of a notebook: id, type, first line, whether it ran and failed; with sources and outputs if asked. "
        "To see one cell whole call read_cell."
    ),
    scope="read",
    arguments=ReadNotebook,
    result=NotebookContent,
    run=_read_notebook,
    annotations=_READ_ONLY,
)

SEARCH_NOTEBOOKS = Tool(
    name="search_notebooks",
    title="Find text in notebooks",
    description="The lines of cells that hold a text, in all notebooks or those that fit a pattern.",
    scope="read",
    arguments=SearchNotebooks,
    result=MatchList,
    run=_search_notebooks,
    annotations=_READ_ONLY,
)

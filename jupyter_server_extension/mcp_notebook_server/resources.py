"""Resources hosts see: what is in a kernel, under an address of its own.

Knows what is at an address, and how much of it one answer may carry. Refuses to know how addresses are written
(`addresses`) and how variables and frames are read.

Listed are the dataframes of the kernels: a person picks those from a host's menu. There may be a hundred thousand
other variables; they have a template, and completion.
"""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any, cast

from mcp_types import BlobResourceContents, ReadResourceResult, Resource, ResourceTemplate, TextResourceContents

from mcp_notebook_server.addresses import (
    CELL,
    CELL_OUTPUT,
    DATAFRAME,
    FORMATS,
    KERNEL,
    MIME_TYPES,
    NOTEBOOK,
    OUTPUT,
    QUERY,
    VARIABLE,
    Format,
    find_sql,
    link_to_dataframe,
)
from mcp_notebook_server.agent.worker import work_on_frames
from mcp_notebook_server.errors import InvalidAddress, ResourceTooLarge, ServerError, UnknownResource
from mcp_notebook_server.execution import IMAGES, shrink
from mcp_notebook_server.notebooks.cells import find_place
from mcp_notebook_server.tools.cell_outputs import read_outputs
from mcp_notebook_server.tools.cells import READ_CELL
from mcp_notebook_server.tools.execution import find_execution
from mcp_notebook_server.tools.kernels import describe_kernel
from mcp_notebook_server.tools.notebooks import READ_NOTEBOOK
from mcp_notebook_server.tools.runs import text_of
from mcp_notebook_server.tools.variables import INSPECT_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from mcp.shared.uri_template import UriTemplate

    from mcp_notebook_server.execution import Output
    from mcp_notebook_server.kernels import RunningKernel
    from mcp_notebook_server.tools.tool import Context

    Found = Mapping[str, str | list[str]]
    Contents = TextResourceContents | BlobResourceContents

__all__ = ["TEMPLATES", "list_resources", "read_resource"]

_MOST_BYTES = 1_000_000
"""What one answer carries, as JSON: hosts refuse an event beyond 1 MiB (facts, protocol.md section 2)."""

_MOST_CHARACTERS = 250_000
"""Of text, of which each may be four bytes."""

_SECONDS = 30.0
"""For copying a frame and writing the file."""

_LISTING_SECONDS = 1.0
"""For each kernel to name its frames; a kernel that takes longer is left out of the list."""

_QUERY_ROWS = 1_000_000
_PAGE = 100

TEMPLATES = [
    ResourceTemplate(
        name="kernel",
        title="A kernel",
        uri_template=str(KERNEL),
        description="A kernel as list_kernels shows it. Who subscribes hears when it gets busy, idle or dead.",
        mime_type="application/json",
    ),
    ResourceTemplate(
        name="variable",
        title="A variable of a kernel",
        uri_template=str(VARIABLE),
        description="What one variable holds, as inspect_variable shows it. `kernel` is an id or the beginning of one.",
        mime_type="text/plain",
    ),
    ResourceTemplate(
        name="dataframe",
        title="The rows of a dataframe",
        uri_template=str(DATAFRAME),
        description=(
            "Rows of an in-memory dataframe as a file: format is csv (if not said), parquet or arrow; columns are names"
            " with commas between them. One answer carries about a megabyte: offset and limit give parts."
        ),
    ),
    ResourceTemplate(
        name="query",
        title="The rows of a query",
        uri_template=str(QUERY),
        description="What query_dataframe links to. `query` is the SQL in base64url; it runs when it is read.",
    ),
    ResourceTemplate(
        name="notebook",
        title="A notebook",
        uri_template=str(NOTEBOOK),
        description="A notebook's cells with their sources, as read_notebook shows them. `notebook` is its path. Who "
        "subscribes to it, or to one of its cells or what a cell shows, hears of changes.",
        mime_type="text/markdown",
    ),
    ResourceTemplate(
        name="cell",
        title="A cell of a notebook",
        uri_template=str(CELL),
        description="One cell: its source and what it showed, as read_cell shows it. `cell` is its id or its index.",
        mime_type="text/markdown",
    ),
    ResourceTemplate(
        name="cell_output",
        title="What a cell showed",
        uri_template=str(CELL_OUTPUT),
        description="One output of a cell, whole or nearly so; `n` counts from 0. read_cell links to what it cut.",
    ),
    ResourceTemplate(
        name="output",
        title="What code showed",
        uri_template=str(OUTPUT),
        description="One output of code that execute_code ran, whole or nearly so; its answer links to what it cut.",
    ),
]


async def list_resources(context: Context, cursor: str | None) -> tuple[list[Resource], str | None]:
    """Return a page of the dataframes in all readable kernels, and the cursor of the next page, if there is one.

    Args:
        context: of the host.
        cursor: the address after which the page begins.
    """
    kernels = [each for each in await context.kernels.list(context.token) if context.agents.readable(each.id) == "yes"]
    listed = await asyncio.gather(*(_list_frames(context, kernel) for kernel in kernels))
    found = sorted((each for some in listed for each in some), key=lambda resource: resource.uri)
    left = [each for each in found if cursor is None or each.uri > cursor]
    return left[:_PAGE], left[_PAGE - 1].uri if len(left) > _PAGE else None


async def _list_frames(context: Context, kernel: RunningKernel) -> list[Resource]:
    try:
        frames = await context.agents.ask(kernel.id, "list_dataframes", {"in_memory": True}, timeout=_LISTING_SECONDS)
    except ServerError:
        return []
    where = kernel.notebook or f"kernel {kernel.id[:8]}"
    return [
        Resource(
            uri=link_to_dataframe(kernel.id, name).uri,
            name=name,
            title=f"{name} in {where}",
            description=f"The rows of a dataframe in {where}",
            mime_type=MIME_TYPES["csv"],
        )
        for name in frames["names"]
    ]


async def read_resource(context: Context, uri: str) -> ReadResourceResult:
    """Read the resource at `uri`.

    Raises:
        UnknownResource: if the address is none of ours.
        InvalidAddress: if something in it cannot be.
        ResourceTooLarge: if one answer cannot carry it.
        ServerError: if it cannot be read.
    """
    for template, read in _READERS:
        found = template.match(uri)
        if found is not None:
            return ReadResourceResult(contents=[await read(context, uri, cast("Found", found))])
    raise UnknownResource(uri, [template.uri_template for template in TEMPLATES])


async def _read_kernel(context: Context, uri: str, found: Found) -> Contents:
    described = await describe_kernel(context, await context.kernels.get(str(found["kernel"]), context.token))
    return TextResourceContents(uri=uri, mime_type="application/json", text=json.dumps(described))


async def _read_variable(context: Context, uri: str, found: Found) -> Contents:
    answer = await INSPECT_VARIABLE.call(context, {"kernel": found["kernel"], "path": found["name"]})
    return TextResourceContents(uri=uri, mime_type="text/plain", text=answer.text)


async def _read_dataframe(context: Context, uri: str, found: Found) -> Contents:
    offset, limit = _get_number(uri, found, "offset"), _get_number(uri, found, "limit")
    columns = found.get("columns")
    names = columns.split(",") if isinstance(columns, str) else columns
    job = {"name": found["name"], "columns": names, "offset": offset or 0, "limit": limit}
    return await _read_file(context, uri, found, job, ["pyarrow"])


async def _read_query(context: Context, uri: str, found: Found) -> Contents:
    sql = find_sql(str(found["query"]))
    if sql is None:
        raise InvalidAddress(uri, "`query` must be SQL in base64url")
    return await _read_file(context, uri, found, {"sql": sql, "limit": _QUERY_ROWS}, ["duckdb", "pyarrow"])


async def _read_output(context: Context, uri: str, found: Found) -> Contents:
    execution = await find_execution(context, str(found["execution"]))
    number = _get_number(uri, found, "n")
    output = None if number is None else execution.outputs.find(number)
    if output is None:
        raise InvalidAddress(uri, "this execution has no such output, or did not keep it")
    return await _carry(uri, output)


async def _read_cell(context: Context, uri: str, found: Found) -> Contents:
    answer = await READ_CELL.call(context, {"notebook": found["notebook"], "cell": found["cell"]})
    return TextResourceContents(uri=uri, mime_type="text/markdown", text=answer.text)


async def _read_cell_output(context: Context, uri: str, found: Found) -> Contents:
    notebook = str(found["notebook"])
    cells = await context.read_notebook(notebook, context)
    cell = cells[find_place(cells, str(found["cell"]))]
    number = _get_number(uri, found, "n")
    output = next((each for each in read_outputs(notebook, cell)[0] if each.number == number), None)
    if output is None:
        raise InvalidAddress(uri, f"the cell has no such output; it has {len(cell.get('outputs', ()))}")
    return await _carry(uri, output)


async def _carry(uri: str, output: Output) -> Contents:
    """Return an output in its richest form that one answer carries."""
    for mime in (*IMAGES, "image/svg+xml", "text/html"):
        data = output.data.get(mime)
        if isinstance(data, str) and mime in IMAGES:
            small = await asyncio.to_thread(shrink, data, mime, _MOST_BYTES)
            if small is not None:
                return BlobResourceContents(uri=uri, mime_type=small[1], blob=small[0])
        elif isinstance(data, str) and len(data) <= _MOST_CHARACTERS:
            return TextResourceContents(uri=uri, mime_type=mime, text=data)
    return TextResourceContents(uri=uri, mime_type="text/plain", text=text_of(output, _MOST_CHARACTERS))


async def _read_notebook(context: Context, uri: str, found: Found) -> Contents:
    answer = await READ_NOTEBOOK.call(context, {"notebook": found["notebook"], "sources": True})
    return TextResourceContents(uri=uri, mime_type="text/markdown", text=answer.text)


async def _read_file(context: Context, uri: str, found: Found, job: dict[str, Any], needs: list[str]) -> Contents:
    form = found.get("format", FORMATS[0])
    if form not in FORMATS:
        raise InvalidAddress(uri, f"`format` must be one of {', '.join(FORMATS)}")
    kernel = await context.kernels.get_id(str(found["kernel"]), context.token)
    said, payload = await work_on_frames(context.agents, kernel, {**job, "form": form}, needs, seconds=_SECONDS)
    contents, size = _wrap(uri, form, payload)
    if size > _MOST_BYTES:
        raise ResourceTooLarge(uri, size, _MOST_BYTES, max(1, int(said["rows"] * 0.9 * _MOST_BYTES / size)))
    return contents


def _wrap(uri: str, form: Format, payload: bytes) -> tuple[Contents, int]:
    """Return the file as MCP carries it, and about how many bytes that is in JSON."""
    if form == "csv":
        text = payload.decode("utf-8", "replace")
        size = len(json.dumps(text, ensure_ascii=False).encode())
        return TextResourceContents(uri=uri, mime_type=MIME_TYPES[form], text=text), size
    blob = base64.b64encode(payload).decode()
    return BlobResourceContents(uri=uri, mime_type=MIME_TYPES[form], blob=blob), len(blob)


def _get_number(uri: str, found: Found, name: str) -> int | None:
    text = found.get(name)
    if text is None:
        return None
    if not isinstance(text, str) or not text.isdecimal() or len(text) > len(str(2**63)):
        raise InvalidAddress(uri, f"`{name}` must be a whole number, not {text!r}")
    return int(text)


_READERS: tuple[tuple[UriTemplate, Callable[[Context, str, Found], Awaitable[Contents]]], ...] = (
    (KERNEL, _read_kernel),
    (VARIABLE, _read_variable),
    (DATAFRAME, _read_dataframe),
    (QUERY, _read_query),
    (OUTPUT, _read_output),
    (NOTEBOOK, _read_notebook),
    (CELL, _read_cell),
    (CELL_OUTPUT, _read_cell_output),
)

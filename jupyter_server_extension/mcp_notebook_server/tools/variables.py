"""The tools about variables: list them, look into one.

Knows how what the agent read is shown to a host. Refuses to know how it is read (`agent`).
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from mcp_types import ImageContent, ToolAnnotations
from pydantic import Field, WithJsonSchema
from typing_extensions import TypedDict

from mcp_notebook_server.markdown import render_table, shorten
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool

__all__ = ["INSPECT_VARIABLE", "LIST_VARIABLES", "KernelArgument"]

KernelArgument = Annotated[
    str, Field(description="Kernel id, an unambiguous beginning of one, or a notebook path (see list_kernels)")
]

_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)


def _list_of(what: str) -> WithJsonSchema:
    # A host that checks 200 objects with Python's jsonschema takes 10 ms for it, longer than all the rest; a shape
    # of two lengths takes it 0.01 ms, a third of what it takes for one variable.
    return WithJsonSchema({"type": "array", "description": what})


class VariableList(TypedDict):
    """One page of the list."""

    variables: Annotated[
        list[dict[str, Any]],
        _list_of("Of each: name, type, preview; shape (lengths) and size (bytes) where it has them"),
    ]
    total: int
    next_cursor: NotRequired[str]
    read_while_running: bool


class ListVariables(Arguments):
    """What to list."""

    kernel: KernelArgument
    pattern: Annotated[str | None, Field(description="Glob over names, such as df_*")] = None
    type: Annotated[str | None, Field(description="Type name, such as DataFrame")] = None
    cursor: Annotated[str | None, Field(description="next_cursor of the page before")] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 50


class InspectVariable(Arguments):
    """Where to look."""

    kernel: KernelArgument
    path: Annotated[str, Field(description='A name, or a path into it: model.coef_, cfg["lr"], rows[3]')]
    max_chars: Annotated[int, Field(ge=100, le=20_000, description="Length of the text")] = 4000


class Inspection(TypedDict):
    """What is there; an image is beside it, not in it."""

    path: str
    type: str
    shape: NotRequired[Annotated[list[int], _list_of("Lengths")]]
    size: NotRequired[int]
    text: str
    fields: NotRequired[
        Annotated[list[dict[str, Any]], _list_of("Of an object: name, type, preview of each field not in the text")]
    ]
    items: NotRequired[Annotated[list[dict[str, Any]], _list_of("Of a container: key, type, preview of each item")]]
    truncated: bool


async def _list_variables(context: Context, arguments: ListVariables) -> Answer:
    kernel = await context.kernels.get_id(arguments.kernel, context.token)
    listed = await context.agents.ask(
        kernel, "list_variables", arguments.model_dump(exclude={"kernel"}, exclude_none=True)
    )
    variables = listed["variables"]
    rows = [
        (each["name"], each["type"], "x".join(map(str, each.get("shape", ()))) or None, each["preview"])
        for each in variables
    ]
    text = render_table(("name", "type", "shape", "preview"), rows) if rows else "No variables."
    if (cursor := listed.get("next_cursor")) is not None:
        text += f"\n{len(variables)} of {listed['total']} variables; for more pass cursor={cursor!r}."
    if listed["read_while_running"]:
        text += "\n(read while a cell was running)"
    return Answer(text, listed)


async def _inspect_variable(context: Context, arguments: InspectVariable) -> Answer:
    kernel = await context.kernels.get_id(arguments.kernel, context.token)
    found = await context.agents.ask(
        kernel, "inspect_variable", {"path": arguments.path, "max_chars": arguments.max_chars}
    )
    image = found.pop("image", None)
    images = [ImageContent(data=image["data"], mime_type=image["mime"])] if image is not None else []
    head = f"`{found['path']}`: {found['type']}{_describe_shape(found.get('shape', []))}"
    return Answer(f"{head}\n{shorten(found['text'], arguments.max_chars)}", found, images)


def _describe_shape(shape: list[int]) -> str:
    if len(shape) == 1:
        return f" of length {shape[0]}"
    return f" of shape {'x'.join(map(str, shape))}" if shape else ""


LIST_VARIABLES = Tool(
    name="list_variables",
    title="List variables",
    description=(
        "The variables of a kernel with type, shape and a short preview, a page at a time. Works while the kernel runs "
        "a cell. None of the person's code is run."
    ),
    scope="read",
    arguments=ListVariables,
    result=VariableList,
    run=_list_variables,
    annotations=_READ_ONLY,
)

INSPECT_VARIABLE = Tool(
    name="inspect_variable",
    title="Inspect a variable",
    description=(
        "One variable, or what is at a path inside it, in more detail. For dataframes describe_dataframe and "
        "read_dataframe say more; an image is shown as one. Works while the kernel runs a cell. None of the person's "
        "code is run."
    ),
    scope="read",
    arguments=InspectVariable,
    result=Inspection,
    run=_inspect_variable,
    annotations=_READ_ONLY,
)

"""The tools about dataframes: describe one, read a page of it.

Knows how what the agent read is shown to a host. Refuses to know how it is read (`agent`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.addresses import link_to_dataframe
from mcp_notebook_server.markdown import render_table
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool
from mcp_notebook_server.tools.variables import KernelArgument

__all__ = ["DESCRIBE_DATAFRAME", "READ_DATAFRAME"]

_NAMES_SHOWN = 10

_READ_ONLY = ToolAnnotations(read_only_hint=True, open_world_hint=False)

NameArgument = Annotated[str, Field(description="The variable that holds the dataframe")]

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "in", "not_in", "contains", "starts_with", "is_null", "not_null"]


class Column(TypedDict):
    """What is known of one column."""

    name: str
    dtype: str
    nulls: NotRequired[int]
    unique: NotRequired[int]
    min: NotRequired[Any]
    max: NotRequired[Any]
    top: NotRequired[list[Any]]
    sampled: NotRequired[Annotated[bool, Field(description="All figures of this column are of the sample")]]


class Description(TypedDict):
    """What is known of a dataframe."""

    rows: NotRequired[int]
    columns: list[Column]
    size: NotRequired[int]
    sampled: Annotated[bool, Field(description="unique and top are of a sample; nulls, min and max are exact")]
    sample: NotRequired[Annotated[int, Field(description="How many rows were sampled")]]
    lazy: bool
    not_computed: NotRequired[Annotated[str, Field(description="Why only columns and types are told")]]


class DescribeDataframe(Arguments):
    """Which one."""

    kernel: KernelArgument
    name: NameArgument
    sample: Annotated[int | None, Field(ge=1, description="Look at this many rows only")] = None


class Condition(Arguments):
    """One condition that rows must meet."""

    column: str
    op: Operator
    value: Annotated[Any, Field(description="An array for in and not_in; not used for is_null and not_null")] = None


class SortKey(Arguments):
    """One column to sort by."""

    column: str
    descending: bool = False


class ReadDataframe(Arguments):
    """Which page of which one."""

    kernel: KernelArgument
    name: NameArgument
    columns: Annotated[list[str] | None, Field(description="Only these, in this order")] = None
    where: Annotated[
        list[Condition] | None,
        Field(description='All must hold, such as [{"column": "price", "op": ">=", "value": 10}]'),
    ] = None
    sort: Annotated[
        list[SortKey] | None,
        Field(
            description="Nulls come last. Rows equal in these stay as they stand; in DuckDB, Ibis and Spark, whose "
            "rows stand in no order, other columns decide, and without a sort pages may differ from call to call"
        ),
    ] = None
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 20


class Page(TypedDict):
    """One page of rows."""

    columns: list[str]
    rows: list[list[Any]]
    total: NotRequired[int]
    next_offset: NotRequired[int]
    link: NotRequired[str]


async def _describe_dataframe(context: Context, arguments: DescribeDataframe) -> Answer:
    kernel = await context.kernels.get_id(arguments.kernel, context.token)
    described = await context.agents.ask(
        kernel, "describe_dataframe", arguments.model_dump(exclude={"kernel"}, exclude_none=True)
    )
    return Answer(_describe(arguments.name, described), described)


async def _read_dataframe(context: Context, arguments: ReadDataframe) -> Answer:
    kernel = await context.kernels.get_id(arguments.kernel, context.token)
    page = await context.agents.ask(
        kernel, "read_dataframe", arguments.model_dump(exclude={"kernel"}, exclude_none=True)
    )
    text = render_table(page["columns"], page["rows"])
    count = len(page["rows"])
    shown = f"{count} row{'' if count == 1 else 's'} from {arguments.offset} on"
    text += f"\n{shown}, of {page['total']}" if "total" in page else f"\n{shown}; how many there are was not counted"
    if "next_offset" in page:
        text += f"; for more pass offset={page['next_offset']}"
    if not page.pop("linked", False):
        return Answer(text + ".", page)
    link = link_to_dataframe(kernel, arguments.name)
    return Answer(f"{text}. All rows: {link.uri}", {**page, "link": link.uri}, [link])


def _describe(name: str, described: dict[str, Any]) -> str:
    """Write a description: a line about the frame, and a table with the figures that some column has."""
    columns: list[dict[str, Any]] = described["columns"]
    counted = described.get("rows")
    facts = [f"{'an unknown number of' if counted is None else counted} rows", f"{len(columns)} columns"]
    facts += [f"{described['size']} bytes"] if "size" in described else []
    facts += ["computed when read"] if described["lazy"] else []
    lines = [f"`{name}`: {', '.join(facts)}."]
    if "not_computed" in described:
        lines.append(described["not_computed"])
    if described["sampled"]:
        sampled = f"unique (at least) and top are of {described['sample']} sampled rows"
        lines.append(f"{sampled}; the rest is exact{_besides(columns)}.")
    heads = ["name", "dtype", *(key for key in _FIGURES if any(key in each for each in columns))]
    rows = [[_list_top(each.get(key)) if key == "top" else each.get(key) for key in heads] for each in columns]
    return "\n".join([*lines, render_table(["column", *heads[1:]], rows)])


_FIGURES = ("nulls", "unique", "min", "max", "top")


def _besides(columns: list[dict[str, Any]]) -> str:
    names = [each["name"] for each in columns if each.get("sampled")]
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f", except for columns of Python objects ({', '.join(names[:_NAMES_SHOWN])}{more})" if names else ""


def _list_top(top: list[Any] | None) -> str | None:
    """Write the most frequent values as `value (count)`."""
    return None if not top else ", ".join(f"{each['value']} ({each['count']})" for each in top)


DESCRIBE_DATAFRAME = Tool(
    name="describe_dataframe",
    title="Describe a dataframe",
    description=(
        "Rows, columns, types, nulls, distinct values, ranges and most frequent values of a dataframe in a kernel. "
        "Call it before read_dataframe. Works while the kernel runs a cell."
    ),
    scope="read",
    arguments=DescribeDataframe,
    result=Description,
    run=_describe_dataframe,
    annotations=_READ_ONLY,
)

READ_DATAFRAME = Tool(
    name="read_dataframe",
    title="Read rows of a dataframe",
    description=(
        "A page of a dataframe's rows, with chosen columns, conditions and order, over the whole frame. Reads pandas, "
        "Polars, PyArrow, DuckDB, Ibis, Dask, PySpark and Modin. Works while the kernel runs a cell."
    ),
    scope="read",
    arguments=ReadDataframe,
    result=Page,
    run=_read_dataframe,
    annotations=_READ_ONLY,
)

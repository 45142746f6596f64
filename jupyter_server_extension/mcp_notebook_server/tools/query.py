"""The tool that asks dataframes with SQL.

Knows how an answer is shown to a host, and its link. Refuses to know how SQL is run (`agent.worker`).
"""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from mcp_types import ToolAnnotations
from pydantic import Field
from typing_extensions import TypedDict

from mcp_notebook_server.addresses import link_to_query
from mcp_notebook_server.agent.worker import work_on_frames
from mcp_notebook_server.markdown import render_table
from mcp_notebook_server.tools.tool import Answer, Arguments, Context, Tool
from mcp_notebook_server.tools.variables import KernelArgument

__all__ = ["QUERY_DATAFRAME"]


class QueryDataframe(Arguments):
    """What to ask."""

    kernel: KernelArgument
    sql: Annotated[
        str,
        Field(description="One SELECT in DuckDB's SQL. Tables are the dataframes' variable names", max_length=20_000),
    ]
    limit: Annotated[int, Field(ge=1, le=1000, description="Rows at most")] = 100
    timeout: Annotated[float, Field(gt=0, le=60, description="Seconds")] = 10.0


class Selection(TypedDict):
    """What was selected."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool
    link: NotRequired[str]


async def _query_dataframe(context: Context, arguments: QueryDataframe) -> Answer:
    kernel = await context.kernels.get_id(arguments.kernel, context.token)
    job = {"sql": arguments.sql, "limit": arguments.limit}
    found, _ = await work_on_frames(context.agents, kernel, job, ("duckdb", "pyarrow"), seconds=arguments.timeout)
    rows = len(found["rows"])
    text = f"{render_table(found['columns'], found['rows'])}\n{rows} row{'' if rows == 1 else 's'}"
    if not found["truncated"]:
        return Answer(text + ".", found)
    link = link_to_query(kernel, arguments.sql)
    text += f"; there are more: narrow the query, raise `limit`, or read {link.uri}"
    return Answer(text, {**found, "link": link.uri}, [link])


QUERY_DATAFRAME = Tool(
    name="query_dataframe",
    title="Query dataframes with SQL",
    description=(
        "One SELECT over dataframes of a kernel, in DuckDB's SQL: `select city, avg(rain) from df group by city`. "
        "Joins several frames. In-memory frames only (pandas, Polars, PyArrow). Files, settings and other variables "
        "are out of reach. Works while the kernel runs a cell."
    ),
    scope="read",
    arguments=QueryDataframe,
    result=Selection,
    run=_query_dataframe,
    annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
)

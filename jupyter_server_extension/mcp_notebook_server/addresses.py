"""The addresses of our resources: how each is written, and taken apart.

Knows URIs. Refuses to know what is there (`resources`), so that tools can link to it.

A query's address is the query itself: nothing is kept for it anywhere, and reading it runs it again, on the frames as
they are then. It is in base64url, since SQL in a URI is percent signs for the most part.
"""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from mcp.shared.uri_template import UriTemplate
from mcp_types import ResourceLink

__all__ = [
    "CELL",
    "CELL_OUTPUT",
    "DATAFRAME",
    "FORMATS",
    "KERNEL",
    "MIME_TYPES",
    "NOTEBOOK",
    "OUTPUT",
    "QUERY",
    "VARIABLE",
    "Format",
    "find_sql",
    "link_to_dataframe",
    "link_to_query",
    "split_address",
]

Format = Literal["csv", "parquet", "arrow"]

FORMATS: tuple[Format, ...] = ("csv", "parquet", "arrow")

MIME_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.file",
}

KERNEL = UriTemplate.parse("jupyter://kernels/{kernel}")
VARIABLE = UriTemplate.parse("jupyter://kernels/{kernel}/variables/{name}")
DATAFRAME = UriTemplate.parse("jupyter://kernels/{kernel}/dataframes/{name}{?format,columns,offset,limit}")
OUTPUT = UriTemplate.parse("jupyter://executions/{execution}/outputs/{n}")
NOTEBOOK = UriTemplate.parse("jupyter://notebooks/{notebook}")
CELL = UriTemplate.parse("jupyter://notebooks/{notebook}/cells/{cell}")
CELL_OUTPUT = UriTemplate.parse("jupyter://notebooks/{notebook}/cells/{cell}/outputs/{n}")
QUERY = UriTemplate.parse("jupyter://kernels/{kernel}/queries/{query}{?format}")


def link_to_dataframe(kernel: str, name: str) -> ResourceLink:
    """Return the link to all rows of a frame, as CSV unless the reader adds another format.

    Args:
        kernel: its id.
        name: of the variable, or a path.
    """
    uri = DATAFRAME.expand({"kernel": kernel, "name": name, "format": "csv"})
    return ResourceLink(
        uri=uri,
        name=name,
        title=f"All rows of {name}",
        description="CSV; format=parquet or format=arrow instead gives those. columns, offset and limit give a part.",
        mime_type=MIME_TYPES["csv"],
    )


def link_to_query(kernel: str, sql: str) -> ResourceLink:
    """Return the link to all rows that a query selects, whenever it is read.

    Args:
        kernel: id.
        sql: of the host.
    """
    query = base64.urlsafe_b64encode(sql.encode()).decode().rstrip("=")
    return ResourceLink(
        uri=QUERY.expand({"kernel": kernel, "query": query, "format": "csv"}),
        name="query",
        title="All rows of the query",
        description="Runs the query again. CSV; format=parquet or format=arrow instead gives those.",
        mime_type=MIME_TYPES["csv"],
    )


def split_address(uri: str) -> dict[str, str | list[str]]:
    """Return the parts of a resource's address by name, a query as SQL; an address of none of ours is one part."""
    for template in (VARIABLE, DATAFRAME, QUERY, OUTPUT, KERNEL, NOTEBOOK, CELL, CELL_OUTPUT):
        found = template.match(uri)
        if found is not None:
            parts = dict(found)
            query = parts.pop("query", None)
            return parts if not isinstance(query, str) else {**parts, "sql": find_sql(query) or query}
    return {"uri": uri}


def find_sql(query: str) -> str | None:
    """Return the SQL that a query's address holds; None if it is no such address."""
    try:
        return base64.b64decode(query + "=" * (-len(query) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None

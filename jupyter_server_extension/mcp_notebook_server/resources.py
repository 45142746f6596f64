"""Resources hosts see: what a variable holds, under an address of its own.

Knows addresses. Refuses to know how a variable is read: the tool of the same purpose does it.

Nothing is listed, since variables come and go with every cell; the template says how to address one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp.shared.uri_template import UriTemplate
from mcp_types import ReadResourceResult, ResourceTemplate, TextResourceContents

from mcp_notebook_server.errors import UnknownResource
from mcp_notebook_server.tools.variables import INSPECT_VARIABLE

if TYPE_CHECKING:
    from mcp_notebook_server.tools.tool import Context

__all__ = ["TEMPLATES", "read_resource"]

_VARIABLE = UriTemplate.parse("jupyter://kernels/{kernel}/variables/{name}")

TEMPLATES = [
    ResourceTemplate(
        name="variable",
        title="A variable of a kernel",
        uri_template=str(_VARIABLE),
        description="What one variable holds, as inspect_variable shows it. `kernel` is an id or the beginning of one.",
        mime_type="text/plain",
    )
]


async def read_resource(context: Context, uri: str) -> ReadResourceResult:
    """Read the resource at `uri`.

    Raises:
        UnknownResource: if the address is none of ours.
        ServerError: if the variable cannot be read.
    """
    found = _VARIABLE.match(uri)
    if found is None:
        raise UnknownResource(uri, [template.uri_template for template in TEMPLATES])
    answer = await INSPECT_VARIABLE.call(context, {"kernel": found["kernel"], "path": found["name"]})
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type="text/plain", text=answer.text)])

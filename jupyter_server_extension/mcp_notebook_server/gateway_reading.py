"""Variables of kernels behind a gateway, read over their shell while it is idle: the last resort (DESIGN decision 4).

Knows that no socket of the agent reaches such a kernel, and that whatever is asked over the shell waits for the running
cell. Refuses to keep anybody waiting: a busy kernel is not read.
"""

from __future__ import annotations

import ast
import asyncio
import json
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.agent.bundle import READER, bundle_reader
from mcp_notebook_server.errors import KernelBusy, KernelUnreadable, ReadTimedOut
from mcp_notebook_server.execution.gateway import connect_there

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_over_gateway"]

_READINGS = ("list_variables", "inspect_variable", "describe_dataframe", "read_dataframe", "list_dataframes")

_LAST_WORD_SECONDS = 0.2
"""For which a kernel's word is awaited that it is idle again; it may be on its way."""


async def read_over_gateway(
    kernel_id: str,
    kernel: Any,
    op: str,
    arguments: Mapping[str, Any],
    timeout: float,  # noqa: ASYNC109  it travels into the kernel, too
) -> dict[str, Any]:
    """Ask a kernel what its agent would be asked, and return the whole answer.

    Args:
        kernel_id: Jupyter's.
        kernel: Jupyter's manager of it.
        op: a reading.
        arguments: of the operation.
        timeout: seconds.

    Raises:
        KernelUnreadable: that is not to be had over the shell.
        KernelBusy: it runs a cell.
        ReadTimedOut: no answer in time.
    """
    if op not in _READINGS:
        raise KernelUnreadable(kernel_id, "it does not run on this machine but behind a gateway")
    request = json.dumps({"op": op, "arguments": dict(arguments), "timeout": timeout})
    try:
        async with asyncio.timeout(timeout):
            await kernel.refresh_model()
            async with connect_there(kernel) as connection:
                if not await connection.is_free_within(_LAST_WORD_SECONDS):
                    raise KernelBusy(kernel_id)
                value = await connection.evaluate(bundle_reader(), f"{READER}({request!r})")
    except TimeoutError:
        raise ReadTimedOut(kernel_id, timeout) from None
    if value.get("status") != "ok":
        raise KernelUnreadable(kernel_id, f"it answered the reader's source with {value.get('ename', 'nothing')}")
    return json.loads(ast.literal_eval(value["data"]["text/plain"]))

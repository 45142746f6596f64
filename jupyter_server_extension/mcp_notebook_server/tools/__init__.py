"""The tools hosts see, one file per noun; all of them are listed from the start (many hosts ignore changes)."""

from typing import Any

from mcp_notebook_server.tools.cell_runs import RUN_CELL
from mcp_notebook_server.tools.cells import DELETE_CELL, EDIT_CELL, INSERT_CELL, MOVE_CELL, READ_CELL
from mcp_notebook_server.tools.dataframes import DESCRIBE_DATAFRAME, READ_DATAFRAME
from mcp_notebook_server.tools.execution import CANCEL_EXECUTION, EXECUTE_CODE, READ_EXECUTION
from mcp_notebook_server.tools.kernel_control import (
    INTERRUPT_KERNEL,
    LIST_KERNELSPECS,
    RESTART_KERNEL,
    SHUTDOWN_KERNEL,
    START_KERNEL,
)
from mcp_notebook_server.tools.kernels import LIST_KERNELS
from mcp_notebook_server.tools.notebooks import LIST_NOTEBOOKS, READ_NOTEBOOK, SEARCH_NOTEBOOKS
from mcp_notebook_server.tools.query import QUERY_DATAFRAME
from mcp_notebook_server.tools.tool import Tool
from mcp_notebook_server.tools.variables import INSPECT_VARIABLE, LIST_VARIABLES

__all__ = ["TOOLS"]

TOOLS: tuple[Tool[Any], ...] = (
    LIST_KERNELS,
    LIST_VARIABLES,
    INSPECT_VARIABLE,
    DESCRIBE_DATAFRAME,
    READ_DATAFRAME,
    QUERY_DATAFRAME,
    EXECUTE_CODE,
    READ_EXECUTION,
    CANCEL_EXECUTION,
    LIST_KERNELSPECS,
    START_KERNEL,
    INTERRUPT_KERNEL,
    RESTART_KERNEL,
    SHUTDOWN_KERNEL,
    LIST_NOTEBOOKS,
    READ_NOTEBOOK,
    SEARCH_NOTEBOOKS,
    READ_CELL,
    INSERT_CELL,
    EDIT_CELL,
    MOVE_CELL,
    DELETE_CELL,
    RUN_CELL,
)

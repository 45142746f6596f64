"""Code that hosts run in kernels, and what comes of it.

    executions     all runs by id; start, cancel, end those of a token; live ones for the page
    kernel_queue   one kernel: what waits, what runs
    connection     a warm connection: sends a request, hears the kernel (`channel`: a socket; `messages`: the wire;
                   `request`: until its end; `guard`: `_` and `Out`; `ending`: when the code has ended; `bookkeeping`:
                   Jupyter's own work on it)
    execution      one run: its state and its outputs (`outputs`, `texts`; `html` and `images` make them small)

A run leaves no trace in history, and counts as the kernel's activity, as a person's does.
"""

from mcp_notebook_server.execution.errors import UnknownExecution
from mcp_notebook_server.execution.execution import Execution, RunningCell, State
from mcp_notebook_server.execution.executions import KEPT_SECONDS, Executions
from mcp_notebook_server.execution.html import read_html
from mcp_notebook_server.execution.images import IMAGES, shrink
from mcp_notebook_server.execution.outputs import Output
from mcp_notebook_server.execution.texts import GrowingText, drop_colours, shorten_middle

__all__ = [
    "IMAGES",
    "KEPT_SECONDS",
    "Execution",
    "Executions",
    "GrowingText",
    "Output",
    "RunningCell",
    "State",
    "UnknownExecution",
    "drop_colours",
    "read_html",
    "shorten_middle",
    "shrink",
]

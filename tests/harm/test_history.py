"""What IPython remembers is what the person did, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.cells import run_cell
from support.reads import SETUP, read_all

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer
    from support.mcp import Host

CELLS = ("1 + 1", "x = 3", "x * 7", "1 / 0", "_")
REMEMBERED = """
import json as _json
print(_json.dumps([In, {k: repr(v) for k, v in Out.items()}, repr(_), repr(__), repr(___),
                   get_ipython().execution_count, sorted(globals())]))
get_ipython().run_line_magic("history", "-n")
"""


def test_history_and_last_results_are_as_on_a_kernel_that_nobody_reads(
    jupyter_server: JupyterServer,
    kernel_client: BlockingKernelClient,
    kernel_name: str,
    kernel_id: str,
    host: Host,
) -> None:
    never_read = jupyter_server.start_kernel(kernel_name)
    with jupyter_server.client(never_read) as alone:
        expected = run_and_recall(alone)
    jupyter_server.api("DELETE", f"/api/kernels/{never_read}")
    assert run_and_recall(kernel_client, host, kernel_id) == expected


def run_and_recall(client: BlockingKernelClient, host: Host | None = None, kernel_id: str = "") -> list[object]:
    seen: list[object] = []
    for code in (SETUP, *CELLS):
        cell = run_cell(client, code)
        seen += [cell.reply["status"], cell.reply["execution_count"]]
        if host is not None:
            assert len(list(read_all(host, kernel_id, 10))) == 10
    return [*seen, run_cell(client, REMEMBERED).text]

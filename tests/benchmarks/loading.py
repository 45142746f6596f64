"""How long `%load_ext mcp_notebook` takes in a kernel that has already run a cell."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks.figure import Figure
from support.cells import run_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer

KERNELS = 7
MOST_MILLISECONDS = 60.0

LOAD = """
import sys, time, types
sys.modules["empty_extension"] = types.ModuleType("empty_extension")
sys.modules["empty_extension"].load_ipython_extension = lambda ipython: None
def milliseconds(extension):
    start = time.perf_counter()
    get_ipython().run_line_magic("load_ext", extension)
    return 1000 * (time.perf_counter() - start)
print(milliseconds("empty_extension"), milliseconds("mcp_notebook"))
"""
"""The floor is an extension that does nothing."""


def measure_loading(server: JupyterServer) -> Iterator[Figure]:
    took = [_load(server) for _ in range(KERNELS)]
    floor, value = (median(times) for times in zip(*took, strict=True))
    met = value <= MOST_MILLISECONDS
    yield Figure("%load_ext mcp_notebook", value, "ms", floor, f"<= {MOST_MILLISECONDS:g} ms", met=met)


def _load(server: JupyterServer) -> list[float]:
    kernel_id = server.start_kernel()
    with server.client(kernel_id) as client:
        run_cell(client, "1")
        cell = run_cell(client, LOAD)
    server.api("DELETE", f"/api/kernels/{kernel_id}")
    if cell.reply["status"] != "ok":
        raise RuntimeError("\n".join(cell.reply["traceback"]))
    return [float(word) for word in cell.text.split()]

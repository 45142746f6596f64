"""A kernel that forks, is reset, restarts or is killed: reads go on, or say clearly why not."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil

from support.cells import run_cell
from support.mcp import text_of
from support.reads import SETUP, read_all
from support.waiting import wait_until

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer
    from support.mcp import Host

FORK = "import os, signal; child = os.fork() or signal.pause(); print(child)"
"""A cell whose child lives on, with every descriptor that the kernel has."""

POOL = """
import multiprocessing
def double(x): return 2 * x
with multiprocessing.get_context("fork").Pool(2) as pool: print(pool.map(double, range(3)))
"""


def pid_of(client: BlockingKernelClient) -> int:
    return int(run_cell(client, "import os; print(os.getpid())").text)


def check_readable(host: Host, kernel_id: str) -> None:
    assert len(list(read_all(host, kernel_id))) > 0


def test_reads_go_on_beside_a_forked_child(kernel_client: BlockingKernelClient, read_kernel: str, host: Host) -> None:
    child = int(run_cell(kernel_client, FORK).text)
    check_readable(host, read_kernel)
    os.kill(child, signal.SIGKILL)
    check_readable(host, read_kernel)


def test_kernel_that_forked_before_it_was_read_can_be_read(
    kernel_client: BlockingKernelClient, kernel_id: str, host: Host
) -> None:
    run_cell(kernel_client, FORK)
    run_cell(kernel_client, SETUP)
    check_readable(host, kernel_id)


def test_pool_of_forked_workers_works_in_a_read_kernel(
    kernel_client: BlockingKernelClient, read_kernel: str, host: Host
) -> None:
    assert run_cell(kernel_client, POOL).text == "[0, 2, 4]\n"
    check_readable(host, read_kernel)


def test_reads_go_on_after_a_reset(kernel_client: BlockingKernelClient, read_kernel: str, host: Host) -> None:
    assert run_cell(kernel_client, "%reset -f").reply["status"] == "ok"
    assert host.call("inspect_variable", kernel=read_kernel, path="weights").is_error
    assert host.read("list_variables", kernel=read_kernel)["variables"] == []
    run_cell(kernel_client, SETUP)
    check_readable(host, read_kernel)


def test_restarted_kernel_is_read_anew(
    jupyter_server: JupyterServer, kernel_client: BlockingKernelClient, read_kernel: str, host: Host
) -> None:
    before = pid_of(kernel_client)
    jupyter_server.api("POST", f"/api/kernels/{read_kernel}/restart")
    kernel_client.wait_for_ready(timeout=60)
    assert pid_of(kernel_client) != before
    assert "weights" in text_of(host.call("inspect_variable", kernel=read_kernel, path="weights"))
    run_cell(kernel_client, SETUP)
    check_readable(host, read_kernel)


def test_killed_kernel_with_a_living_child_is_reported_and_then_read_anew(
    jupyter_server: JupyterServer, kernel_client: BlockingKernelClient, read_kernel: str, host: Host
) -> None:
    child = int(run_cell(kernel_client, FORK).text)
    killed = pid_of(kernel_client)
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: psutil.Process(killed).status() == psutil.STATUS_ZOMBIE, "the kernel's end", seconds=5)
    answer = host.call("inspect_variable", kernel=read_kernel, path="weights")
    assert answer.is_error
    assert read_kernel in text_of(answer)
    assert psutil.pid_exists(child)
    wait_until(lambda: find_new_pid(jupyter_server, read_kernel, killed), "Jupyter to restart the kernel")
    kernel_client.wait_for_ready(timeout=60)
    run_cell(kernel_client, SETUP)
    check_readable(host, read_kernel)


def find_new_pid(server: JupyterServer, kernel_id: str, old: int) -> int | None:
    """Process id of the kernel that took the place of `old`, from the Jupyter server's children."""
    for process in psutil.Process(server.pid).children():
        if process.pid != old and any(kernel_id in word for word in process.cmdline()):
            return process.pid
    return None

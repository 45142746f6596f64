"""The test bed itself: what it promises, other tests lean on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from support.cells import run_cell, start_cell
from support.jupyter import JupyterServer
from support.kernelspecs import IPYKERNEL_6
from support.processes import processes_with

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient


def test_each_kernel_runs_the_ipykernel_line_that_its_name_says(
    kernel_client: BlockingKernelClient, kernel_name: str
) -> None:
    version = run_cell(kernel_client, "import ipykernel; print(ipykernel.__version__)").text
    assert version.startswith("6.31.") == (kernel_name == IPYKERNEL_6)


def test_nothing_of_pytest_reaches_a_kernel(kernel_client: BlockingKernelClient) -> None:
    assert run_cell(kernel_client, "import os; print([k for k in os.environ if 'PYTEST' in k])").text == "[]\n"


def test_no_process_and_no_file_outlives_a_server() -> None:
    with JupyterServer() as server, server.client(server.start_kernel()) as client:
        forked = int(run_cell(client, "import os, signal; pid = os.fork() or signal.pause(); print(pid)").text)
        start_cell(client, "import time; time.sleep(600)")
        runtime = str(server.runtime_directory)
        assert len(list(processes_with("JUPYTER_RUNTIME_DIR", runtime))) == 3
        server.kill()
    assert not psutil.pid_exists(forked)
    assert not list(processes_with("JUPYTER_RUNTIME_DIR", runtime))
    assert not server.directory.exists()

"""What a host sees when a kernel or the Jupyter server dies in the middle of its call: an end, soon, with a reason."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mcp_notebook
from support.cells import run_cell
from support.echo import make_echo_server
from support.mcp import MODES, connect, text_of
from support.reads import SETUP
from support.waiting import wait_until

if TYPE_CHECKING:
    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer

SOON = 2.0
"""Seconds within which a call must end."""

FORK = "import os, signal; child = os.fork() or signal.pause()"
"""A cell whose child lives on, with every descriptor that the kernel has."""


def stop(pid: int) -> None:
    """Stop a process, and wait until each of its threads has stopped: one may be at work when the signal comes."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{pid}/task")
    wait_until(lambda: all((each / "stat").read_text().rpartition(") ")[2][0] == "T" for each in tasks.iterdir()), "it")


forks = pytest.mark.parametrize("before", ["", FORK], ids=["alone", "forked"])


@pytest.mark.parametrize("mode", MODES)
@forks
def test_killed_kernel_ends_the_call(
    jupyter_server: JupyterServer,
    host_token: str,
    kernel_client: BlockingKernelClient,
    kernel_id: str,
    before: str,
    mode: str,
) -> None:
    pid = int(run_cell(kernel_client, f"{SETUP}\n{before}\nimport os; print(os.getpid())").text)
    arguments = {"kernel": kernel_id, "path": "weights"}
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        host.read("inspect_variable", **arguments)
        stop(pid)  # so that the call is on its way when the kernel dies
        call = host.portal.start_task_soon(host.client.call_tool, "inspect_variable", arguments)
        host.portal.call(host.client.list_tools)  # answered after the call has come in
        assert not call.done()
        os.kill(pid, signal.SIGKILL)
        answer = call.result(SOON)
        assert answer.is_error
        assert kernel_id in text_of(answer)
    with connect(jupyter_server.mcp_url, host_token, mode=mode) as host:
        assert host.read("list_kernels")["kernels"]


@pytest.mark.parametrize("era", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("before", "fork"), [("", False), (FORK, False), ("", True)], ids=["alone", "kernel", "server"]
)
def test_killed_jupyter_server_ends_the_call_and_the_next_connects(before: str, fork: bool, era: str) -> None:
    """Also one of whose kernels has forked, and one that has forked itself."""
    with make_echo_server() as server, ThreadPoolExecutor(1) as caller:
        with server.client(server.start_kernel()) as client:
            assert run_cell(client, before or "0").reply["status"] == "ok"
        session = connect_notebook(server, era)
        begun = threading.Event()
        call = caller.submit(session.call, "hold", fork=fork, on_progress=lambda *_: begun.set())
        assert begun.wait(10)
        killed = time.monotonic()
        server.kill()
        with pytest.raises(mcp_notebook.HostError):
            call.result(SOON)
        assert time.monotonic() - killed < SOON
    with make_echo_server() as server:
        session = connect_notebook(server, era)
        assert session.call("echo", text="again").structured == {"text": "again"}
        session.close()


def connect_notebook(server: JupyterServer, era: str) -> mcp_notebook.Session:
    headers = {"Authorization": f"Bearer {server.host_token('notebook', '--read')}"}
    return mcp_notebook.connect("echo", f"{server.url}/echo", headers=headers, era=era)

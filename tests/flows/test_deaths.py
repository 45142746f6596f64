"""What a host sees when a kernel or the Jupyter server dies in the middle of its call: an end, soon, with a reason."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

import mcp_notebook
from support.cells import run_cell
from support.echo import make_echo_server
from support.mcp import MODES, connect, text_of
from support.publisher import RawHost, publisher_on
from support.reads import SETUP
from support.waiting import wait_until

if TYPE_CHECKING:
    import httpx
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


@pytest.fixture(scope="module")
def customer_token(jupyter_server: JupyterServer) -> str:
    """A token for the published server "end"."""
    return jupyter_server.host_token("customer", "--published", "end")


def test_a_kernel_that_is_restarted_or_dies_leaves_a_sentence(
    jupyter_server: JupyterServer, customer_token: str
) -> None:
    publish = "def end() -> int: return 1\n%load_ext mcp_notebook\n%mcp publish end"
    with publisher_on(jupyter_server) as publisher, RawHost(publisher.url("end"), customer_token) as host:
        publisher.run(publish)
        assert host.call("end").status_code == 200
        jupyter_server.api("POST", f"/api/kernels/{publisher.kernel_id}/restart")
        restarted = wait_until(lambda: find_failure(host), "hosts to be told")
        publisher.client.wait_for_ready(timeout=60)
        publisher.run(publish)
        assert host.call("end").status_code == 200
        psutil.Process(publisher.value_of("__import__('os').getpid()")).kill()
        died = wait_until(lambda: find_failure(host), "hosts to be told")
    assert (restarted.status_code, died.status_code) == (502, 502)
    assert "was restarted" in died.json()["error"]["message"]


def test_a_forked_child_does_not_answer_for_a_kernel_that_died(
    jupyter_server: JupyterServer, customer_token: str
) -> None:
    with publisher_on(jupyter_server) as publisher, RawHost(publisher.url("end"), customer_token) as host:
        publisher.run("def end() -> int: return 1\n%mcp publish end")
        publisher.run(FORK)
        child = psutil.Process(publisher.value_of("child"))
        try:
            assert host.call("end").status_code == 200
            psutil.Process(publisher.value_of("__import__('os').getpid()")).kill()
            assert wait_until(lambda: find_failure(host), "hosts to be told").status_code == 502
        finally:
            child.kill()


def find_failure(host: RawHost) -> httpx.Response | None:
    """An answer after the one to a call that was under way."""
    answer = host.call("end")
    return answer if answer.status_code != 200 and "%mcp publish" in answer.text else None

"""Servers to connect to, and kernels to connect from."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from jupyter_client.manager import KernelManager

from mcp_notebook.config import HTTPServer, StdioServer
from mcp_notebook.host import get_host
from support.cells import FinishedCell, run_cell
from support.kernelspecs import IPYKERNEL_6, LINES, _get_ipykernel_6
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from mcp_notebook.session import Session

WORKSHOP = Path(__file__).with_name("workshop_server.py")


@pytest.fixture(params=["legacy", "auto"])
def era(request: pytest.FixtureRequest) -> Any:
    """Each protocol era in turn: the workshop speaks both, so "auto" is the modern one."""
    return request.param


@pytest.fixture
def directory() -> Iterator[Path]:
    """A short private directory, where the workshop says what it does."""
    with tempfile.TemporaryDirectory(prefix="mn") as name:
        yield Path(name)


@pytest.fixture
def workshop_command(directory: Path) -> list[str]:
    """The command that starts the workshop over stdio."""
    return [sys.executable, str(WORKSHOP), "stdio", str(directory)]


@pytest.fixture
def workshop_process(directory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The workshop over HTTP; its URL is in the directory's file "url"."""
    process = subprocess.Popen([sys.executable, str(WORKSHOP), "http", str(directory)])
    try:
        wait_until((directory / "url").exists, "the workshop's port")
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def workshop_url(workshop_process: subprocess.Popen[bytes], directory: Path) -> str:
    """The URL of the workshop over HTTP."""
    assert workshop_process.poll() is None
    return (directory / "url").read_text()


@pytest.fixture(params=["stdio", "http"])
def workshop(request: pytest.FixtureRequest, connect: Callable[..., Session], era: Any) -> Session:
    """A session with the workshop, over each transport, in each era."""
    if request.param == "stdio":
        command = request.getfixturevalue("workshop_command")
        return connect("workshop", StdioServer(command[0], tuple(command[1:]), era=era))
    return connect("workshop", HTTPServer(request.getfixturevalue("workshop_url"), era=era))


@pytest.fixture
def connect() -> Iterator[Callable[..., Session]]:
    """`Host.connect` of this process; closes all sessions afterwards."""
    yield get_host().connect
    get_host().close()


class Notebook:
    """A kernel with directories of its own, and a front end's client of it.

    Args:
        line: which ipykernel, see support.kernelspecs.
        directory: for everything that Jupyter and IPython write.
    """

    def __init__(self, line: str, directory: Path) -> None:
        foreign = ("JUPYTER", "IPYTHON", "PYTEST", "PYTHONPATH")  # a kernel behaves differently under pytest
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        self.environment |= {"HOME": str(directory), "IPYTHONDIR": str(directory / "ipython")}
        if line == IPYKERNEL_6:
            self.environment["PYTHONPATH"] = str(_get_ipykernel_6())
        self.manager = KernelManager(connection_file=str(directory / "kernel.json"))
        self.manager.start_kernel(env=self.environment)
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> FinishedCell:
        """Run a cell to its end."""
        return run_cell(self.client, code)

    def run_well(self, code: str) -> FinishedCell:
        """Run a cell that must succeed."""
        cell = self.run(code)
        assert cell.reply["status"] == "ok", cell.reply
        return cell

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self.manager.provisioner.pid)  # pyright: ignore[reportOptionalMemberAccess]

    def close(self) -> None:
        self.client.stop_channels()
        children = self.process.children(recursive=True) if self.manager.is_alive() else []
        self.manager.shutdown_kernel(now=True)
        psutil.wait_procs(children, timeout=10)


@pytest.fixture(params=LINES)
def notebook(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Notebook]:
    """A fresh kernel on each line of ipykernel, with the extension loaded."""
    notebook = Notebook(request.param, tmp_path)
    try:
        notebook.run_well("%load_ext mcp_notebook")
        yield notebook
    finally:
        notebook.close()

"""A kernel of its own, without a Jupyter server, for what a person does in a notebook with the magics."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

import psutil
from jupyter_client.manager import KernelManager

from support.cells import run_cell
from support.kernelspecs import NEWEST, get_ipykernel
from support.recording import python_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.cells import FinishedCell


TRIES = 3


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
        self.environment |= python_path(None if line == NEWEST else get_ipykernel(line))
        self.manager, self.client = self._start(directory, TRIES)

    def _start(self, directory: Path, tries: int) -> tuple[KernelManager, BlockingKernelClient]:
        """Start the kernel; again if it dies at once: its ports are chosen before it takes them, and may be gone."""
        file = directory / "kernel.json"
        file.unlink(missing_ok=True)
        manager = KernelManager(connection_file=str(file))
        manager.start_kernel(env=self.environment)
        client = manager.blocking_client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=60)
        except RuntimeError:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            if tries <= 1:
                raise
            return self._start(directory, tries - 1)
        return manager, client

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


@contextlib.contextmanager
def notebook_with_extension(line: str, directory: Path) -> Iterator[Notebook]:
    """A kernel in which `%load_ext mcp_notebook` has run; ended afterwards with all that it started."""
    notebook = Notebook(line, directory)
    try:
        notebook.run_well("%load_ext mcp_notebook")
        yield notebook
    finally:
        notebook.close()

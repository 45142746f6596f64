"""The official suite, with all of its fixtures, against a server that a notebook publishes from its kernel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from support.cells import run_cell, start_cell
from support.jupyter import JupyterServer
from support.suite import check_passed, run_suite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

pytestmark = pytest.mark.alone  # the suite waits half a second for an answer, and for a change 1.5


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer() as server:
        yield server


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("suite", "--published", "fixtures")


@pytest.fixture(scope="module")
def client(server: JupyterServer) -> Iterator[BlockingKernelClient]:
    """A front end that has run the notebook with the fixtures."""
    notebook = nbformat.read(Path(__file__).with_name("fixtures.ipynb"), as_version=4)
    with server.client(server.start_kernel()) as client:
        for cell in notebook.cells:
            if cell.cell_type == "code":
                done = run_cell(client, cell.source)
                assert done.reply["status"] == "ok", "\n".join(done.reply["traceback"])
        yield client


def test_every_check_passes(server: JupyterServer, token: str, client: BlockingKernelClient, tmp_path: Path) -> None:
    assert client.is_alive()
    check_every_version(server, token, tmp_path)


def test_every_check_passes_while_the_kernels_main_shell_sleeps(
    server: JupyterServer, token: str, client: BlockingKernelClient, tmp_path: Path
) -> None:
    start_cell(client, "import time; time.sleep(3600)")  # it ends with its kernel
    check_every_version(server, token, tmp_path)
    assert not client.shell_channel.msg_ready()  # it sleeps still


def check_every_version(server: JupyterServer, token: str, directory: Path) -> None:
    for version, done in run_suite(f"{server.mcp_url}/published/fixtures", token, directory).items():
        check_passed(done, version)

"""The official suite, with all of its fixtures, against a server that a notebook publishes from its kernel."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from support.cells import run_cell, start_cell
from support.jupyter import JupyterServer
from support.node import node_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

CHECKS = {"2025-03-26": 3, "2025-06-18": 56, "2025-11-25": 84, "2026-07-28": 152}


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    """The suite cannot send a token, so this endpoint asks for none."""
    with JupyterServer("--MCPNotebookApp.allow_open=True") as server:
        yield server


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


@pytest.mark.parametrize("version", CHECKS)
def test_every_check_passes(server: JupyterServer, client: BlockingKernelClient, version: str, tmp_path: Path) -> None:
    assert client.is_alive()
    check(server, version, tmp_path)


def test_every_check_passes_while_the_kernels_main_shell_sleeps(
    server: JupyterServer, client: BlockingKernelClient, tmp_path: Path
) -> None:
    start_cell(client, "import time; time.sleep(3600)")  # it ends with its kernel
    for version in CHECKS:
        check(server, version, tmp_path / version)
    assert not client.shell_channel.msg_ready()  # it sleeps still


def check(server: JupyterServer, version: str, directory: Path) -> None:
    url = f"{server.mcp_url}/published/fixtures"
    command = [*node_command("@modelcontextprotocol/conformance"), "server", "--url", url]
    command += ["--suite", "all", "--spec-version", version, "-o", str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    summary = done.stdout[done.stdout.find("=== SUMMARY ===") :]
    print(summary)  # noqa: T201  make conformance shows it
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert f"Total: {CHECKS[version]} passed, 0 failed" in summary

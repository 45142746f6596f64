"""A kernel that a person works in, and a host that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.cells import run_cell
from support.mcp import connect
from support.reads import SETUP, read_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_client.blocking.client import BlockingKernelClient

    from support.jupyter import JupyterServer
    from support.mcp import Host


@pytest.fixture(scope="module")
def host(jupyter_server: JupyterServer, host_token: str) -> Iterator[Host]:
    """A host that may read every kernel."""
    with connect(jupyter_server.mcp_url, host_token) as host:
        yield host


@pytest.fixture
def read_kernel(kernel_client: BlockingKernelClient, kernel_id: str, host: Host) -> str:
    """The kernel's id, after the person has made some variables and the host has read them once."""
    assert run_cell(kernel_client, SETUP).reply["status"] == "ok"
    list(read_all(host, kernel_id))
    return kernel_id

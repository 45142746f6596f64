"""Fixtures that every kind of test may use; what they are made of is in `support`."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

from support.cells import Gate
from support.jupyter import JupyterServer
from support.kernelspecs import LINES, add_kernelspecs
from support.recording import every_message_fits_its_schema, start_recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_client.blocking.client import BlockingKernelClient


# Generated examples are the same in every run; neither a slow machine nor the search for the smallest example makes a
# test fail or take minutes. To have that search, add --hypothesis-profile=default.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

start_recording()  # now: other conftests may import the package


__all__ = ["every_message_fits_its_schema"]  # a fixture


def pytest_configure() -> None:
    """Let tests that interrupt do so: a shell that starts pytest in the background has it ignore the signal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def jupyter_server() -> Iterator[JupyterServer]:
    """One Jupyter server for the tests of a module; no longer, so that others can look for processes left behind."""
    with JupyterServer() as server:
        add_kernelspecs(server.data_directory)
        yield server


@pytest.fixture(scope="module")
def host_token(jupyter_server: JupyterServer) -> str:
    """A token of `jupyter_server` that may read."""
    return jupyter_server.host_token("reader", "--read")


@pytest.fixture(params=LINES)
def kernel_name(request: pytest.FixtureRequest) -> str:
    """Each line of ipykernel in turn."""
    return request.param


@pytest.fixture
def kernel_id(jupyter_server: JupyterServer, kernel_name: str) -> Iterator[str]:
    """A fresh kernel on `jupyter_server`, on each line of ipykernel."""
    kernel_id = jupyter_server.start_kernel(kernel_name)
    yield kernel_id
    if any(kernel["id"] == kernel_id for kernel in jupyter_server.api("GET", "/api/kernels")):
        jupyter_server.api("DELETE", f"/api/kernels/{kernel_id}")


@pytest.fixture
def kernel_client(jupyter_server: JupyterServer, kernel_id: str) -> Iterator[BlockingKernelClient]:
    """A front end's client of that kernel."""
    with jupyter_server.client(kernel_id) as client:
        yield client


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    """A gate for one cell."""
    return Gate(tmp_path)

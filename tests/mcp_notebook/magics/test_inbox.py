"""`%mcp inbox` finds the page from a notebook's kernel, and says its address elsewhere; tests/browser looks at it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from support.cells import finish_cell, start_cell
from support.jupyter import JupyterServer
from support.paths import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CELL = "%load_ext mcp_notebook\n%mcp inbox"


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--ServerApp.base_url=/user/jo's/") as server:
        yield server


def run_in_terminal(environment: Mapping[str, str]) -> str:
    command = [str(SCRIPTS / "ipython"), "--colors=NoColor", "-c", CELL]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ran.stdout + ran.stderr


def test_a_kernel_of_jupyters_frames_the_page_of_that_jupyter(server: JupyterServer) -> None:
    with server.client(server.start_kernel()) as client:
        cell = finish_cell(client, start_cell(client, CELL))
    (result,) = cell.of_type("execute_result")
    data = result["data"]
    assert data["text/plain"] == f"The page on which you answer hosts: {server.url}/mcp-notebook/"
    assert '<iframe src="/user/jo%27s/mcp-notebook/"' in data["text/html"].replace("&#x27;", "%27")
    assert server.token not in str(data)


def test_a_terminal_is_told_the_address(server: JupyterServer) -> None:
    said = run_in_terminal(server.environment)
    assert said.strip().endswith(f"The page on which you answer hosts: {server.url}/mcp-notebook/")


def test_without_a_jupyter_server_it_says_what_to_do(server: JupyterServer, tmp_path: object) -> None:
    said = run_in_terminal({**server.environment, "JUPYTER_RUNTIME_DIR": str(tmp_path)})
    assert "No Jupyter server runs here, so there is no page to show. Start one" in said
    assert "Traceback" not in said

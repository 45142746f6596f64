"""The official conformance suite against the product's own endpoint, every check of every version of the specification.

What the suite wants a server to have stands beside the product's own (`support.fixtures_extension`), behind the same
door: every request of the suite carries a host token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.jupyter import JupyterServer
from support.paths import CHECKOUT
from support.suite import CHECKS, check_passed, run_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from subprocess import CompletedProcess

pytestmark = pytest.mark.alone  # the suite waits half a second for an answer, and for a change 1.5


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    enable = "--ServerApp.jpserver_extensions=support.fixtures_extension=True"
    with JupyterServer(enable, environment={"PYTHONPATH": str(CHECKOUT / "tests")}) as server:
        yield server


@pytest.fixture(scope="module")
def runs(server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CompletedProcess[str]]:
    return run_suite(server.mcp_url, server.host_token("suite", "--read"), tmp_path_factory.mktemp("suite"))


@pytest.mark.parametrize("version", CHECKS)
def test_every_check_passes(runs: dict[str, CompletedProcess[str]], version: str) -> None:
    check_passed(runs[version], version)

"""The official suite's scenarios about tasks, an extension that it does not score.

All of them against a server on the SDK's extension points, published from a kernel; and those that fit against the
product's own endpoint, whose tasks are runs of code.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from support.cells import run_cell
from support.jupyter import JupyterServer
from support.paths import CHECKOUT
from support.suite import run_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Statuses = dict[str, dict[str, str]]
"""Of each check of each scenario."""

SERVER = CHECKOUT / "tests" / "mcp_notebook" / "tasks_server.py"

PASSED = {
    "tasks-lifecycle": 9,
    "tasks-capability-negotiation": 5,
    "tasks-wire-fields": 4,
    "tasks-request-state-removal": 3,
    "tasks-request-headers": 5,
    "tasks-dispatch-and-envelope": 9,
    "tasks-mrtr-input": 4,
    "tasks-required-task-error": 3,
    "tasks-mrtr-composition": 2,
}
"""Scenarios, and how many checks each has; tasks-status-notifications has none yet."""

NOT_OURS = {
    # Its tasks ask nothing: the person was asked before the code was run.
    "tasks-result-type-complete-on-non-task-responses",
    "sep-2663-tasks-get-status-input-required",
    "tasks-mrtr-tasks-update-resumes",
    "tasks-mrtr-partial-fulfillment",
    "sep-2663-mrtr-synchronous-before-task-creation",
    # No tool of it insists on a task.
    "sep-2663-server-returns-missing-capability-when-required",
}
"""Checks that look for what the product's own server does not do."""


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    enable = "--ServerApp.jpserver_extensions=support.tasks_extension=True"
    with JupyterServer(enable, environment={"PYTHONPATH": str(CHECKOUT / "tests")}) as server:
        yield server


@pytest.fixture(scope="module")
def runs(server: JupyterServer, tmp_path_factory: pytest.TempPathFactory) -> tuple[Statuses, Statuses]:
    """What the suite says of a published server and of the product's own, side by side: it mostly waits."""
    directory = tmp_path_factory.mktemp("suite")
    lines = [
        "%load_ext mcp_notebook",
        f"import runpy, sys; sys.argv = ['', {str(directory)!r}]",
        f"baker = runpy.run_path({str(SERVER)!r})['server']",
        "%mcp publish baker --name baker",
    ]
    token = server.host_token("suite", "--read")
    published = server.host_token("publishes", "--published", "baker")
    with server.client(server.start_kernel()) as client, ThreadPoolExecutor(2) as pool:
        done = run_cell(client, "\n".join(lines))
        assert done.reply["status"] == "ok", done.reply
        at_published = pool.submit(run_tasks, f"{server.mcp_url}/published/baker", published, directory / "published")
        own = run_tasks(server.mcp_url, token, directory / "own")
        return at_published.result(), own


def run_tasks(url: str, token: str, directory: Path) -> Statuses:
    """Run the suite's scenarios about tasks, and return the status of each check of each scenario."""
    # the one that has them, whatever else it has
    done = run_program(url, token, directory, "--suite", "pending")
    print(done.stdout[done.stdout.find("=== SUMMARY ===") :])  # noqa: T201  make conformance shows it
    statuses: Statuses = {}
    for file in directory.rglob("checks.json"):
        scenario = next((name for name in PASSED if f"server-{name}-20" in str(file)), None)
        if scenario is not None:
            statuses[scenario] = {check["id"]: check["status"] for check in json.loads(file.read_text())}
    return statuses


def test_every_check_passes_at_a_published_server(runs: tuple[Statuses, Statuses]) -> None:
    statuses, _ = runs
    assert {name: len(checks) for name, checks in statuses.items()} == PASSED
    assert {status for checks in statuses.values() for status in checks.values()} == {"SUCCESS"}


def test_every_check_that_fits_passes_at_the_products_own(runs: tuple[Statuses, Statuses]) -> None:
    _, statuses = runs
    failed = {check for checks in statuses.values() for check, status in checks.items() if status != "SUCCESS"}
    assert statuses.keys() == PASSED.keys()
    assert failed == NOT_OURS

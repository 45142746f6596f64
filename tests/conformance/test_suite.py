"""The official conformance suite against the product's endpoint, at every version of the specification."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.jupyter import JupyterServer
from support.node import node_command

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSIONS = ("2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")


@pytest.fixture(scope="module")
def open_server() -> Iterator[JupyterServer]:
    """The suite cannot send a token, so this endpoint asks for none."""
    with JupyterServer("--MCPNotebookApp.allow_open=True") as server:
        yield server


@pytest.mark.parametrize("version", VERSIONS)
def test_every_scenario_that_needs_no_fixture_passes(open_server: JupyterServer, version: str, tmp_path: Path) -> None:
    known = Path(__file__).with_name("needs_fixture.yml")
    command = [*node_command("@modelcontextprotocol/conformance"), "server", "--url", open_server.mcp_url]
    command += ["--suite", "all", "--spec-version", version, "--expected-failures", str(known), "-o", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    summary = done.stdout[done.stdout.find("=== SUMMARY ===") :]
    print(summary)  # noqa: T201  make conformance shows it
    assert done.returncode == 0, summary + done.stderr

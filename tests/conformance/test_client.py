"""The official conformance suite asks this package's client, through its own door: every scored check of both eras.

The suite starts one client for each scenario, all at once; see `warm_client` for how they start quickly enough.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.node import node_command

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
WARM = str(HERE / "warm_client.py")


@pytest.fixture(scope="module")
def client_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    socket = str(tmp_path_factory.mktemp("warm") / "socket")
    if len(socket) > 90:  # Unix sockets have short names
        socket = f"/tmp/mcp-notebook-{os.getpid()}.sock"  # noqa: S108  as the kernels' sockets do
    serve = [sys.executable, WARM, "serve", socket, str(HERE / "suite_client.py")]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as warm:
        assert warm.stdout is not None
        assert warm.stdout.readline() == "ready\n"
        yield shlex.join([sys.executable, "-I", "-S", WARM, "run", socket])
        warm.terminate()
    Path(socket).unlink()


@pytest.mark.parametrize(("version", "scenarios"), [("2025-11-25", 19), ("2026-07-28", 33)])
def test_every_scored_check_passes(client_command: str, version: str, scenarios: int, tmp_path: Path) -> None:
    command = [*node_command("@modelcontextprotocol/conformance"), "client", "--suite", "all"]
    command += ["--command", client_command, "--spec-version", version, "--timeout", "100000", "-o", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=115, check=False)
    summary = done.stdout[done.stdout.find("=== SUITE SUMMARY ===") :]
    print(summary)  # noqa: T201  make conformance shows it
    assert done.returncode == 0, summary + done.stderr
    assert re.search(r"Total: \d+ passed, 0 failed, 0 warnings", summary), summary
    assert summary.count("✓") == scenarios

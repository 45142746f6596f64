"""The official conformance suite asks this package's client, which answers through the gate from a recording.

The suite has one such scenario in each era, both about elicitation. It has none about sampling, which is tested under
a recording in tests/mcp_notebook/approval/test_replay.py.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.node import node_command

CLIENT = Path(__file__).with_name("asked_client.py")


@pytest.mark.parametrize(
    ("scenario", "version", "checks", "asked"),
    [
        ("elicitation-sep1034-client-defaults", "2025-11-25", 5, 1),
        ("sep-2322-client-request-state", "2026-07-28", 5, 2),
    ],
)
def test_what_the_suite_asks_is_answered_from_a_recording(
    scenario: str, version: str, checks: int, asked: int, tmp_path: Path
) -> None:
    command = [*node_command("@modelcontextprotocol/conformance"), "client", "--scenario", scenario]
    command += ["--command", shlex.join([sys.executable, str(CLIENT)]), "--spec-version", version]
    command += ["--timeout", "100000", "-o", str(tmp_path)]
    environment = {**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False, env=environment)
    print(done.stdout[done.stdout.find("Test Results:") :])  # noqa: T201  make conformance shows it
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Passed: {checks}/{checks}, 0 failed, 0 warnings" in done.stdout + done.stderr
    [said] = tmp_path.rglob("stdout.txt")
    assert said.read_text().count("elicitation accept the recording answers.json") == asked

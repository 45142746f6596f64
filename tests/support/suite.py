"""The official conformance suite against one endpoint: every check of every version of the specification.

Knows how the suite is run and what it must say. The versions run side by side: the suite mostly waits.
"""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from support.node import LOCKED, node_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["CHECKS", "check_passed", "run_program", "run_suite"]

CHECKS = {"2025-03-26": 3, "2025-06-18": 56, "2025-11-25": 84, "2026-07-28": 152}
"""How many checks each version of the specification has; all are scored, and all must pass."""

_SECONDS = 110


def run_program(url: str, token: str, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the suite against a server, and return how that ended.

    Args:
        url: the endpoint.
        token: a host token, which every request of the suite carries.
        directory: for what the suite writes.
        *words: which scenarios, as its command line has it.
    """
    command = [*node_command("@modelcontextprotocol/conformance"), "server", "--url", url, *words, "-o", str(directory)]
    environment = {**os.environ, "HOST_TOKEN": token, "NODE_OPTIONS": f'--require "{LOCKED / "host_token.cjs"}"'}
    return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False, env=environment)


def run_suite(url: str, token: str, directory: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """Run every version as `run_program` does, and return how each ended."""

    def run(version: str) -> subprocess.CompletedProcess[str]:
        done = run_program(url, token, directory / version, "--suite", "all", "--spec-version", version)
        done.stderr += "\n".join(_find_missed(directory / version))
        return done

    node_command("@modelcontextprotocol/conformance")  # installed once, before four ask for it
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        return dict(zip(CHECKS, pool.map(run, CHECKS), strict=True))


def _find_missed(directory: Path) -> Iterator[str]:
    """Find why a check did not pass, which the suite writes to its files only, and a warning not even as failed."""
    for file in directory.glob("*/checks.json"):
        for check in json.loads(file.read_text()):
            if check["status"] not in {"SUCCESS", "INFO"}:
                yield f"{file.parent.name}: {check['id']}: {check.get('errorMessage')} {check.get('details')}"


def check_passed(done: subprocess.CompletedProcess[str], version: str) -> None:
    """Fail with what the suite said unless every check of a version passed."""
    summary = done.stdout[done.stdout.find("=== SUMMARY ===") :]
    print(summary)  # noqa: T201  make conformance shows it
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    assert f"Total: {CHECKS[version]} passed, 0 failed" in summary, summary + done.stderr

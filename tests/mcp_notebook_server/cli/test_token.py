"""`mcp-notebook token`, as a person types it."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mcp_notebook_server.access.tokens import PREFIX
from support.paths import SCRIPTS

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [str(SCRIPTS / "mcp-notebook"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def test_a_token_is_printed_once_and_never_listed(run: Run) -> None:
    created = run("token", "create", "claude-code", "--execute", "--expires", "12h")
    secret = created.stdout.splitlines()[-1]
    assert secret.startswith(PREFIX)
    listed = run("token", "list").stdout
    assert "claude-code: read, execute; every kernel; expires" in listed
    assert secret not in listed


def test_a_token_for_the_bridge_is_kept_where_only_its_owner_reads_it_and_not_printed(run: Run, tmp_path: Path) -> None:
    created = run("token", "create", "vscode", "--profile")
    assert PREFIX not in created.stdout
    assert "mcp-notebook stdio --profile vscode" in created.stdout
    file = tmp_path / "run" / "mcp-notebook" / "profiles" / "vscode"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_revoking_removes_the_token_and_the_bridges_copy(run: Run, tmp_path: Path) -> None:
    run("token", "create", "vscode", "--profile")
    assert run("token", "revoke", "vscode").stdout == "vscode: revoked.\n"
    assert not (tmp_path / "run" / "mcp-notebook" / "profiles" / "vscode").exists()
    assert "No host tokens" in run("token", "list").stdout


def test_renewing_says_until_when(run: Run) -> None:
    run("token", "create", "one", "--expires", "2w")
    assert "one: read; every kernel; expires" in run("token", "renew", "one").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("create", "a/b"), "cannot be a token's name"),
        (("create", "one", "--expires", "soon"), "30d, 12h, 45m or 2w"),
        (("revoke", "one"), "There is no token named 'one'. There are none yet."),
    ],
)
def test_a_mistake_is_one_sentence_and_an_exit_code(run: Run, words: tuple[str, ...], sentence: str) -> None:
    done = run("token", *words)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr

"""`mcp-notebook config`: what goes into a host's file, in its documented form, without a token, losing nothing there.

What each host reads is in its documentation, whose address stands in `hosts`; its examples are the forms here.
"""

from __future__ import annotations

import json
import stat
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook_server.access.tokens import PREFIX, TokenFile
from mcp_notebook_server.cli.main import main
from mcp_notebook_server.hosts import HOSTS
from mcp_notebook_server.places import tokens_file

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://hub.example/user/me/mcp"
COMMAND = str(Path(sys.executable).with_name("mcp-notebook"))

COMMANDS = {
    "claude-code": {"mcpServers": {"jupyter": {"type": "stdio"}}},
    "claude-desktop": {"mcpServers": {"jupyter": {}}},
    "cursor": {"mcpServers": {"jupyter": {}}},
    "vscode": {"servers": {"jupyter": {"type": "stdio"}}},
    "codex": {"mcp_servers": {"jupyter": {"startup_timeout_sec": 40}}},
    "windsurf": {"mcpServers": {"jupyter": {}}},
    "zed": {"context_servers": {"jupyter": {}}},
    "gemini-cli": {"mcpServers": {"jupyter": {}}},
}

URLS = {
    "claude-code": {
        "mcpServers": {
            "jupyter": {
                "type": "http",
                "url": URL,
                "headers": {"Authorization": "Bearer ${JUPYTER_MCP_TOKEN}"},
            }
        }
    },
    "cursor": {
        "mcpServers": {"jupyter": {"url": URL, "headers": {"Authorization": "Bearer ${env:JUPYTER_MCP_TOKEN}"}}}
    },
    "vscode": {
        "inputs": [
            {"type": "promptString", "id": "jupyter-token", "description": "Host token of Jupyter", "password": True}
        ],
        "servers": {
            "jupyter": {"type": "http", "url": URL, "headers": {"Authorization": "Bearer ${input:jupyter-token}"}}
        },
    },
    "codex": {"mcp_servers": {"jupyter": {"url": URL, "bearer_token_env_var": "JUPYTER_MCP_TOKEN"}}},
    "windsurf": {
        "mcpServers": {"jupyter": {"serverUrl": URL, "headers": {"Authorization": "Bearer ${env:JUPYTER_MCP_TOKEN}"}}}
    },
    "gemini-cli": {
        "mcpServers": {"jupyter": {"httpUrl": URL, "headers": {"Authorization": "Bearer ${JUPYTER_MCP_TOKEN}"}}}
    },
}


@pytest.fixture(autouse=True)
def directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A person's own folders, and a project in which they stand."""
    for name in ("JUPYTER_PLATFORM_DIRS", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    named = {"JUPYTER_RUNTIME_DIR": str(tmp_path / "run"), "JUPYTER_DATA_DIR": str(tmp_path / "data")}
    for name, value in {**named, "HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.chdir(project)
    return named


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*words: str) -> tuple[int, str, str]:
        code = main(["config", *words])
        said = capsys.readouterr()
        assert PREFIX not in said.out + said.err
        return code, said.out, said.err

    return run


def read(host: str, text: str) -> Any:
    return tomllib.loads(text) if HOSTS[host].toml else json.loads(text)


@pytest.mark.parametrize("host", HOSTS)
def test_a_local_host_is_given_the_bridge_with_a_profile_that_may_read(
    run: Callable[..., tuple[int, str, str]], directories: dict[str, str], tmp_path: Path, host: str
) -> None:
    code, printed, said = run(host)
    assert code == 0
    (key,) = COMMANDS[host]
    form = COMMANDS[host][key]["jupyter"]
    entry = {"command": COMMAND, "args": ["stdio", "--profile", host], "env": directories}
    assert read(host, printed) == {key: {"jupyter": {**form, **entry}}}
    assert "it may read" in said
    assert HOSTS[host].source in said
    profile = tmp_path / "run" / "mcp-notebook" / "profiles" / host
    assert stat.S_IMODE(profile.stat().st_mode) == 0o600
    assert json.loads(profile.read_text())["token"].startswith(PREFIX)


@pytest.mark.parametrize("host", HOSTS)
def test_a_remote_one_names_a_variable_as_that_host_writes_it_or_is_shown_another_way(
    run: Callable[..., tuple[int, str, str]], host: str
) -> None:
    code, printed, said = run(host, "--url", URL)
    if host in URLS:
        assert read(host, printed) == URLS[host]
        assert "The token is not in there" in said
    else:
        assert (code, printed) == (1, "")
        assert "mcp-notebook token keep NAME" in said


def test_an_http_address_elsewhere_is_warned_of_and_one_here_is_not(run: Callable[..., tuple[int, str, str]]) -> None:
    assert "Use https:// or an SSH tunnel" in run("cursor", "--url", "http://hub.example/mcp")[2]
    assert "Beware" not in run("cursor", "--url", "http://127.0.0.1:8888/mcp")[2]


def test_a_notebook_or_a_published_server_is_named_in_either_way(run: Callable[..., tuple[int, str, str]]) -> None:
    entry = json.loads(run("cursor", "--notebook", "a b/c.ipynb")[1])["mcpServers"]["jupyter"]
    assert entry["args"][-2:] == ["--notebook", "a b/c.ipynb"]
    entry = json.loads(run("cursor", "--notebook", "a b/c.ipynb", "--url", URL)[1])["mcpServers"]["jupyter"]
    assert entry["url"] == f"{URL}/notebooks/a%20b/c.ipynb"
    entry = json.loads(run("cursor", "--published", "sales", "--url", URL)[1])["mcpServers"]["jupyter"]
    assert entry["url"] == f"{URL}/published/sales"


def test_a_profile_for_a_published_server_gives_that_alone(run: Callable[..., tuple[int, str, str]]) -> None:
    _, printed, said = run("cursor", "--published", "sales")
    arguments = json.loads(printed)["mcpServers"]["jupyter"]["args"]
    assert arguments == ["stdio", "--profile", "cursor-sales", "--published", "sales"]
    assert "it may call sales, and nothing else" in said
    (token,) = TokenFile(tokens_file()).list()
    assert (token.published, token.scopes) == (("sales",), frozenset())


@pytest.mark.parametrize("host", HOSTS)
def test_writing_makes_the_hosts_own_file_and_writing_again_changes_nothing(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, host: str
) -> None:
    run(host, "--write")
    file = HOSTS[host].find_file().absolute()
    assert file.is_relative_to(tmp_path)
    written = file.read_bytes()
    assert read(host, written.decode()) == read(host, run(host)[1])
    assert "kept in" not in run(host, "--write")[2]
    assert file.read_bytes() == written
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_merging_keeps_what_others_wrote_and_a_copy_of_the_file(run: Callable[..., tuple[int, str, str]]) -> None:
    file = Path(".vscode/mcp.json")
    file.parent.mkdir()
    before = '{\n\t"inputs": [{"id": "mine"}],\n\t"servers": {\n\t\t"other": {"command": "x"}\n\t}\n}\n'
    file.write_text(before)
    said = run("vscode", "--url", URL, "--write")[2]
    after = json.loads(file.read_text())
    assert after["servers"] == {"other": {"command": "x"}, **URLS["vscode"]["servers"]}
    assert [one["id"] for one in after["inputs"]] == ["mine", "jupyter-token"]
    assert file.read_text().startswith('{\n\t"inputs"')
    assert Path(".vscode/mcp.json.bak1").read_text() == before
    assert ".vscode/mcp.json.bak1" in said


def test_comments_in_toml_stay(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    file = tmp_path / "home" / ".codex" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('model = "o"  # the best\n\n[mcp_servers.other]\ncommand = "x" # mine\n')
    run("codex", "--write")
    text = file.read_text()
    assert text.startswith('model = "o"  # the best\n\n[mcp_servers.other]\ncommand = "x" # mine\n')
    assert sorted(tomllib.loads(text)["mcp_servers"]) == ["jupyter", "other"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"mcpServers": {"jupyter": {"command": "mine"}}}', "another server named 'jupyter'"),
        ('{"mcpServers": {} // mine\n}', "it has comments"),
        ('{"mcpServers": []}', "something else than expected"),
        ("[]", "it is no object"),
    ],
)
def test_a_file_that_would_lose_something_is_left_alone(
    run: Callable[..., tuple[int, str, str]], text: str, sentence: str
) -> None:
    file = Path("mcp.json")
    file.write_text(text)
    code, _, said = run("cursor", "--write", "--file", str(file))
    assert code == 1
    assert sentence in said
    assert file.read_text() == text
    assert list(Path().glob("mcp.json.bak*")) == []


def test_an_entry_of_ours_is_renewed(run: Callable[..., tuple[int, str, str]]) -> None:
    run("cursor", "--write", "--file", "mcp.json")
    run("cursor", "--write", "--file", "mcp.json", "--notebook", "a.ipynb")
    assert json.loads(Path("mcp.json").read_text())["mcpServers"]["jupyter"]["args"][-1] == "a.ipynb"
    assert Path("mcp.json.bak1").exists()


def test_an_unknown_host_is_told_which_are_known(run: Callable[..., tuple[int, str, str]]) -> None:
    code, _, said = run("emacs")
    assert code == 1
    assert "No host 'emacs' is known here, only claude-code, " in said

"""What `mcp-notebook config` and `%mcp hosts` print is used as it is: a host with that entry reaches Jupyter."""

from __future__ import annotations

import json
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from mcp import StdioServerParameters

from mcp_notebook_server.access.tokens import PREFIX
from mcp_notebook_server.hosts import HOSTS, VARIABLE
from support.cells import finish_cell, start_cell
from support.jupyter import JupyterServer
from support.mcp import connect
from support.paths import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator

REMOTE = ("claude-code", "cursor", "vscode", "codex", "windsurf", "gemini-cli")
WRITTEN = ("${JUPYTER_MCP_TOKEN}", "${env:JUPYTER_MCP_TOKEN}", "${input:jupyter-token}")


@pytest.fixture(scope="module")
def server() -> Iterator[JupyterServer]:
    with JupyterServer("--ServerApp.base_url=/user/jo/") as server:
        yield server


@pytest.fixture(scope="module")
def token(server: JupyterServer) -> str:
    return server.host_token("remote")


def read_entry(host: str, text: str) -> dict[str, Any]:
    content = tomllib.loads(text) if HOSTS[host].toml else json.loads(text)
    return content[HOSTS[host].key]["jupyter"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_starts_the_printed_command_reaches_jupyter(server: JupyterServer, host: str) -> None:
    entry = read_entry(host, server.run_cli("config", host).stdout)
    # A host's own environment may be bare: what the entry says is all that the bridge needs.
    parameters = StdioServerParameters(command=entry["command"], args=entry["args"], env=entry["env"])
    with connect(parameters) as connected:
        assert connected.read("list_kernels") == {"kernels": []}


@pytest.mark.parametrize("host", REMOTE)
def test_a_host_that_takes_the_printed_url_and_the_variable_reaches_jupyter(
    server: JupyterServer, token: str, host: str
) -> None:
    done = server.run_cli("config", host, "--url", server.mcp_url)
    assert PREFIX not in done.stdout + done.stderr
    entry = read_entry(host, done.stdout)
    if host == "codex":
        assert entry["bearer_token_env_var"] == VARIABLE
        bearer = token
    else:
        bearer = entry["headers"]["Authorization"].removeprefix("Bearer ")
        assert bearer in WRITTEN
        for variable in WRITTEN:
            bearer = bearer.replace(variable, token)
    with connect(entry[HOSTS[host].url], bearer) as connected:
        assert connected.read("list_kernels") == {"kernels": []}


def test_a_token_that_was_kept_serves_a_host_whose_file_takes_no_variables(server: JupyterServer, token: str) -> None:
    keep = [str(SCRIPTS / "mcp-notebook"), "token", "keep", "far"]
    subprocess.run(keep, env=server.environment, input=f"{token}\n", text=True, check=True, capture_output=True)
    words = ["stdio", "--profile", "far", "--url", server.mcp_url]
    parameters = StdioServerParameters(command=keep[0], args=words, env=server.environment)
    with connect(parameters) as connected:
        assert connected.read("list_kernels") == {"kernels": []}


def test_in_a_notebook_the_magic_prints_the_same_and_a_mistake_in_one_line(server: JupyterServer) -> None:
    with server.client(server.start_kernel()) as client:
        cell = finish_cell(client, start_cell(client, "%load_ext mcp_notebook\n%mcp hosts cursor"))
        assert cell.text.startswith(server.run_cli("config", "cursor").stdout)
        assert PREFIX not in str(cell.messages)
        wrong = finish_cell(client, start_cell(client, "%mcp hosts emacs"))
        (error,) = wrong.of_type("error")
        assert "No host 'emacs' is known here" in error["evalue"]


def test_a_host_is_given_what_a_notebook_publishes_and_nothing_else(server: JupyterServer) -> None:
    publish = (
        "%load_ext mcp_notebook\ndef add(a: int, b: int) -> int:\n    return a + b\n\n%mcp publish add --name sums"
    )
    with server.client(server.start_kernel()) as client:
        cell = finish_cell(client, start_cell(client, publish))
        assert cell.reply["status"] == "ok", cell.reply
        entry = read_entry("cursor", server.run_cli("config", "cursor", "--published", "sums").stdout)
        parameters = StdioServerParameters(command=entry["command"], args=entry["args"], env=entry["env"])
        with connect(parameters) as host:
            assert [tool.name for tool in host.portal.call(host.client.list_tools).tools] == ["add"]
            assert host.read("add", a=2, b=3) == {"result": 5}
    profile = server.runtime_directory / "mcp-notebook" / "profiles" / "cursor-sums"
    headers = {"Authorization": f"Bearer {json.loads(profile.read_text())['token']}"}
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    assert httpx.post(server.mcp_url, json=ping, headers=headers, timeout=30).status_code == 403

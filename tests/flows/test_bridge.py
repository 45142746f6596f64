"""The bridge for hosts that start commands, while Jupyter starts, ends, comes back: a call in flight is lost alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from typing import TYPE_CHECKING, Any, Self

import pytest
from mcp import MCPError, StdioServerParameters
from nbformat.v4 import new_code_cell, new_notebook

from support.cells import Gate
from support.ears import follow, rouse
from support.jupyter import JupyterServer
from support.mcp import MODES, connect
from support.paths import SCRIPTS
from support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BRIDGE = str(SCRIPTS / "mcp-notebook")
NOTEBOOK = "mine.ipynb"
URI = f"jupyter://notebooks/{NOTEBOOK}"
INITIALIZE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "pipes", "version": "1"}}


@pytest.fixture(scope="module")
def jupyter() -> Iterator[JupyterServer]:
    with JupyterServer("--MCPNotebookApp.execute=allow") as server:
        server.run_cli("token", "create", "bridge", "--profile", "--execute")
        save(server, "1")
        yield server


def save(server: JupyterServer, source: str) -> None:
    content = new_notebook(cells=[new_code_cell(source, id="a")])
    server.api("PUT", f"/api/contents/{NOTEBOOK}", {"type": "notebook", "content": content})


def bridge(server: JupyterServer, *arguments: str) -> StdioServerParameters:
    words = ["stdio", "--profile", "bridge", *arguments]
    return StdioServerParameters(command=BRIDGE, args=words, env=server.environment)


class Pipes:
    """The bridge over plain pipes: lines in, lines out."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        command = [BRIDGE, "stdio", "--profile", "bridge", *arguments]
        self.process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, identifier: int, method: str, params: dict[str, Any]) -> None:
        request = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}
        self.process.stdin.write(json.dumps(request) + "\n")  # pyright: ignore[reportOptionalMemberAccess]
        self.process.stdin.flush()  # pyright: ignore[reportOptionalMemberAccess]

    def read(self) -> dict[str, Any]:
        return json.loads(self.process.stdout.readline())  # pyright: ignore[reportOptionalMemberAccess]

    def said(self) -> str:
        return self.process.stderr.readline()  # pyright: ignore[reportOptionalMemberAccess]


@pytest.mark.parametrize("mode", MODES)
def test_after_a_crash_and_a_restart_elsewhere_calls_and_subscriptions_go_on(jupyter: JupyterServer, mode: str) -> None:
    with follow(bridge(jupyter), None, mode, URI) as ear:
        assert ear.host.read("list_kernels") == {"kernels": []}
        before = jupyter.url
        jupyter.kill()
        jupyter.start_again()
        assert jupyter.url != before
        assert ear.host.read("list_kernels") == {"kernels": []}
        rouse(ear, URI, lambda: save(jupyter, f"# {time.monotonic()}"))


def test_an_orderly_restart_is_survived_too(jupyter: JupyterServer) -> None:
    with connect(bridge(jupyter)) as host:
        host.read("list_kernels")
        jupyter.end()
        jupyter.start_again()
        assert host.read("list_kernels") == {"kernels": []}


@pytest.mark.parametrize("mode", MODES)
def test_a_call_in_flight_is_told_that_it_is_lost_and_one_made_meanwhile_waits(
    jupyter: JupyterServer, mode: str, tmp_path: Path
) -> None:
    gate = Gate(tmp_path)
    kernel = jupyter.start_kernel()
    with connect(bridge(jupyter), mode=mode) as host:
        arguments = {"kernel": kernel, "code": gate.code, "wait": 60}
        in_flight = host.portal.start_task_soon(host.client.call_tool, "execute_code", arguments)
        gate.wait()
        jupyter.kill()
        with pytest.raises(MCPError, match="ended or restarted while it worked on this"):
            in_flight.result(timeout=30)
        meanwhile = host.portal.start_task_soon(host.client.call_tool, "list_kernels", {})
        jupyter.start_again()
        assert meanwhile.result(timeout=30).structured_content == {"kernels": []}
    jupyter.stop()  # and with it the kernel, which nobody knows of any more
    jupyter.start_again()


def test_over_plain_pipes_a_host_that_came_first_waits_for_jupyter(jupyter: JupyterServer) -> None:
    jupyter.stop()
    with Pipes(jupyter.environment) as pipes:
        pipes.ask(1, "initialize", INITIALIZE)
        assert "No Jupyter server is running here" in pipes.said()
        jupyter.start_again()
        assert pipes.read()["result"]["serverInfo"]["name"]
        pipes.ask(2, "tools/call", {"name": "list_kernels", "arguments": {}})
        assert pipes.read()["result"]["structuredContent"] == {"kernels": []}


def test_where_no_jupyter_comes_the_host_is_told_and_may_ask_again(jupyter: JupyterServer, tmp_path: Path) -> None:
    profiles = tmp_path / "mcp-notebook" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "bridge").write_text('{"token": "mcpn_x"}')
    with Pipes({**jupyter.environment, "JUPYTER_RUNTIME_DIR": str(tmp_path)}, "--wait", "0.1") as pipes:
        for identifier in (1, 2):
            pipes.ask(identifier, "initialize", INITIALIZE)
            answer = pipes.read()
            assert answer["id"] == identifier
            assert answer["error"]["message"].startswith("No Jupyter server is running here. Start one")


def test_answers_that_are_under_way_are_written_before_the_bridge_ends(jupyter: JupyterServer) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}
    done = subprocess.run(
        [BRIDGE, "stdio", "--profile", "bridge"],
        env=jupyter.environment,
        input=json.dumps(request).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert json.loads(done.stdout)["id"] == 1


def test_of_several_jupyter_servers_the_notebook_says_which_and_else_both_are_named(jupyter: JupyterServer) -> None:
    with JupyterServer() as other:
        file = f"jpserver-{other.pid}.json"
        shutil.copy(other.runtime_directory / file, jupyter.runtime_directory / file)  # as if it was started here
        with Pipes(jupyter.environment) as pipes:
            pipes.ask(1, "initialize", INITIALIZE)
            message = pipes.read()["error"]["message"]
            assert jupyter.url in message
            assert other.url in message
            assert "--url" in message
        with connect(bridge(jupyter, "--notebook", NOTEBOOK)) as host:
            schema = next(tool for tool in host.portal.call(host.client.list_tools).tools if tool.name == "read_cell")
            assert "notebook" not in schema.input_schema["properties"]
            assert host.read("read_cell", cell="a")["id"] == "a"
    (jupyter.runtime_directory / file).unlink()


def test_a_profile_made_anew_is_used_without_a_restart_of_the_host(jupyter: JupyterServer) -> None:
    jupyter.run_cli("token", "create", "changing", "--profile")
    words = ["stdio", "--profile", "changing"]
    with connect(StdioServerParameters(command=BRIDGE, args=words, env=jupyter.environment)) as host:
        host.read("list_kernels")
        jupyter.run_cli("token", "revoke", "changing")
        with pytest.raises(MCPError, match="There is no profile 'changing'"):
            host.call("list_kernels")
        jupyter.run_cli("token", "create", "changing", "--profile")
        wait_until(lambda: host.call("list_kernels"), "a call with the new token")

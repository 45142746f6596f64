"""`mcp-notebook stdio`: a host that starts commands gets what a host on HTTP gets, in both eras."""

import asyncio
import subprocess
from collections.abc import Iterator

import pytest
from mcp import Client, StdioServerParameters
from mcp_types import JSONRPCNotification, JSONRPCRequest, JSONRPCResponse

from mcp_notebook_server.cli.bridge import Headers
from support.jupyter import JupyterServer
from support.paths import SCRIPTS

BRIDGE = str(SCRIPTS / "mcp-notebook")


@pytest.fixture(scope="module")
def jupyter() -> Iterator[JupyterServer]:
    with JupyterServer() as server:
        server.run_cli("token", "create", "bridge", "--profile")
        yield server


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_host_lists_and_calls_tools_over_stdio(jupyter: JupyterServer, mode: str) -> None:
    bridge = StdioServerParameters(command=BRIDGE, args=["stdio", "--profile", "bridge"], env=jupyter.environment)

    async def story() -> None:
        async with Client(bridge, mode=mode) as client:
            tools = (await client.list_tools()).tools
            assert "list_kernels" in [tool.name for tool in tools]
            result = await client.call_tool("list_kernels", {})
            assert result.structured_content == {"kernels": []}
            assert client.protocol_version == ("2025-11-25" if mode == "legacy" else "2026-07-28")

    asyncio.run(story())


def test_the_bridge_ends_when_its_host_does(jupyter: JupyterServer) -> None:
    done = subprocess.run(
        [BRIDGE, "stdio", "--profile", "bridge"],
        env=jupyter.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_a_line_that_is_no_message_is_answered_as_such(jupyter: JupyterServer) -> None:
    done = subprocess.run(
        [BRIDGE, "stdio", "--profile", "bridge"],
        env=jupyter.environment,
        input=b"hello\n",
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b'"code":-32700' in done.stdout


def test_an_unknown_profile_is_told_how_to_make_it(jupyter: JupyterServer) -> None:
    done = jupyter.run_cli("stdio", "--profile", "nobody")
    assert done.returncode == 1
    assert done.stderr == (
        "There is no profile 'nobody'. Make one with `mcp-notebook token create nobody --profile`.\n"
    )


def test_where_no_jupyter_runs_the_person_is_told_to_start_one(jupyter: JupyterServer, tmp_path_factory) -> None:  # noqa: ANN001 - pytest's
    elsewhere = tmp_path_factory.mktemp("run")
    profiles = elsewhere / "mcp-notebook" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "bridge").write_text('{"token": "mcpn_x"}')
    done = subprocess.run(
        [BRIDGE, "stdio", "--profile", "bridge"],
        env={**jupyter.environment, "JUPYTER_RUNTIME_DIR": str(elsewhere)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1][:31]) == (1, "No Jupyter server is running he")


def test_a_modern_request_repeats_its_version_method_and_name() -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    request = JSONRPCRequest(jsonrpc="2.0", id=1, method="tools/call", params={"name": "ä", "_meta": meta})
    assert Headers().get(request) == {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": "=?base64?w6Q=?=",
    }


def test_a_legacy_message_carries_the_version_that_initialize_agreed_on() -> None:
    headers = Headers()
    initialized = JSONRPCNotification(jsonrpc="2.0", method="notifications/initialized")
    assert headers.get(initialized) == {}
    headers.learn(JSONRPCResponse(jsonrpc="2.0", id=1, result={"protocolVersion": "2025-06-18"}))
    assert headers.get(initialized) == {"mcp-protocol-version": "2025-06-18"}

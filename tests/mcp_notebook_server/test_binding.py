"""An address for one kernel, or for one notebook, says what every call would have to say."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest
from mcp import MCPError

from support.cells import run_cell
from support.mcp import MODES, connect, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer
    from support.mcp import Host

NOTEBOOK = "work/für mich & dich.ipynb"


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        run_cell(client, "import pandas\nframe = pandas.DataFrame({'a': [1, 2]})\nrate = 0.25")
    return kernel_id


@pytest.fixture(scope="module")
def notebook_kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    jupyter_server.api(
        "POST",
        "/api/sessions",
        {"path": NOTEBOOK, "name": "", "type": "notebook", "kernel": {"id": kernel_id}},
    )
    with jupyter_server.client(kernel_id) as client:
        run_cell(client, "rate = 0.5")
    return kernel_id


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def host(jupyter_server: JupyterServer, host_token: str, kernel: str, mode: str) -> Iterator[Host]:
    with connect(f"{jupyter_server.mcp_url}/kernels/{kernel}", host_token, mode=mode) as host:
        yield host


def test_tools_resources_and_prompts_ask_for_no_kernel(host: Host, kernel: str) -> None:
    for tool in host.portal.call(host.client.list_tools).tools:
        assert "kernel" not in tool.input_schema["properties"]
        assert "kernel" not in tool.input_schema.get("required", ())
    for template in host.portal.call(host.client.list_resource_templates).resource_templates:
        assert "{kernel}" not in template.uri_template
    for prompt in host.portal.call(host.client.list_prompts).prompts:
        assert "kernel" not in {each.name for each in prompt.arguments or ()}
    prompt = host.portal.call(host.client.get_prompt, "analyze_dataframe", {"name": "frame"})
    assert kernel in prompt.messages[0].content.text  # type: ignore[union-attr]  # it is text


def test_the_kernel_of_the_address_is_the_only_one(host: Host, kernel: str, notebook_kernel: str) -> None:
    assert host.read("inspect_variable", path="rate")["text"] == "0.25"
    assert [each["id"] for each in host.read("list_kernels")["kernels"]] == [kernel]
    with pytest.raises(MCPError, match=notebook_kernel):
        host.portal.call(host.client.read_resource, f"jupyter://kernels/{notebook_kernel}/variables/rate")


def test_naming_a_kernel_all_the_same_is_answered_with_what_to_say(host: Host, kernel: str) -> None:
    answer = host.call("inspect_variable", kernel=kernel, path="rate")
    assert answer.is_error
    assert "kernel: the address says it already. It takes path, max_chars." in text_of(answer)
    assert "It takes path, max_chars." in text_of(host.call("inspect_variable"))


def test_a_notebook_stands_for_whichever_kernel_runs_for_it(
    jupyter_server: JupyterServer, host_token: str, notebook_kernel: str, mode: str
) -> None:
    with connect(f"{jupyter_server.mcp_url}/notebooks/{quote(NOTEBOOK)}", host_token, mode=mode) as host:
        assert host.read("inspect_variable", path="rate")["text"] == "0.5"
        assert [each["id"] for each in host.read("list_kernels")["kernels"]] == [notebook_kernel]
        templates = [
            each.uri_template for each in host.portal.call(host.client.list_resource_templates).resource_templates
        ]
        [variable] = [each for each in templates if each.endswith("/variables/{name}")]
        read = host.portal.call(host.client.read_resource, variable.replace("{name}", "rate"))
        assert "0.5" in read.contents[0].text  # type: ignore[union-attr]  # it is text


GONE = {
    "kernels/00000000-nobody": "The kernel '00000000-nobody', which this address stands for, does not run",
    "notebooks/nobody.ipynb": "No kernel runs for the notebook 'nobody.ipynb', which this address stands for.",
    "notebooks/..%2F..%2Fetc%2Fpasswd": "No kernel runs for the notebook '../../etc/passwd'",
}


@pytest.mark.parametrize("address", GONE)
def test_an_address_whose_kernel_does_not_run_says_so_at_every_call(
    jupyter_server: JupyterServer, host_token: str, kernel: str, address: str, mode: str
) -> None:
    assert kernel
    with connect(f"{jupyter_server.mcp_url}/{address}", host_token, mode=mode) as host:
        assert host.read("list_kernels") == {"kernels": []}
        answer = host.call("list_variables")
        assert answer.is_error
        assert GONE[address] in text_of(answer)


def test_a_session_opened_at_one_address_is_unknown_at_another(
    jupyter_server: JupyterServer, host_token: str, kernel: str
) -> None:
    headers = {
        "Authorization": f"Bearer {host_token}",
        "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }
    client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": client}
    question = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    with httpx2.Client(headers=headers) as http:
        opened = http.post(f"{jupyter_server.mcp_url}/kernels/{kernel}", json=hello)
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        assert http.post(f"{jupyter_server.mcp_url}/kernels/{kernel}", json=question, headers=session).is_success
        assert http.post(jupyter_server.mcp_url, json=question, headers=session).status_code == 404


def test_a_token_for_another_kernel_finds_nothing_there(
    jupyter_server: JupyterServer, kernel: str, notebook_kernel: str, mode: str
) -> None:
    token = jupyter_server.host_token(f"bound-{mode}", "--read", "--kernel", notebook_kernel)
    with connect(f"{jupyter_server.mcp_url}/kernels/{kernel}", token, mode=mode) as host:
        assert host.read("list_kernels") == {"kernels": []}
        assert "does not run" in text_of(host.call("inspect_variable", path="rate"))

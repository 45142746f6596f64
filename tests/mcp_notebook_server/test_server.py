"""What a host sees beside the tools: a resource per variable, a prompt, and answers that help when it asks wrongly."""

from collections.abc import Iterator

import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS

from support.cells import run_cell
from support.jupyter import JupyterServer
from support.mcp import MODES, Host, connect, text_of


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        run_cell(client, "import pandas\nframe = pandas.DataFrame({'a': [1, None]})\nrate = 0.25")
    return kernel_id


@pytest.fixture(params=MODES)
def host(request: pytest.FixtureRequest, jupyter_server: JupyterServer, host_token: str) -> Iterator[Host]:
    with connect(jupyter_server.mcp_url, host_token, mode=request.param) as host:
        yield host


def refusal(host: Host, method: str, *arguments: object) -> MCPError:
    with pytest.raises(MCPError) as caught:
        host.portal.call(getattr(host.client, method), *arguments)
    return caught.value


def test_a_variable_is_read_at_the_address_that_the_template_says(host: Host, kernel: str) -> None:
    templates = host.portal.call(host.client.list_resource_templates).resource_templates
    assert [each.uri_template for each in templates] == ["jupyter://kernels/{kernel}/variables/{name}"]
    read = host.portal.call(host.client.read_resource, f"jupyter://kernels/{kernel[:8]}/variables/rate")
    assert read.contents[0].text == "`rate`: float\n0.25"  # type: ignore[union-attr]  # it is text


def test_an_address_that_is_none_of_ours_is_told_what_ours_look_like(host: Host) -> None:
    error = refusal(host, "read_resource", "file:///etc/passwd")
    assert error.code == INVALID_PARAMS
    assert "Addresses look like jupyter://kernels/{kernel}/variables/{name}" in error.message


def test_a_resource_of_an_unknown_variable_names_those_there_are(host: Host, kernel: str) -> None:
    error = refusal(host, "read_resource", f"jupyter://kernels/{kernel}/variables/nope")
    assert "There are: frame, rate" in error.message


def test_the_prompt_holds_what_the_dataframe_really_is(host: Host, kernel: str) -> None:
    prompt = host.portal.call(host.client.get_prompt, "analyze_dataframe", {"kernel": kernel, "name": "frame"})
    text = prompt.messages[0].content.text  # type: ignore[union-attr]  # it is text
    assert "`frame`: 2 rows, 1 columns" in text
    assert "|a|float64|1|" in text


def test_a_prompt_that_is_asked_for_wrongly_says_what_it_needs(host: Host) -> None:
    assert "There are: analyze_dataframe" in refusal(host, "get_prompt", "nope", {}).message
    assert "needs kernel and name" in refusal(host, "get_prompt", "analyze_dataframe", {}).message


def test_an_unknown_tool_is_an_error_of_the_protocol_that_names_the_others(host: Host) -> None:
    error = refusal(host, "call_tool", "nope", {})
    assert error.code == INVALID_PARAMS
    assert "list_kernels" in error.message


def test_wrong_arguments_are_an_answer_that_says_what_the_tool_takes(host: Host, kernel: str) -> None:
    result = host.call("inspect_variable", kernel=kernel, pth="rate")
    assert result.is_error
    assert "It takes kernel, path, max_chars." in text_of(result)


def test_an_unknown_kernel_is_an_answer_that_names_those_there_are(host: Host, kernel: str) -> None:
    result = host.call("list_variables", kernel="nope")
    assert result.is_error
    assert kernel in text_of(result)

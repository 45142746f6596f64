"""What a host sees beside the tools: resources, prompts, completion, and answers that help when it asks wrongly."""

import base64
import io
from collections.abc import Iterator
from typing import Any

import nbformat
import pandas as pd
import pyarrow.ipc
import pytest
from mcp import MCPError
from mcp_types import INVALID_PARAMS, PromptReference, ResourceTemplateReference
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from support.cells import run_cell
from support.jupyter import JupyterServer
from support.mcp import MODES, Host, connect, text_of


@pytest.fixture(scope="module")
def kernel(jupyter_server: JupyterServer) -> str:
    kernel_id = jupyter_server.start_kernel()
    with jupyter_server.client(kernel_id) as client:
        run_cell(client, "import pandas\nframe = pandas.DataFrame({'a': [1, None]})\nrate = 0.25")
        run_cell(client, "import polars\nlazy = polars.LazyFrame({'a': [1, 2]})")
        run_cell(client, "long = pandas.DataFrame({'n': range(200000), 'text': 'word ' * 4, 'token': 'abc'})")
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
    assert {each.uri_template for each in templates} == {
        "jupyter://kernels/{kernel}",
        "jupyter://kernels/{kernel}/variables/{name}",
        "jupyter://kernels/{kernel}/dataframes/{name}{?format,columns,offset,limit}",
        "jupyter://kernels/{kernel}/queries/{query}{?format}",
        "jupyter://notebooks/{notebook}",
        "jupyter://notebooks/{notebook}/cells/{cell}",
        "jupyter://notebooks/{notebook}/cells/{cell}/outputs/{n}",
        "jupyter://executions/{execution}/outputs/{n}",
    }
    read = host.portal.call(host.client.read_resource, f"jupyter://kernels/{kernel[:8]}/variables/rate")
    assert read.contents[0].text == "`rate`: float\n0.25"  # type: ignore[union-attr]  # it is text


def test_an_address_that_is_none_of_ours_is_told_what_ours_look_like(host: Host) -> None:
    error = refusal(host, "read_resource", "file:///etc/passwd")
    assert error.code == INVALID_PARAMS
    assert "Addresses look like " in error.message
    assert "jupyter://kernels/{kernel}/variables/{name}" in error.message


def test_a_resource_of_an_unknown_variable_names_those_there_are(host: Host, kernel: str) -> None:
    error = refusal(host, "read_resource", f"jupyter://kernels/{kernel}/variables/nope")
    assert "There are: frame, lazy, long, rate" in error.message


def read(host: Host, uri: str) -> Any:
    return host.portal.call(host.client.read_resource, uri).contents[0]


@pytest.mark.usefixtures("kernel")
def test_the_dataframes_of_running_kernels_are_listed_and_what_is_listed_can_be_read(host: Host) -> None:
    listed = host.portal.call(host.client.list_resources).resources
    assert [each.name for each in listed] == ["frame", "long"]
    assert read(host, listed[0].uri).text == '"a"\n1\n\n'


def test_a_page_of_rows_links_to_all_of_them(host: Host, kernel: str) -> None:
    result = host.call("read_dataframe", kernel=kernel, name="frame", limit=1)
    assert result.structured_content is not None
    assert [each.type for each in result.content] == ["text", "resource_link"]
    assert "\n1 row from 0 on, of " in result.content[0].text
    assert read(host, result.structured_content["link"]).text.startswith('"a"')


@pytest.mark.parametrize("form", ["csv", "parquet", "arrow"])
def test_a_part_of_a_frame_is_read_as_a_file_without_its_credentials(host: Host, kernel: str, form: str) -> None:
    uri = f"jupyter://kernels/{kernel}/dataframes/long?format={form}&columns=n,token&offset=199990&limit=20"
    contents = read(host, uri)
    if form == "csv":
        frame = pd.read_csv(io.StringIO(contents.text))
    elif form == "parquet":
        frame = pd.read_parquet(io.BytesIO(base64.b64decode(contents.blob)))
    else:
        frame = pyarrow.ipc.open_file(base64.b64decode(contents.blob)).read_pandas()
    assert frame["n"].tolist() == list(range(199_990, 200_000))
    assert set(frame["token"]) == {"[hidden: looks like a credential]"}


def test_what_would_have_to_be_computed_is_read_in_pages_but_is_no_resource(host: Host, kernel: str) -> None:
    result = host.call("read_dataframe", kernel=kernel, name="lazy", limit=1)
    assert result.structured_content is not None
    assert result.structured_content["rows"] == [[1]]
    assert "link" not in result.structured_content
    listed = host.portal.call(host.client.list_resources).resources
    assert "lazy" not in [each.name for each in listed]
    said = refusal(host, "read_resource", f"jupyter://kernels/{kernel}/dataframes/lazy").message
    assert "would have to be computed first" in said
    assert "lazy" in complete(host, PromptReference(name="analyze_dataframe"), "name", "l", kernel=kernel)


def test_what_one_answer_cannot_carry_says_how_many_rows_fit_and_they_do(host: Host, kernel: str) -> None:
    uri = f"jupyter://kernels/{kernel}/dataframes/long"
    said = refusal(host, "read_resource", uri).message
    rows = int(said.partition("About ")[2].split()[0])
    assert rows > 5000
    assert len(read(host, f"{uri}?offset=0&limit={rows}").text.splitlines()) == rows + 1


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("dataframes/long?format=xlsx", "`format` must be one of csv, parquet, arrow"),
        ("dataframes/long?limit=-1", "`limit` must be a whole number"),
        ("dataframes/long?columns=nope", "There is no column `nope`. Columns: n, text, token"),
        ("dataframes/rate", "`rate` is a float, not a dataframe"),
        ("queries/****", "`query` must be SQL in base64url"),
    ],
)
def test_an_address_that_cannot_be_read_says_what_is_wrong_with_it(
    host: Host, kernel: str, query: str, problem: str
) -> None:
    assert problem in refusal(host, "read_resource", f"jupyter://kernels/{kernel}/{query}").message


def complete(host: Host, reference: Any, argument: str, typed: str, **known: str) -> list[str]:
    asked = {"name": argument, "value": typed}
    result = host.portal.call(host.client.complete, reference, asked, known)
    return list(result.completion.values)


def test_kernels_variables_frames_columns_and_formats_are_completed(host: Host, kernel: str) -> None:
    prompt = PromptReference(name="analyze_dataframe")
    templates = host.portal.call(host.client.list_resource_templates).resource_templates
    addresses = {each.name: ResourceTemplateReference(uri=each.uri_template) for each in templates}
    variable, frame = addresses["variable"], addresses["dataframe"]
    assert kernel in complete(host, prompt, "kernel", kernel[:3])
    assert complete(host, prompt, "name", "", kernel=kernel) == ["frame", "lazy", "long"]
    assert complete(host, variable, "name", "r", kernel=kernel) == ["rate"]
    assert complete(host, frame, "name", "l", kernel=kernel) == ["long"]
    assert complete(host, frame, "columns", "n,t", kernel=kernel, name="long") == ["n,text", "n,token"]
    assert complete(host, frame, "format", "p") == ["parquet"]
    assert complete(host, prompt, "name", "", kernel="nope") == []
    assert complete(host, prompt, "name", "") == []


def test_completing_what_there_is_not_is_an_error_that_names_what_there_is(host: Host) -> None:
    asked = {"name": "kernel", "value": ""}
    assert "analyze_dataframe" in refusal(host, "complete", PromptReference(name="nope"), asked).message
    assert "jupyter://" in refusal(host, "complete", ResourceTemplateReference(uri="x://{a}"), asked).message


@pytest.fixture(scope="module")
def notebook(jupyter_server: JupyterServer) -> str:
    """A notebook that is being worked in: saved, with an error in it, a kernel, and variables."""
    cells = [new_markdown_cell("# Rain"), new_code_cell("rain = [1, 2]"), new_code_cell("rain / 2")]
    cells[2].outputs = [new_output("error", ename="TypeError", evalue="unsupported", traceback=[])]
    nbformat.write(new_notebook(cells=cells), jupyter_server.notebook_directory / "rain.ipynb")
    asked = {"path": "rain.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    session = jupyter_server.api("POST", "/api/sessions", asked)
    with jupyter_server.client(session["kernel"]["id"]) as client:
        run_cell(client, "rain = [1, 2]")
    return "rain.ipynb"


def prompt_text(host: Host, name: str, **arguments: str) -> str:
    return host.portal.call(host.client.get_prompt, name, arguments).messages[0].content.text


def test_the_prompt_to_continue_holds_cells_errors_variables_and_the_goal(host: Host, notebook: str) -> None:
    text = prompt_text(host, "continue_analysis", notebook=notebook, goal="mean rain")
    assert "The goal: mean rain." in text
    assert "[0] # Rain" in text
    assert "-> TypeError: unsupported" in text
    assert "|rain|list|2|[1, 2]|" in text
    assert notebook in complete(host, PromptReference(name="continue_analysis"), "notebook", "ra")


def test_the_prompt_to_continue_a_notebook_that_is_not_there_names_those_with_a_kernel(
    host: Host, notebook: str
) -> None:
    error = refusal(host, "get_prompt", "continue_analysis", {"notebook": "nope.ipynb"})
    assert f"With a kernel: {notebook}" in error.message


def test_a_token_for_one_kernel_reads_no_other_notebook(
    jupyter_server: JupyterServer, kernel: str, notebook: str
) -> None:
    token = jupyter_server.host_token("narrow", "--read", "--kernel", kernel)
    with connect(jupyter_server.mcp_url, token) as host:
        error = refusal(host, "get_prompt", "continue_analysis", {"notebook": notebook})
        assert "With a kernel: none" in error.message


def test_the_prompt_holds_what_the_dataframe_really_is(host: Host, kernel: str) -> None:
    prompt = host.portal.call(host.client.get_prompt, "analyze_dataframe", {"kernel": kernel, "name": "frame"})
    text = prompt.messages[0].content.text  # type: ignore[union-attr]  # it is text
    assert "`frame`: 2 rows, 1 columns" in text
    assert "|a|float64|1|" in text
    assert "Its first rows:\n|a|" in text


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

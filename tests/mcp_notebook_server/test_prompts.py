"""The prompts about notebooks: an error to explain, a notebook to review."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest
from mcp import MCPError
from mcp_types import PromptReference
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from support.cells import run_cell
from support.mcp import MODES, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.jupyter import JupyterServer
    from support.mcp import Host

NOTEBOOK, FINE = "rain/days.ipynb", "fine.ipynb"
TRACEBACK = ["\x1b[31mTypeError\x1b[0m", "----> 1 rain / 2", "TypeError: unsupported"]


@pytest.fixture(scope="module")
def work(jupyter_server: JupyterServer) -> str:
    """A notebook with an error and a kernel, and one without either."""
    cells = [
        new_markdown_cell("# Rain"),
        new_code_cell("rain = [1, 2]", execution_count=1),
        new_code_cell("rain / 2", execution_count=3),
        new_code_cell("unused = 1"),
        new_code_cell("print(rain)", execution_count=2, outputs=[new_output("stream", text="[1, 2]\n")]),
    ]
    cells[2].outputs = [new_output("error", ename="TypeError", evalue="unsupported", traceback=TRACEBACK)]
    (jupyter_server.notebook_directory / "rain").mkdir()
    nbformat.write(new_notebook(cells=cells), jupyter_server.notebook_directory / NOTEBOOK)
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), jupyter_server.notebook_directory / FINE)
    asked = {"path": NOTEBOOK, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
    session = jupyter_server.api("POST", "/api/sessions", asked)
    with jupyter_server.client(session["kernel"]["id"]) as client:
        run_cell(client, "rain = [1, 2]")
    return session["kernel"]["id"]


@pytest.fixture(params=MODES)
def host(jupyter_server: JupyterServer, host_token: str, work: str, request: pytest.FixtureRequest) -> Iterator[Host]:
    assert work
    with connect(jupyter_server.mcp_url, host_token, mode=request.param) as host:
        yield host


def text_of(host: Host, name: str, **arguments: str) -> str:
    content = host.portal.call(host.client.get_prompt, name, arguments).messages[0].content
    return getattr(content, "text", "")


def test_the_error_comes_with_its_cell_traceback_what_was_before_and_the_variables(host: Host, work: str) -> None:
    text = text_of(host, "explain_error", notebook=NOTEBOOK)
    assert NOTEBOOK in text
    assert "rain / 2" in text
    assert "----> 1 rain / 2" in text
    assert "\x1b" not in text
    assert "[1]\n```\nrain = [1, 2]" in text
    assert "print(rain)" not in text  # it stands below
    assert work in text
    assert "|rain|list|2|[1, 2]|" in text


def test_a_notebook_without_an_error_has_none_to_explain(host: Host) -> None:
    with pytest.raises(MCPError, match="shows an error") as raised:
        text_of(host, "explain_error", notebook=FINE)
    assert raised.value.error.code == -32602


def test_a_review_has_all_cells_what_they_show_and_what_stands_out(host: Host) -> None:
    text = text_of(host, "review_notebook", notebook=NOTEBOOK)
    assert "Cells that show an error: 2." in text
    assert "Cells that never ran: 3." in text
    assert "4 before 2" in text
    assert "# Rain" in text
    assert "=> [1, 2]" in text
    assert "TypeError: unsupported" in text
    assert "|rain|list|2|[1, 2]|" in text


def test_a_notebook_without_a_kernel_is_reviewed_too(host: Host) -> None:
    text = text_of(host, "review_notebook", notebook=FINE)
    assert "No kernel runs for it" in text
    assert "Cells that never ran: 0." in text


@pytest.mark.parametrize("name", ["explain_error", "review_notebook"])
def test_their_notebook_is_needed_and_completed(host: Host, name: str) -> None:
    with pytest.raises(MCPError, match="needs notebook"):
        text_of(host, name)
    with pytest.raises(MCPError, match="There is no notebook"):
        text_of(host, name, notebook="../rain.ipynb")
    found = host.portal.call(host.client.complete, PromptReference(name=name), {"name": "notebook", "value": "ra"})
    assert NOTEBOOK in found.completion.values
    [prompt] = [each for each in host.portal.call(host.client.list_prompts).prompts if each.name == name]
    assert [each.name for each in prompt.arguments or ()] == ["notebook"]

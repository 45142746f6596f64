"""`%mcp resources`, `templates`, `read`, `prompts` and `prompt` in a real kernel."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from support.kernelspecs import NEWEST
from support.notebook import Notebook, notebook_with_extension
from support.paths import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.cells import FinishedCell

ARCHIVE = f"{sys.executable} {CHECKOUT}/tests/mcp_notebook/archive_server.py /tmp"


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    """One kernel, connected to the archive."""
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(f"%mcp connect archive -- {ARCHIVE}")
        yield notebook


@pytest.fixture
def with_another(notebook: Notebook) -> Iterator[Notebook]:
    """The kernel, with a second server that has the same."""
    notebook.run_well(f"%mcp connect other -- {ARCHIVE}")
    yield notebook
    notebook.run_well("%mcp disconnect other")


def shown(cell: FinishedCell) -> dict[str, str]:
    (result,) = cell.of_type("execute_result")
    return result["data"]


def test_lists_are_tables_that_can_be_searched(notebook: Notebook) -> None:
    resources = shown(notebook.run_well("%mcp resources"))["text/plain"]
    assert resources.splitlines()[0].split("  ")[0] == "resource"
    assert "broken://csv" in resources  # on the second page of the list
    found = shown(notebook.run_well("%mcp resources archive -s orders.csv"))["text/plain"]
    assert [line.split()[0] for line in found.splitlines()] == ["resource", "table://orders.csv"]
    assert "echo://{word}{?times}" in shown(notebook.run_well("%mcp templates"))["text/plain"]
    assert "language: string, lines?: string" in shown(notebook.run_well("%mcp prompts -s code"))["text/plain"]


def test_a_resource_is_shown_kept_and_made_a_frame(notebook: Notebook) -> None:
    assert "<table>" in shown(notebook.run_well("%mcp read table://csv"))["text/html"]
    notebook.run_well("%mcp read archive table://parquet --df -o frame")
    assert notebook.run_well("print(frame.shape)").text == "(3, 2)\n"
    assert notebook.run_well(
        "print(_.text)\nraw = %mcp read text://plain --raw\nprint(raw['contents'][0]['text'])"
    ).text.endswith("words\n")
    assert set(shown(notebook.run_well("%mcp read image://png"))) == {"text/plain", "image/png"}


def test_a_template_is_filled_in_from_words(notebook: Notebook) -> None:
    notebook.run_well("word = 'Seoul'")
    read = notebook.run_well("%mcp read archive echo://{word}{?times} word=$word times=2")
    assert shown(read)["text/plain"] == "echo://Seoul?times=2"
    assert shown(notebook.run_well('%mcp read folder://{/path*} path=["a", "b"]'))["text/plain"] == "folder:///a/b"


def test_a_prompt_is_shown_and_kept(notebook: Notebook) -> None:
    assert shown(notebook.run_well("%mcp prompt review language=Python"))["text/plain"].startswith("user:\nReview this")
    notebook.run_well("p = %mcp prompt archive.review language=C lines=3")
    assert notebook.run_well("print(len(p.messages))").text == "3\n"


def test_several_servers_are_told_apart(with_another: Notebook) -> None:
    lines = shown(with_another.run_well("%mcp prompts"))["text/plain"].splitlines()
    assert [line.split()[:2] for line in lines] == [["server", "prompt"], ["archive", "review"], ["other", "review"]]
    assert red_lines(with_another, "%mcp prompt review language=C") == [
        "MCP: Several servers have a prompt 'review': say archive.review or other.review."
    ]
    (which,) = red_lines(with_another, "%mcp read table://csv")
    assert which == (
        "MCP: Several servers have a resource 'table://csv': say %mcp read archive table://csv or %mcp read other "
        "table://csv."
    )
    (unknown,) = red_lines(with_another, "%mcp read echo:nowhere")
    assert unknown.startswith(
        "MCP: No connected server has a resource 'echo:nowhere'. There are: table://csv, table://orders.csv, "
    )
    with_another.run_well("%mcp read other table://csv -o x")


USER_ERRORS = {
    "%mcp read": "MCP: Say which resource, by its URI. Usage: %mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]",
    "%mcp read archive": (
        "MCP: Say which resource, by its URI. Usage: %mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]"
    ),
    "%mcp read orders.csv": (
        "MCP: 'orders.csv' is no URI, which has a colon, as in file:///data.csv; %mcp resources shows them. Usage: "
        "%mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]"
    ),
    "%mcp read archiv table://csv": "MCP: There is no server 'archiv'. Connected: archive. Did you mean 'archive'?",
    "%mcp read table://order.csv": (
        "MCP: archive has no resource 'table://order.csv'. Did you mean 'table://orders.csv'?"
    ),
    "%mcp read table://csv -o 1x": (
        "MCP: '1x' cannot be the name of a variable. Usage: %mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]"
    ),
    "%mcp read table://csv oops": (
        "MCP: 'oops' is not name=value; table://csv takes no arguments. Usage: "
        "%mcp read [SERVER] URI a=1 [-o NAME] [--df] [--raw]"
    ),
    "%mcp read table://csv word=x": ("MCP: table://csv has no argument 'word'. table://csv takes no arguments."),
    "%mcp read echo://{word}": ("MCP: echo://{word} needs the argument 'word'. echo://{word} takes word: string."),
    "%mcp read echo://{word} word=$nowhere": (
        "MCP: echo://{word}: argument 'word' is $nowhere, but this notebook has no 'nowhere'. For the text itself "
        "write word='$nowhere'."
    ),
    "%mcp prompt archive review": (
        "MCP: There is a dot between server and prompt: archive.review. Usage: %mcp prompt [SERVER.]PROMPT a=1 b=$name"
    ),
    "%mcp resources -s archive": (
        "MCP: No resource has 'archive' in its name or description. For the resources of the server archive: %mcp "
        "resources archive"
    ),
    "%mcp resources -s nothing": (
        "MCP: No resource has 'nothing' in its name or description. %mcp resources shows all."
    ),
    "%mcp prompt": "MCP: Say which prompt. Usage: %mcp prompt [SERVER.]PROMPT a=1 b=$name",
    "%mcp prompt revue": "MCP: No connected server has a prompt 'revue'. Did you mean 'archive.review'?",
    "%mcp prompt review": ("MCP: review needs the argument 'language'. review takes language: string, lines?: string."),
    "%mcp prompt review languag=C": (
        "MCP: review has no argument 'languag'. Did you mean 'language'? review takes language: string, lines?: string."
    ),
}


def red_lines(notebook: Notebook, line: str) -> list[str]:
    (error,) = notebook.run(line).of_type("error")
    return [re.sub(r"\x1b\[\d+m", "", one) for one in error["traceback"]]


def test_each_user_error_is_one_red_line(notebook: Notebook) -> None:
    said = {line: red_lines(notebook, line) for line in USER_ERRORS}
    assert said == {line: [sentence] for line, sentence in USER_ERRORS.items()}

"""server-everything, which nobody here wrote, asks for every kind of field, and a model for an answer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import pytest

from mcp_notebook.approval.checking import default_content
from mcp_notebook.approval.fields import Field, Option
from support.clicks import AskingCell
from support.everything import EVERYTHING
from support.kernelspecs import NEWEST
from support.node import node_command
from support.notebook import notebook_with_extension

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.notebook import Notebook


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    with notebook_with_extension(NEWEST, tmp_path_factory.mktemp("kernel")) as notebook:
        notebook.run_well(f"%mcp connect everything -- {shlex.join([*node_command(EVERYTHING), 'stdio'])}")
        yield notebook


def to_field(shown: dict[str, Any]) -> Field:
    """The field that a front end was shown."""
    del shown["schema"]  # for the front end's own checks
    return Field(**{**shown, "options": [Option(**option) for option in shown["options"]]})


def test_its_form_with_every_kind_of_field_is_filled_in(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call trigger-elicitation-request\nprint(x.text)")
    comm, question = cell.next_question()
    fields = [to_field(one) for one in question["fields"]]
    assert {field.kind for field in fields} == {"text", "integer", "number", "boolean", "choice", "choices"}
    content = {"name": "Ada", **(default_content(fields) or {})}
    content |= {field.name: field.default for field in fields if field.default is not None}
    cell.answer(comm, "accept", content)
    assert "Ada" in cell.finish().text


def test_its_request_to_a_model_is_answered_by_the_person(notebook: Notebook) -> None:
    cell = AskingCell(notebook.client, "x = %mcp call trigger-sampling-request prompt=hello\nprint(x.text)")
    comm, question = cell.next_question()
    assert "hello" in question["message"]
    cell.answer(comm, "accept", {"answer": "written by hand"})
    assert "written by hand" in cell.finish().text

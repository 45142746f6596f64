"""Every hidden answer of the tutorials that is code runs in its notebook, and says what the answer promises.

Minutes, so it is no part of `make test`: `make tutorials` runs it. Knows how answers are written. Refuses to know
what they are about, but for the words of `SAYS`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from support.kernelspecs import LINES, add_kernelspecs
from support.tutorials import NOTEBOOKS, TUTORIALS, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAYS = {
    "01.2": ["Assam, drawn for 3 minutes"],
    "02.1": ['"code": -32602'],
    "02.2": ["42"],
    "02.3": ["Atlantis", '"isError": true'],
    "03.1": ['"protocolVersion": "2025-06-18"'],
    "03.2": ['"code": -32602'],
    "04.1": ["Order 2 is not open"],
    "05.1": ["2 rounds, 2 calls"],
    "06.1": ["Cairo"],
    "07.1": ["code"],
    "07.2": ["first week of Python"],
    "08.1": ["Seen were: coot, gull"],
    "08.2": ["2", "minimum of 1"],
    "08.3": ["['double'] {'result': 42}"],
    "09.2": ["400", "Missing session ID"],
    "10.1": ["Momo stays here"],  # nobody is there to be asked
    "13.1": ["Gentoo"],
    "13.2": ["True"],
    "14.1": ["cancel_order"],
}
"""What the outputs of answers have in them, by notebook and exercise."""

_ANSWER = re.compile(r"^\*\*(\d)\.\*\*.*?</summary>(.*?)</details>", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"```python\n(.*?)```|`(%mcp [^`]+)`", re.DOTALL)
_FAILS = "red line"
"""An answer with these words has one piece of code that fails."""


class Answer(NamedTuple):
    """One hidden answer.

    Attributes:
        number: of the exercise.
        fails: how many of its pieces of code end in an error.
        code: what a reader runs, a cell each.
    """

    number: str
    fails: int
    code: list[str]


def find_answers(markdown: str) -> Iterator[Answer]:
    _, _, exercises = markdown.partition("## Exercises")
    for number, answer in _ANSWER.findall(exercises):
        yield Answer(number, answer.count(_FAILS), [block or line for block, line in _CODE.findall(answer)])


def with_answers(notebook: Path) -> nbformat.NotebookNode:
    """The notebook, with a cell for each piece of each answer where its exercises are."""
    node = nbformat.read(notebook, as_version=4)
    cells = []
    for cell in node.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            for answer in find_answers(cell.source):
                marked = {"answer": answer.number, "fails": answer.fails, "tags": ["raises-exception"]}
                cells += [new_code_cell(code, metadata=marked) for code in answer.code]
    node.cells = cells
    return node


ANSWERED = [one for one in TUTORIALS if any("answer" in cell.metadata for cell in with_answers(one).cells)]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("notebook", ANSWERED, ids=lambda one: one.stem)
def test_what_a_reader_unfolds_runs(notebook: Path, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_kernelspecs(tmp_path)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    node = with_answers(notebook)
    client = NotebookClient(node, kernel_name=line, timeout=60, resources={"metadata": {"path": str(NOTEBOOKS)}})
    client.execute(env={**environment, "HOME": str(tmp_path)})  # fails where a cell that is no answer does

    for number in {cell.metadata["answer"] for cell in node.cells if "answer" in cell.metadata}:
        cells = [cell for cell in node.cells if cell.metadata.get("answer") == number]
        failed = [output.evalue for cell in cells for output in cell.outputs if output.output_type == "error"]
        assert len(failed) == cells[0].metadata["fails"], failed
        shown = "\n".join(text_of(output) for cell in cells for output in cell.outputs)
        for words in SAYS.get(f"{notebook.name[:2]}.{number}", ()):
            assert words in shown

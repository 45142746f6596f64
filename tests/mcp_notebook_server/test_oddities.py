"""What stands out in a notebook: the error that is the latest, and the order in which cells ran."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from mcp_notebook_server.oddities import find_failed_cell, list_oddities


def ran(count: int | None, *, failed: bool = False) -> dict[str, Any]:
    """A cell that ran as the count says."""
    outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])] if failed else []
    return new_code_cell("x", execution_count=count, outputs=outputs)


@pytest.mark.parametrize(
    ("cells", "place"),
    [
        ([], None),
        ([ran(1), ran(2)], None),
        ([ran(1), ran(2, failed=True), ran(3)], 1),
        ([ran(5, failed=True), ran(4, failed=True)], 0),
        ([ran(None, failed=True), ran(None, failed=True)], 1),
        ([new_markdown_cell("# Title"), ran(1, failed=True)], 1),
    ],
)
def test_the_latest_error_is_that_of_the_cell_that_ran_last(cells: list[Any], place: int | None) -> None:
    assert find_failed_cell(cells) == place


def test_a_notebook_that_ran_from_top_to_bottom_has_nothing_odd() -> None:
    assert list_oddities([new_markdown_cell("# Title"), ran(1), ran(2), new_code_cell("")]) == []


def test_what_is_odd_is_named_by_place() -> None:
    cells = [ran(3), new_markdown_cell("text"), ran(2, failed=True), ran(None), ran(4)]
    assert list_oddities(cells) == [
        "Cells that show an error: 2.",
        "Cells that never ran: 3.",
        "Cells that ran in another order than they stand in: 2 before 0.",
    ]


def test_a_long_list_is_cut_and_says_so() -> None:
    assert list_oddities([ran(None)] * 50)[0].endswith("18, 19 and 30 more.")

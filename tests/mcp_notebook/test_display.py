"""How tables and lists of names look."""

from __future__ import annotations

import pytest

from mcp_notebook.display import Table, some_names


def test_the_side_of_every_cell_is_said_and_numbers_stand_on_the_right() -> None:
    table = Table(("name", "size", "gone", "good"), [("oak", 3, None, True), ("ash", None, None, False)])
    page = table.to_html()
    assert '<th style="text-align: left">name</th><th style="text-align: right">size</th>' in page
    assert '<td style="text-align: left">oak</td><td style="text-align: right">3</td>' in page
    assert '<td style="text-align: left">True</td>' in page
    assert page.count("text-align: right") == 3


@pytest.mark.parametrize(
    ("count", "shown"),
    [(1, "s0"), (5, "s0, s1, s2, s3, s4"), (8, "s0, s1, s2, s3, s4, s5, s6, s7"), (9, "s0, s1, s2, s3, s4 and 4 more")],
)
def test_names_are_only_counted_where_that_saves_something(count: int, shown: str) -> None:
    assert some_names(f"s{n}" for n in range(count)) == shown

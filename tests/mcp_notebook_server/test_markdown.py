"""Tables for models: little text, nothing broken, and what is left out is said."""

from mcp_notebook_server.markdown import render_table, shorten


def test_a_table_has_no_padding() -> None:
    assert render_table(("a", "b"), [(1, None), (2.5, "x")]) == "|a|b|\n|---|---|\n|1||\n|2.5|x|"


def test_what_would_break_the_table_is_escaped() -> None:
    assert render_table(("a",), [("x|y\nz\\",)]).splitlines()[-1] == "|x\\|y z\\\\|"


def test_a_table_over_its_budget_says_how_many_rows_it_left_out() -> None:
    text = render_table(("n",), [(n,) for n in range(1000)], budget=100)
    assert len(text) < 200
    assert text.endswith("more rows in the structured content)")
    shown = text.count("\n") - 2
    assert f"({1000 - shown} more rows" in text


def test_a_long_cell_is_shortened() -> None:
    assert len(render_table(("a",), [("x" * 10_000,)])) < 300


def test_shortening_keeps_what_fits() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"

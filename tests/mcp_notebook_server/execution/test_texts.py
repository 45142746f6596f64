"""Text that is bounded while it grows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcp_notebook_server.execution.texts import GrowingText, drop_colours, settle_line, shorten_middle


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("10%\r20%", "20%"),
        ("long text\rshort", "shorttext"),
        ("ab\b\bxy", "xy"),
        ("abc\b", "abc"),
        ("\b\ba", "a"),
        ("ready\r", "ready"),
    ],
)
def test_a_line_is_what_a_terminal_shows_of_it(line: str, shown: str) -> None:
    assert settle_line(line) == shown


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab\n", max_size=30), max_size=20), st.integers(1, 50))
def test_the_two_ends_are_kept_and_the_rest_is_counted(parts: list[str], most: int) -> None:
    whole = "".join(parts)
    text = GrowingText(most)
    for part in parts:
        text.add(part)
    assert text.total == len(whole)
    assert text.size <= 2 * most + len(whole) - whole.rfind("\n")
    assert text.size + text.left_out == len(whole)
    if not text.left_out:
        assert text.read(len(whole)) == whole
    assert whole.endswith(text.read_end(1))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("ab\r\n", max_size=10), max_size=10))
def test_how_text_is_cut_into_messages_does_not_matter(parts: list[str]) -> None:
    apart, together = GrowingText(1000), GrowingText(1000)
    for part in parts:
        apart.add(part)
    together.add("".join(parts))
    assert apart.read(1000) == together.read(1000)


def test_a_progress_bar_of_a_million_steps_takes_no_room() -> None:
    text = GrowingText(1000)
    for step in range(20_000):
        text.add(f"\r{step:6}")
    assert text.read(1000) == " 19999"
    assert text.size < 10_000


def test_what_was_left_out_is_said() -> None:
    assert shorten_middle("a" * 10 + "b" * 10, 4) == "aa\n… 16 more characters were left out here …\nbb"
    text = GrowingText(5)
    text.add("first\n" + "x" * 20 + "\nlast\n")
    assert text.read(100).startswith("first")
    assert text.read(100).endswith("last\n")
    assert f"… {text.left_out} more characters" in text.read(100)


def test_colours_titles_and_links_are_dropped() -> None:
    assert drop_colours("\x1b[1;31mred\x1b[0m \x1b]0;title\x07\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\") == "red link"

"""The line that is offered does what the click did."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_notebook.arguments import read_arguments
from mcp_notebook.explorer.code import MAX_LINE, write_magic, write_python
from mcp_notebook.words import split_words

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def read_back(written: str, schema: dict[str, Any]) -> Any:
    """Read arguments as `%mcp` does."""
    line, _, body = written.partition("\n")
    words = split_words(line.lstrip("%").removeprefix("mcp "))
    assert words[:2] == ["call", "market.buy"]
    return json.loads(body) if body else read_arguments(words[2:], "buy", schema, {})


@given(st.dictionaries(st.text(min_size=1, max_size=8), VALUES, max_size=4))
def test_whatever_the_arguments_the_line_reads_back_as_the_same(arguments: dict[str, Any]) -> None:
    written = write_magic("market", "buy", arguments)
    assert written is not None
    assert "\n" not in written or written.startswith("%%mcp")
    schema = {"type": "object", "properties": {name: {} for name in arguments}}
    assert read_back(written, schema) == arguments


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=4))
def test_whatever_the_arguments_the_python_calls_with_the_same(arguments: dict[str, Any]) -> None:
    written = write_python("market", "buy", arguments)
    assert written is not None
    called: list[Any] = []

    class Recorder:
        def get(self, name: str) -> Recorder:
            called.append(name)
            return self

        def call(self, *given: Any) -> None:
            called.extend(given)

    exec(written.partition("\n\n")[2], {"get_host": Recorder})  # noqa: S102  it is what a person would run
    assert called == ["market", "buy", *([arguments] if arguments else [])]


def test_a_line_that_is_too_long_is_not_offered() -> None:
    arguments = {"text": "x" * MAX_LINE}
    assert write_magic("market", "buy", arguments) is None
    assert write_python("market", "buy", arguments) is None


@pytest.mark.parametrize("name", ["two\nlines", "bell\x07"])
def test_a_name_that_ends_a_line_is_not_offered_as_one(name: str) -> None:
    assert write_magic("market", name, {}) is None

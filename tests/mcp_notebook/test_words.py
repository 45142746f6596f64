from __future__ import annotations

import pytest

from mcp_notebook.words import as_typed, is_literal, split_unfinished, split_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("call add  a=1 b=2", ["call", "add", "a=1", "b=2"]),
        ("a='two words' b=\"it's\"", ["a=two words", "b=it's"]),
        ('row:={"a": [1, 2], "b": "x y"} next=1', ['row:={"a": [1, 2], "b": "x y"}', "next=1"]),
        ('row={"a": [1, 2]} l=[1, 2]', ['row={"a": [1, 2]}', "l=[1, 2]"]),
        ("row:='{\"a\": 1}'", ['row:={"a": 1}']),
        ('text:="two words" n:=-1.5e3', ['text:="two words"', "n:=-1.5e3"]),
        ("text={oops x=1", ["text={oops", "x=1"]),
        ("a:=1x b={}y", ["a:=1x", "b={}y"]),
        (r"path=C:\temp\new", [r"path=C:\temp\new"]),
        ("a={v} b=$x c=${Y} d=*", ["a={v}", "b=$x", "c=${Y}", "d=*"]),
        ('connect x URL -H "Authorization: Bearer ${T}"', ["connect", "x", "URL", "-H", "Authorization: Bearer ${T}"]),
        ("x -- python -c 'import sys; print(1)'", ["x", "--", "python", "-c", "import sys; print(1)"]),
        ("a='' b=", ["a=", "b="]),
        (r'text="say \"hi\" to" n=1', ['text=say "hi" to', "n=1"]),
        (r'a="x \"b\"" c="\"d\""', ['a=x "b"', 'c="d"']),
        (r'path="C:\temp\"', ["path=C:\\temp\\"]),
        (r'path="C:\a\" other="D:\b\"', ["path=C:\\a\\", "other=D:\\b\\"]),
    ],
)
def test_a_line_is_split_at_spaces_outside_quotes_and_json(line: str, words: list[str]) -> None:
    assert split_words(line) == words


def test_an_open_quote_is_said() -> None:
    with pytest.raises(ValueError, match="the quote ' is never closed"):
        split_words("a='b")


@pytest.mark.parametrize(
    ("line", "words", "typed"),
    [
        ("", [], ""),
        ("ca", [], "ca"),
        ("call ", ["call"], ""),
        ("call x a", ["call", "x"], "a"),
        ('call a="New Y', ["call"], 'a="New Y'),
        ('call a="New York" b', ["call", "a=New York"], "b"),
        ('call a={"b": 1, "c', ["call"], 'a={"b": 1, "c'),
        ('call a:=[1, 2] "', ["call", "a:=[1, 2]"], '"'),
    ],
)
def test_the_word_that_is_still_typed_is_told_apart(line: str, words: list[str], typed: str) -> None:
    assert split_unfinished(line) == (words, typed)


@pytest.mark.parametrize(
    ("line", "literal"),
    [("a=$x", False), ("a='$x'", True), ('"a=$x"', True), ("a=$x['y']", False), ("a:='[1]'", True), ("'x'y", True)],
)
def test_a_word_knows_how_it_was_typed(line: str, literal: bool) -> None:
    (word,) = split_words(line)
    assert as_typed(word) == line
    assert is_literal(word) is literal

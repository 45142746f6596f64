"""One line of a person's typing, split into words.

Knows quotes and where a JSON value ends, so that `row:={"a": [1, 2]}` is one word without any quoting, and
`-H "Authorization: Bearer x"` is two. Refuses to expand anything: no variables, no wildcards, and no backslashes (a
Windows path stays what it is) but the one before a quote inside double quotes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    _ReadQuoted = Callable[[str, int], tuple[str, int]]

__all__ = ["Word", "as_typed", "is_literal", "quote_word", "split_unfinished", "split_words"]

_ARGUMENT = re.compile(r"[^\s=:'\"]+:?=")
_LITERAL = re.compile(rf"(?:{_ARGUMENT.pattern})?['\"]")
_ESCAPED = re.compile(r'"(?P<text>(?:[^"\\]|\\"|\\(?!"))*)"')
_JSON_VALUE = json.JSONDecoder()


class Word(str):
    """A word as it is meant, without its quotes.

    Attributes:
        typed: as it was typed, with them.
    """

    __slots__ = ("typed",)
    typed: str

    def __new__(cls, text: str, typed: str) -> Self:
        """Make one; a str's value is set here."""
        word = super().__new__(cls, text)
        word.typed = typed
        return word


def as_typed(word: str) -> str:
    """Give a word as it was typed, with its quotes."""
    return word.typed if isinstance(word, Word) else word


def is_literal(word: str) -> bool:
    """Whether a word, or the value in `name=value`, begins with a quote: then nothing in it means anything else."""
    return _LITERAL.match(as_typed(word)) is not None


def split_words(line: str) -> list[Word]:
    """Split a line at its spaces, except inside quotes and inside a JSON value that follows `name=` or `name:=`.

    Args:
        line: what follows `%mcp`.

    Raises:
        ValueError: a quote is opened and never closed.
    """
    if r"\"" in line:
        try:
            return _split(line, _read_escaped)
        except ValueError:  # a backslash that only stands before the closing quote: path="C:\temp\"
            pass
    return _split(line, _read_quoted)


def _split(line: str, read_quoted: _ReadQuoted) -> list[Word]:
    words: list[Word] = []
    at = _skip_spaces(line, 0)
    while at < len(line):
        word, end = _read_word(line, at, read_quoted)
        words.append(Word(word, line[at:end]))
        at = end
        at = _skip_spaces(line, at)
    return words


def _skip_spaces(line: str, at: int) -> int:
    while at < len(line) and line[at].isspace():
        at += 1
    return at


def _read_word(line: str, at: int, read_quoted: _ReadQuoted) -> tuple[str, int]:
    name = _ARGUMENT.match(line, at)
    if name:
        json_end = _find_json_end(line, name.end(), only_brackets=not name.group().endswith(":="))
        if json_end is not None:
            return line[at:json_end], json_end
    parts: list[str] = []
    while at < len(line) and not line[at].isspace():
        part, at = read_quoted(line, at) if line[at] in "'\"" else (line[at], at + 1)
        parts.append(part)
    return "".join(parts), at


def _find_json_end(line: str, at: int, *, only_brackets: bool) -> int | None:
    """Find where the JSON value at `at` ends; None where there is none, or where more of a word follows it."""
    if only_brackets and line[at : at + 1] not in {"{", "["}:
        return None
    try:
        _, end = _JSON_VALUE.raw_decode(line, at)
    except ValueError:
        return None
    return end if end == len(line) or line[end].isspace() else None


def _read_quoted(line: str, at: int) -> tuple[str, int]:
    quote = line[at]
    end = line.find(quote, at + 1)
    if end < 0:
        raise ValueError(f"the quote {quote} is never closed")
    return line[at + 1 : end], end + 1


def _read_escaped(line: str, at: int) -> tuple[str, int]:
    r"""Read double quotes in which \" is a quote.

    Raises:
        ValueError: that cannot be meant: they are never closed, or in the middle of a word.
    """
    if line[at] == "'":
        return _read_quoted(line, at)
    found = _ESCAPED.match(line, at)
    if found is None or not (found.end() == len(line) or line[found.end()].isspace()):
        raise ValueError("backslashes are themselves here")
    return found["text"].replace(r"\"", '"'), found.end()


def split_unfinished(line: str) -> tuple[list[str], str]:
    """Split a line that somebody still types.

    Args:
        line: what follows `%mcp`, up to the cursor.

    Returns:
        The finished words, and the unfinished last one as it was typed, with its quotes; "" after a space.
    """
    words: list[str] = []
    at = _skip_spaces(line, 0)
    while at < len(line):
        word, end = _read_unfinished(line, at)
        if end == len(line):
            return words, line[at:]
        words.append(word)
        at = _skip_spaces(line, end)
    return words, ""


def _read_unfinished(line: str, at: int) -> tuple[str, int]:
    name = _ARGUMENT.match(line, at)
    if (
        name
        and line[name.end() : name.end() + 1] in {"{", "["}
        and _find_json_end(line, name.end(), only_brackets=True) is None
    ):
        return line[at:], len(line)
    try:
        return _read_word(line, at, _read_quoted)
    except ValueError:  # a quote that is still open
        return line[at:], len(line)


def quote_word(word: str) -> str:
    """Write a word so that `split_words` reads it as one: as it is, or in quotes where it needs them."""
    if word and not re.search(r"[\s'\"]", word):
        return word
    pieces = re.findall(r"[^']+|'+", word)
    return "".join(f'"{piece}"' if piece.startswith("'") else f"'{piece}'" for piece in pieces) or "''"

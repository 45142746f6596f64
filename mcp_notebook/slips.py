"""Words that are nearly a tool's arguments: why they are none, and what to write instead.

Knows what people write from other habits: Python's calls and literals, a shell's words, a colon in place of =. Refuses
to read them as if they were right.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.schemas import Schema, describe_arguments, properties
from mcp_notebook.words import as_typed, quote_word

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ARGUMENT", "find_python", "is_argument", "why_no_argument"]

ARGUMENT = re.compile(r"(?P<name>[^\s=:]+)(?P<json>:)?=(?P<text>.*)", re.DOTALL)
"""A word that is an argument: `name=text` or `name:=JSON`."""


def is_argument(words: Sequence[str], at: int) -> bool:
    """Whether there is a word at a place, and it is `name=value`."""
    return at < len(words) and ARGUMENT.fullmatch(words[at]) is not None


def why_no_argument(words: Sequence[str], at: int, tool: str, schema: Schema) -> str:
    """Say as a clause why a word is no argument, and what was probably meant."""
    word = words[at]
    problem = f"{word!r} is not name=value"
    following = words[at + 1] if at + 1 < len(words) else ""
    if following.startswith("="):
        value = following.removeprefix("=") or (words[at + 2] if at + 2 < len(words) else "VALUE")
        return f"{problem}. There is no space around =, as in {word}={quote_word(value)}"
    before = ARGUMENT.fullmatch(words[at - 1]) if at else None
    if before is not None:
        end = next((one for one in range(at, len(words)) if is_argument(words, one)), len(words))
        unread = _why_no_json(" ".join(map(as_typed, words[at - 1 : end])), before["name"])
        if unread is not None:
            return unread
        value = " ".join([before["text"], *words[at:end]]).strip()
        return f"{problem}. If it belongs to {before['name']!r}, use quotes: {before['name']}={quote_word(value)}"
    return _why_no_first_argument(problem, words, tool, schema)


def _why_no_first_argument(problem: str, words: Sequence[str], tool: str, schema: Schema) -> str:
    if as_typed(words[0]).startswith("{"):
        return f"All arguments as one JSON object stand below the line, which then begins with %%mcp call {tool}"
    names = properties(schema)
    takes = f"{tool} takes {describe_arguments(schema)}" if names else f"{tool} takes no arguments"
    if words[0].removesuffix(":") in names:
        value = quote_word(" ".join(words[1:])) if len(words) > 1 else "VALUE"
        return f"{problem}: write {words[0].removesuffix(':')}={value}; {takes}"
    needed = schema.get("required") or ()
    if len(needed) == 1:
        return f"{problem}: write {needed[0]}={quote_word(' '.join(words))}; {takes}"
    return f"{problem}; {takes}"


def _why_no_json(typed: str, name: str) -> str | None:
    """Say as a clause why `name=[...` is no JSON, where that was begun; None where it was not."""
    text = typed.partition("=")[2]
    if text[:1] not in {"[", "{"}:
        return None
    try:
        json.loads(text)
    except ValueError as error:
        value = find_python(text)
        instead = "" if value is None else f". Write {name}={json.dumps(value, ensure_ascii=False)}"
        return f"What follows {name}= is no JSON: {error}{instead}"
    return None


def find_python(text: str) -> Any:
    """Find the list or dict that a text is in Python's words, where JSON can say it; None if it is none."""
    try:
        value = ast.literal_eval(text)
        json.dumps(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return cast("Any", value) if isinstance(value, list | dict) else None

"""What a rule is: an id, a sentence, examples, and what it is known to miss.

Knows how patterns are looked for: in a text as it looks (`looks`), in small letters. Refuses to know any rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook.defences.looks import fold, split_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mcp_notebook.defences.definition import Text

    Find = Callable[[Text], Iterator[tuple[int, int]]]

__all__ = ["Rule", "find_words"]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: in lower case with dashes; it stays the same.
        problem: what is the matter, as the end of a sentence that begins with what has it.
        misses: what it is known not to find, a phrase each.
        examples: texts that it finds.
        find: gives the places in a text.
    """

    id: str
    problem: str
    misses: tuple[str, ...]
    examples: tuple[str, ...]
    find: Find


# An escape, a class of characters (both stay as they are), or a space and what may repeat it.
_SPACE = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\])*\]| [*?]?", re.DOTALL)


def _any_space(found: re.Match[str]) -> str:
    return {" ": r"\s+", " ?": r"\s*", " *": r"[^\S\n]*"}.get(found[0], found[0])


def find_words(*patterns: str, names: bool = False) -> Find:
    """Make what finds any of these patterns, in small letters; a space in one is any white space.

    Args:
        *patterns: regular expressions for a folded text.
        names: look into names, too, whose words are parted by a space then.
    """
    compiled = [re.compile(_SPACE.sub(_any_space, pattern)) for pattern in patterns]

    def find(text: Text) -> Iterator[tuple[int, int]]:
        if text.is_name:
            words = split_name(text.text)
            if names and any(pattern.search(words) for pattern in compiled):
                yield 0, len(text.text)
            return
        folded = fold(text.text)
        for pattern in compiled:
            for found in pattern.finditer(folded.text):
                yield folded.place(found.start()), folded.place(found.end())

    return find

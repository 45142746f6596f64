"""`name << %mcp ...`, the database magics' way to keep a result, beside IPython's own `name = %mcp ...`.

Knows tokens, so a string that contains such a line stays a string. Refuses to touch any other magic.
"""

from __future__ import annotations

import tokenize
from typing import TYPE_CHECKING, Self

from IPython.core.inputtransformer2 import TokenTransformBase

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AssignByArrow"]


class AssignByArrow(TokenTransformBase):
    """Rewrites `name << %mcp ...` as `name = %mcp ...`, which IPython then reads."""

    # IPython sets these two, untyped: where the match begins, from 0.
    start_line: int
    start_col: int

    priority = 5  # before IPython's own assignment of magics, which has 10

    @classmethod
    def find(cls, tokens_by_line: Sequence[Sequence[tokenize.TokenInfo]]) -> Self | None:
        """Find the first such line."""
        for line in tokens_by_line:
            words = [token for token in line if token.type not in {tokenize.INDENT, tokenize.DEDENT}]
            if [word.string for word in words[1:4]] == ["<<", "%", "mcp"] and words[0].type == tokenize.NAME:
                return cls(words[1].start)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """Give the lines with `=` instead of `<<`."""
        line = lines[self.start_line]
        changed = f"{line[: self.start_col]}={line[self.start_col + 2 :]}"
        return [*lines[: self.start_line], changed, *lines[self.start_line + 1 :]]

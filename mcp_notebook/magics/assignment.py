"""`name << %mcp ...`, the database magics' way to keep a result, beside IPython's own `name = %mcp ...`.

Knows tokens, so a string that contains such a line stays a string, and what IPython makes of such lines. Refuses to
touch any other magic.
"""

from __future__ import annotations

import linecache
import re
import tokenize
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from IPython.core.inputtransformer2 import TokenTransformBase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

__all__ = ["AssignByArrow", "Caller", "is_assigned"]

_ASSIGNED = re.compile(r"=\s*get_ipython\(\)\.run_line_magic\(")


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


class Caller(NamedTuple):
    """Where a line stands.

    Attributes:
        variables: those of the function that it is in; at the top of a cell, the notebook's.
        assigned: its value goes into a variable.
    """

    variables: dict[str, Any]
    assigned: bool


def is_assigned(magic: FrameType | None) -> bool:
    """Whether the value of a magic goes into a variable: `x = %mcp ...`; False where nobody can say.

    Args:
        magic: the frame of the magic's function, which IPython calls for the person's line.
    """
    line = magic.f_back.f_back if magic is not None and magic.f_back is not None else None
    if line is None:
        return False
    return _ASSIGNED.search(linecache.getline(line.f_code.co_filename, line.f_lineno)) is not None

"""One thing that a rule found, with its place and its words.

Knows how it is said to a person. Refuses to know rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from mcp_notebook.display import one_line
from mcp_notebook.unseen import reveal_unseen

__all__ = ["Finding", "excerpt"]

_AROUND = 60
_MAX_EXCERPT = 240


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        rule: its id, as in RULES.md: `conceals-from-person`.
        problem: what is the matter, as the end of a sentence: "tells the model to hide something from you".
        subject: what it is about: `weather.get_forecast`, `weather (instructions)`.
        where: in it: `description`; "" if it is about all of it.
        excerpt: the words, with what nobody sees made visible, in one line; "" if there are none.
    """

    rule: str
    problem: str
    subject: str
    where: str = ""
    excerpt: str = ""

    def __str__(self) -> str:
        where = f" ({self.where})" if self.where else ""
        words = f": “{self.excerpt}”" if self.excerpt else ""
        return f"{self.subject}{where} {self.problem}{words} [{self.rule}]"


def excerpt(text: str, start: int, end: int) -> str:
    """Give the words around a place in a text, with what nobody sees made visible, in one line."""
    begin, stop = max(0, start - _AROUND), min(len(text), max(start, min(end, start + _MAX_EXCERPT)) + _AROUND)
    shown = one_line(reveal_unseen(text[begin:stop]), 2 * _MAX_EXCERPT)
    return f"{'…' if begin else ''}{shown}{'…' if stop < len(text) else ''}"

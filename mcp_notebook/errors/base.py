"""What all errors have in common: one red line, and no traceback of ours."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["DIM", "RED", "RESET", "HostError", "Interrupted", "UsageError", "did_you_mean"]

RED, DIM, RESET = "\x1b[31m", "\x1b[2m", "\x1b[0m"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give the sentence that offers the nearest of the `known` words, with a space before it; "" if none is near.

    A word without a dot is also near to `server.word` where it is near to what comes after the dot.
    """
    wholes = {each: each for each in known}
    ends = {} if "." in word else {each.partition(".")[2]: each for each in wholes if "/" not in each}
    offers = {**ends, **wholes}
    close = difflib.get_close_matches(word, offers, n=1)
    return f" Did you mean {offers[close[0]]!r}?" if close else ""


class HostError(Exception):
    """Anything that went wrong on the notebook's side; `str()` is the whole sentence."""

    def _details(self) -> Sequence[str]:
        """Give lines to show below the red one, such as what a dying server wrote."""
        return ()

    def _render_traceback_(self) -> list[str]:
        """Show one red line and no traceback: IPython asks for this by name, and the cell still fails."""
        details = [f"{DIM}  | {one_line(line)}{RESET}" for line in self._details()]
        return [f"{RED}MCP: {one_line(str(self), limit=2000)}{RESET}", *details]


class Interrupted(KeyboardInterrupt):
    """The person interrupted a %mcp line."""

    def __str__(self) -> str:
        return "interrupted; what was under way was cancelled, and the connections can be used."

    def _render_traceback_(self) -> list[str]:
        """Show one red line, as `HostError` does."""
        return [f"{RED}MCP: {self}{RESET}"]


class UsageError(HostError):
    """A %mcp line that cannot be read.

    Attributes:
        problem: a clause.
        usage: how the line should look.
    """

    def __init__(self, problem: str, usage: str) -> None:
        super().__init__(problem, usage)
        self.problem = problem
        self.usage = usage

    def __str__(self) -> str:
        return f"{self.problem}{'' if self.problem.endswith(('.', '?')) else '.'} Usage: {self.usage}"

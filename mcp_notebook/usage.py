"""What may stand where in a `%mcp` line, read from the command's usage: the words that help shows are the grammar.

    %mcp read [SERVER] URI [-o NAME] [--era auto|legacy]

Knows how a usage is written: PLACEHOLDERS, [optional], repeated..., --option VALUE, this|that, and `or` between whole
lines. Refuses to know what stands for a placeholder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Usage", "read_usage"]

_OPTION = re.compile(
    r"(?<![\w-])(?P<name>--?[A-Za-z][\w-]*)(?: (?P<value>\"[^\"]*\"|[A-Z]{1,}\b(?: [A-Z]\b)*|[\w.]+(?:\|[\w.]+)+))?"
)
_PLACEHOLDER = re.compile(r"(?P<optional>\[)?(?P<kind>[A-Z]{2,})(?P<more>\.\.\.)?")
_ANOTHER_PROGRAM = re.compile(r" -- .*")


@dataclass(frozen=True)
class _Place:
    kind: str
    optional: bool
    repeated: bool


@dataclass(frozen=True)
class Usage:
    """A usage that has been read.

    Attributes:
        options: the options, each with what follows it: a placeholder, choices (`a|b`), or None.
        lines: the placeholders of each line that `or` separates.
        takes_arguments: whether `name=value` words follow.
    """

    options: Mapping[str, str | None]
    lines: Sequence[Sequence[_Place]]
    takes_arguments: bool

    def kinds_after(self, words: Sequence[str], fits: Callable[[str, str], bool]) -> list[str]:
        """Give the placeholders that may stand for the next word.

        Args:
            words: those before it, without options.
            fits: whether a word can stand for a placeholder: `fits("SERVER", "weather")`.
        """
        kinds: dict[str, None] = {}
        for line in self.lines:
            at = {0}
            for word in words:
                fitting = [place for place in _reach(line, at) if fits(line[place].kind, word)]
                at = {after for place in fitting for after in _step(line, place)}
            kinds |= dict.fromkeys(line[place].kind for place in sorted(_reach(line, at)))
        return list(kinds)


def _reach(line: Sequence[_Place], at: set[int]) -> set[int]:
    """Give the places that can be next: from each, also what follows an optional one."""
    reached: set[int] = set()
    for start in at:
        for place in range(start, len(line)):
            reached.add(place)
            if not line[place].optional:
                break
    return reached


def _step(line: Sequence[_Place], place: int) -> set[int]:
    return {place, place + 1} if line[place].repeated else {place + 1}


def read_usage(usage: str) -> Usage:
    """Read a command's usage.

    Args:
        usage: the whole line, which begins with `%mcp` and the command's name.
    """
    rest = re.sub(r"^%mcp *\S* *", "", usage)
    options = {match["name"]: match["value"] for match in _OPTION.finditer(rest)}
    lines = [_ANOTHER_PROGRAM.sub("", line) for line in re.split(r" or (?=[A-Z\[-])", rest)]
    return Usage(options, [_places(_OPTION.sub("", line)) for line in lines], "a=1" in rest)


def _places(line: str) -> list[_Place]:
    plain = re.sub(r"\S+=\S+", "", line.replace("[SERVER.]", ""))
    return [
        _Place(match["kind"], bool(match["optional"]), bool(match["more"])) for match in _PLACEHOLDER.finditer(plain)
    ]

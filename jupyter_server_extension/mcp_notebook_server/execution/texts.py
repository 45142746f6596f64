"""What code printed, as text that is bounded while it grows.

Knows carriage returns, backspaces and terminal colours, and which part of too much text is worth keeping: its beginning
and its end. Refuses to know messages and kernels.
"""

from __future__ import annotations

import re
from collections import deque

__all__ = ["GrowingText", "drop_colours", "settle_line", "shorten_middle"]

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""ECMA-48: control sequences (colours, cursor), operating system commands (titles, links), single ones."""

_LONGEST_LINE = 4000
"""Characters of a line without an end, from which on what it wrote over itself is forgotten."""


class GrowingText:
    """Text that is added to, of which a beginning and an end are kept.

    Args:
        most: characters of each of the two.

    Attributes:
        left_out: characters between the two that were dropped.
        total: characters that were ever added.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._head: list[str] = []
        self._head_size = 0
        self._tail: deque[str] = deque()
        self._tail_size = 0
        self._line = ""
        self.left_out = 0
        self.total = 0

    def add(self, text: str) -> None:
        """Add what was printed."""
        self.total += len(text)
        *lines, self._line = (self._line + text).split("\n")
        if lines:
            self._keep("".join(f"{settle_line(line)}\n" for line in lines))
        if len(self._line) > _LONGEST_LINE:
            at_start = "\r" if self._line.endswith("\r") else ""
            self._line = settle_line(self._line) + at_start
            if len(self._line) > _LONGEST_LINE:
                self._keep(self._line)
                self._line = ""

    def leave_out(self, characters: int) -> None:
        """Count what is known to have been printed here and is not given."""
        self.total += characters
        self.left_out += characters

    @property
    def size(self) -> int:
        """Characters that are kept."""
        return self._head_size + self._tail_size + len(self._line)

    def read(self, most: int) -> str:
        """Return the text, or so many characters of its two ends, with a mark where something was left out."""
        head, tail = "".join(self._head), "".join([*self._tail, settle_line(self._line)])
        if not self.left_out and len(head) + len(tail) <= most:
            return head + tail
        if not self.left_out:
            head, tail = "", head + tail
        first, last = (head or tail)[: most // 2], tail[max(0, len(tail) - most // 2) :]
        return _join(first, self.left_out + len(head) + len(tail) - len(first) - len(last), last)

    def read_end(self, characters: int) -> str:
        """Return the last of it, as much as that."""
        line = settle_line(self._line)
        parts, size = [line], len(line)
        for part in [*reversed(self._tail), *reversed(self._head)]:
            if size >= characters:
                break
            parts.append(part)
            size += len(part)
        return "".join(reversed(parts))[-characters:] if characters else ""

    def _keep(self, text: str) -> None:
        room = self._most - self._head_size
        if room > 0 and not self.left_out:
            self._head.append(text[:room])
            self._head_size += len(self._head[-1])
            text = text[room:]
        if not text:
            return
        self._tail.append(text)
        self._tail_size += len(text)
        while (over := self._tail_size - self._most) > 0:
            first = self._tail.popleft()
            if len(first) > over:
                self._tail.appendleft(first[over:])
            dropped = min(over, len(first))
            self._tail_size -= dropped
            self.left_out += dropped


def settle_line(line: str) -> str:
    """Return what a terminal would show of a line in which the cursor went back."""
    if "\r" not in line and "\b" not in line:
        return line
    shown: list[str] = []
    at = 0
    for part in re.split(r"([\r\b])", line):
        if part == "\r":
            at = 0
        elif part == "\b":
            at = max(0, at - 1)
        else:
            shown[at : at + len(part)] = part
            at += len(part)
    return "".join(shown)


def drop_colours(text: str) -> str:
    """Return text without what only a terminal understands."""
    return _ESCAPES.sub("", text) if "\x1b" in text else text


def shorten_middle(text: str, most: int) -> str:
    """Return `text`, without its middle if it has more than `most` characters, and with a mark that says so."""
    if len(text) <= most:
        return text
    half = most // 2
    return _join(text[:half], len(text) - 2 * half, text[-half:])


def _join(first: str, left_out: int, last: str) -> str:
    return f"{first}\n… {left_out} more characters were left out here …\n{last}"

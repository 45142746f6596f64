"""What a value is written with: it knows how much may still be written, looked at, and what it is inside of."""

from __future__ import annotations

from typing import Any

__all__ = ["Pen"]


class Pen:
    """Writes until its ink is used up.

    Args:
        characters: how many it may write.
        items: how many values it may look at.
        elements: whether it may touch elements of arrays.
        withheld: as of `withheld_ids`, for one who writes many values; None to find them anew.

    Attributes:
        depth: how many values are around what is being written.
        told: names of the fields of the record that was written last.
    """

    def __init__(
        self, characters: int, items: int = 400, *, elements: bool = True, withheld: set[int] | None = None
    ) -> None:
        self._parts: list[str] = []
        self.left = characters
        self.items = items
        self.elements = elements
        self.withheld = withheld
        self._inside: list[int] = []
        self.depth = 0
        self.truncated = False
        self.told: set[str] = set()

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._parts)

    @property
    def finished(self) -> bool:
        """Whether nothing more can be written."""
        return self.items <= 0 or self.left <= 0

    def take(self) -> bool:
        """Begin with a value; False if there is no ink for it."""
        self.items -= 1
        if self.items >= 0 and self.left > 0:
            return True
        self.skip()
        return False

    def write(self, text: str) -> None:
        """Write, or as much as fits."""
        if len(text) > self.left:
            text = text[: self.left]
            self.truncated = True
        self._parts.append(text)
        self.left -= len(text)

    def skip(self, text: str = "...") -> None:
        """Write that something is left out."""
        self.truncated = True
        self.write(text)

    def enter(self, value: Any, cycle: str) -> bool:
        """Begin with the parts of a value; if it is around itself, write `cycle` instead and return False."""
        if id(value) in self._inside:
            self.write(cycle)
            return False
        self._inside.append(id(value))
        self.depth += 1
        return True

    def leave(self) -> None:
        """End the parts of the value that was entered last."""
        self._inside.pop()
        self.depth -= 1

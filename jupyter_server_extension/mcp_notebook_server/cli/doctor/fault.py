"""What is wrong, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Fault"]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        what: a sentence without its full stop.
        mend: what to do, likewise.
    """

    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.what}. -> {self.mend}."

"""What the agent answers when it cannot do what was asked. Knows the kinds; sentences are written where it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Changed", "Refused", "read_steadily"]

_TRIES = 3

_Answer = TypeVar("_Answer")


class Refused(Exception):
    """The host gets `kind` and `message`.

    Attributes:
        kind: a word for programs, listed at `ReadRefused`.
        message: the whole sentence.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message


class Changed(Exception):
    """What is being read was changed by the running cell in the middle of the read."""


def read_steadily(what: str, read: Callable[..., _Answer], *arguments: Any) -> _Answer:
    """Call `read`, again if the running cell changed what it reads.

    Args:
        what: what is read, for the sentence.
        read: the reading; called with `arguments`.
        arguments: for `read`.

    Raises:
        Refused: kind "changing", after three tries.
    """
    for _ in range(_TRIES):
        try:
            return read(*arguments)
        except (Changed, IndexError, KeyError, RuntimeError):  # "changed size during iteration" is a RuntimeError
            continue
    raise Refused("changing", f"{what} changes too fast to be read: the running cell works on it. Try again later.")

"""Where a value is kept: a container of some kind and what to call to get it out of there.

An array is read where it is kept and never taken out: as long as a name of ours refers to it, `resize` fails in the
person's cell, and that cell may go on between any two lines of ours. So whatever must be known of it is found out in
one call into C, in which no other thread can run: chains of `map`, from the container to the fact.
"""

from __future__ import annotations

from itertools import repeat
from typing import Any

from .objects import class_of

__all__ = ["Place", "mapped"]

mapped: Any = map
"""`map`, of functions that no type describes."""


class Place:
    """Where a value is kept.

    Args:
        call: a function written in C that returns the value; it runs no code of the person's.
        arguments: for `call`.
    """

    __slots__ = ("_arguments", "_call")

    def __init__(self, call: Any, *arguments: Any) -> None:
        self._call = call
        self._arguments = arguments

    def take_out(self) -> Any:
        """Return the value."""
        return self._call(*self._arguments)

    def find_class(self) -> Any:
        """Return the class of the value without taking it out."""
        return next(mapped(class_of, self.values(1)))

    def values(self, times: int) -> Any:
        """Return an iterator that gets the value out `times` times; to be used up within one call."""
        if times == 1:
            return mapped(self._call, *zip(self._arguments))
        return mapped(self._call, *(repeat(each, times) for each in self._arguments))

"""The names of one namespace in the order of the alphabet, kept from one listing to the next.

A namespace may have 100,000 names: sorting them, and looking which of them hold what is never shown, takes longer than
an answer may. So that is done once, and again only for what has changed: a dictionary keeps the order in which names
came, so names that are new stand behind all that were there, and everything before them is the same object as before.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from operator import is_
from typing import TYPE_CHECKING, Any

from .places import mapped

if TYPE_CHECKING:
    from collections.abc import Callable

    from .variables import Variables

__all__ = ["Names", "sort_gently"]

_CHUNK = 1000
_COMPARED = 20_000
_FEW = 200
"""New names that are put in one by one."""

_QUICK = 2000
"""Names so few that all values are looked at in each listing."""


class Names:
    """The names of one namespace.

    Args:
        variables: of the namespace.
    """

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._keys: list[Any] = []
        self._patterns: tuple[str, ...] = ()
        self._names: list[str] = []
        self._left_out: set[str] = set()

    def find(self, pause: Callable[[], None]) -> tuple[list[str], set[str]]:
        """Return all names that may be seen, in order, and those among them that hold what is left out.

        Both are not to be changed. Where there are many names, one that has come to hold a module since the names
        changed last is not among the second.

        Args:
            pause: called between pieces of work, with no reference to anything of the person's.
        """
        patterns = self._variables.hidden_patterns()
        known = len(self._keys)
        count, last = self._variables.last_keys()
        before = self._keys[: -len(last) - 1 : -1]
        # Where a name has gone and another has come, the last ones are others, too.
        still = patterns == self._patterns and count == known and all(mapped(is_, last, before))
        keys = self._keys if still else self._variables.keys()
        same = keys is self._keys or (patterns == self._patterns and self._begin(keys, pause))
        names, left_out = (self._names, self._left_out) if same else ([], set[str]())
        fresh = self._choose(keys[known if same else 0 :], pause)
        if fresh:
            names = sort_gently(names, fresh, pause)
        looked_at = names if len(names) <= _QUICK else [*left_out, *fresh]
        left_out = self._find_left_out(looked_at, pause)
        if len(keys) > known or not same:
            # What is no text could be the person's object, which is not to be held: it makes all names new next time.
            self._keys = [key if type(key) is str else None for key in keys]
        self._patterns, self._names, self._left_out = patterns, names, left_out
        return names, left_out

    def _begin(self, keys: list[Any], pause: Callable[[], None]) -> bool:
        """Whether the keys begin with those that are known."""
        if len(keys) < len(self._keys):
            return False
        for start in range(0, len(self._keys), _COMPARED):
            if not all(mapped(is_, self._keys[start : start + _COMPARED], keys[start : start + _COMPARED])):
                return False
            pause()
        return True

    def _choose(self, keys: list[Any], pause: Callable[[], None]) -> list[str]:
        shows = self._variables.shows()
        chosen: list[str] = []
        for start in range(0, len(keys), _CHUNK):
            chosen += filter(shows, keys[start : start + _CHUNK])
            pause()
        return chosen

    def _find_left_out(self, names: list[str], pause: Callable[[], None]) -> set[str]:
        found: set[str] = set()
        for start in range(0, len(names), _CHUNK):
            found.update(self._variables.find_left_out(names[start : start + _CHUNK]))
            pause()
        return found


def sort_gently(names: list[str], fresh: list[str], pause: Callable[[], None]) -> list[str]:
    """Return `names`, which are in order, and `fresh` together in order; `pause` is called every now and then."""
    if len(fresh) <= _FEW:
        together = names.copy()
        for name in fresh:
            insort(together, name)
        return together
    return _sort(names + fresh, pause)


def _sort(names: list[str], pause: Callable[[], None]) -> list[str]:
    """Sort in drawers, each of which is sorted in one go: a sort of very many would keep the cell waiting."""
    if len(names) <= _CHUNK:
        return sorted(names)
    edges = sorted(names[:: _CHUNK // 2])[::2]
    drawers: list[list[str]] = [[] for _ in range(len(edges) + 1)]
    for start in range(0, len(names), _CHUNK):
        for name in names[start : start + _CHUNK]:
            drawers[bisect_right(edges, name)].append(name)
        pause()
    together: list[str] = []
    for drawer in drawers:
        drawer.sort()
        together += drawer
        pause()
    return together

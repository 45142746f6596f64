"""The operation that lists variables, a page at a time.

What names a listing has is found out for its first page and kept for a while, for those that follow; what the page says
of each is always as it is now.
"""

from __future__ import annotations

import fnmatch
import re
import time
from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .arrays import ArrayLook
from .objects import MISSING, class_of, type_name
from .refusals import read_steadily
from .rendering import clean
from .variables import summarize
from .withheld import withheld_ids

if TYPE_CHECKING:
    from collections.abc import Callable

    from .guest import Slice
    from .variables import Listing, Variables

__all__ = ["list_variables"]

_NAME_CHARACTERS = 200
_CHUNK = 1000
_KEPT_SECONDS = 60.0
_MOST_KEPT = 4


def list_variables(  # noqa: PLR0913, PLR0917  the contract's arguments
    variables: Variables,
    work: Slice,
    pattern: str = "*",
    type: str = "",  # noqa: A002  the contract's word
    cursor: str = "",
    limit: int = 50,
) -> dict[str, Any]:
    """Return what the tool of that name says."""
    names, position, end, total = _find_listing(variables, pattern, type, work.pause, anew=not cursor)
    shown: list[dict[str, Any]] = []
    if cursor:
        position = bisect_right(names, cursor, position, end)
    shows, withheld = variables.shows(), withheld_ids()
    while position < end and len(shown) < limit:
        name = names[position]
        said = read_steadily(f"`{name}`", _summarize, variables, name, type, withheld) if shows(name) else None
        if said is not None:
            shown.append(said)
        position += 1
        work.pause()
    answer: dict[str, Any] = {"variables": shown, "total": total}
    if position < end:
        answer["next_cursor"] = names[position - 1]
    answer["read_while_running"] = variables.running() is not None
    return answer


def _find_listing(variables: Variables, pattern: str, wanted: str, pause: Callable[[], None], *, anew: bool) -> Listing:
    """Return a listing as it was at its first page if that is kept."""
    kept = variables.listings
    now = time.monotonic()
    made, listing = kept.pop((pattern, wanted), (0.0, ([], 0, 0, 0)))
    if anew or now - made > _KEPT_SECONDS:
        listing = read_steadily("The namespace", _make_listing, variables, pattern, wanted, pause)
        made = now
    while len(kept) >= _MOST_KEPT:
        kept.pop(next(iter(kept)), None)
    kept[pattern, wanted] = made, listing
    return listing


def _make_listing(variables: Variables, pattern: str, wanted: str, pause: Callable[[], None]) -> Listing:
    names, left_out = variables.find_names(pause)
    names, start, end = _matching(names, pattern, pause)
    if wanted:
        names = _of_type(variables, [name for name in names[start:end] if name not in left_out], wanted, pause)
        return names, 0, len(names), len(names)
    while end > start and names[end - 1] in left_out:  # they would make a last page with nothing on it
        end -= 1
    here = {name for name in left_out if (i := bisect_left(names, name, start, end)) < end and names[i] == name}
    return names, start, end, end - start - len(here)


def _matching(names: list[str], pattern: str, pause: Callable[[], None]) -> tuple[list[str], int, int]:
    """Return a list of names, and from where to where in it are those that fit a glob pattern.

    Only those that begin as the pattern does are looked at; where these are all, none is copied.
    """
    prefix = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    low = bisect_left(names, prefix)
    high = bisect_right(names, prefix + "\U0010ffff") if prefix else len(names)
    if pattern == prefix + "*":
        return names, low, high
    fits = re.compile(fnmatch.translate(pattern)).match
    found: list[str] = []
    for start in range(low, high, _CHUNK):
        found += filter(fits, names[start : min(start + _CHUNK, high)])
        pause()
    return found, 0, len(found)


def _of_type(variables: Variables, names: list[str], wanted: str, pause: Callable[[], None]) -> list[str]:
    found: list[str] = []
    verdicts: dict[int, bool] = {}
    classes: list[Any] = []  # held, so that no id is used twice
    for start in range(0, len(names), _CHUNK):
        chunk = names[start : start + _CHUNK]
        for name, cls in zip(chunk, variables.find_classes(chunk)):  # noqa: B905  Python 3.9 has no strict
            verdict = verdicts.get(id(cls))
            if verdict is None:
                classes.append(cls)
                verdict = verdicts[id(cls)] = cls is not class_of(MISSING) and _fits(type_name(cls), wanted)
            if verdict:
                found.append(name)
        pause()
    return found


def _summarize(variables: Variables, name: str, wanted: str, withheld: set[int]) -> dict[str, Any] | None:
    """Return what the list says of a variable, None if it is not to be listed (any more)."""
    value = variables.look_at_shown(name, withheld)
    if value is MISSING:
        return None
    if wanted and not _fits(type_name(value.cls if class_of(value) is ArrayLook else class_of(value)), wanted):
        return None
    return {"name": clean(name)[:_NAME_CHARACTERS], **summarize(value, name, withheld)}


@lru_cache(maxsize=256)
def _fits(name: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(name, wanted) or fnmatch.fnmatchcase(name.rpartition(".")[2], wanted)

"""The operation that lists variables, a page at a time."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any

from .arrays import ArrayLook
from .objects import MISSING, class_of, type_name
from .refusals import read_steadily
from .rendering import clean
from .variables import summarize

if TYPE_CHECKING:
    from .guest import Slice
    from .variables import Variables

__all__ = ["list_variables"]

_NAME_CHARACTERS = 200


def list_variables(  # noqa: PLR0913, PLR0917  the contract's arguments
    variables: Variables,
    work: Slice,
    pattern: str = "*",
    type: str = "",  # noqa: A002  the contract's word
    cursor: str = "",
    limit: int = 200,
) -> dict[str, Any]:
    """Return what the tool of that name says."""
    names = fnmatch.filter(read_steadily("The namespace", variables.names), pattern)
    shown: list[dict[str, Any]] = []
    total = 0
    more = False
    last = cursor
    for name in names:
        wanted = name > cursor and len(shown) < limit
        said = read_steadily(f"`{name}`", _summarize, variables, name, type, wanted)
        work.pause()
        if said is None:
            continue
        total += 1
        if wanted:
            shown.append({"name": clean(name)[:_NAME_CHARACTERS], **said})
            last = name
        else:
            more = more or name > cursor
    answer: dict[str, Any] = {"variables": shown, "total": total}
    if more:
        answer["next_cursor"] = last
    answer["read_while_running"] = variables.running() is not None
    return answer


def _summarize(variables: Variables, name: str, wanted_type: str, wanted: bool) -> dict[str, Any] | None:
    """Return what the list says of a variable, {} if that is not wanted, None if it is not to be listed."""
    value = variables.look(name)
    if value is MISSING or (
        wanted_type
        and not _fits(type_name(value.cls if class_of(value) is ArrayLook else class_of(value)), wanted_type)
    ):
        return None
    return summarize(value, name) if wanted else {}


def _fits(name: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(name, wanted) or fnmatch.fnmatchcase(name.rpartition(".")[2], wanted)

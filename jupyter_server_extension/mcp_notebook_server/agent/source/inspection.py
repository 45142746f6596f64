"""The operation that looks into one variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .paths import parse_path
from .refusals import read_steadily
from .variables import inspect_value
from .withheld import withheld_ids

if TYPE_CHECKING:
    from .guest import Slice
    from .variables import Variables

__all__ = ["inspect_variable"]

_MOST_CHARACTERS = 20_000


def inspect_variable(variables: Variables, _: Slice, path: str, max_chars: int = 4000) -> dict[str, Any]:
    """Return what the tool of that name says."""
    parsed = parse_path(path)

    def read() -> dict[str, Any]:
        withheld = withheld_ids()
        value = variables.get_look(parsed, withheld)
        return inspect_value(value, parsed, min(max_chars, _MOST_CHARACTERS), withheld)

    return {"path": path, **read_steadily(f"`{path}`", read)}

"""The texts inside a JSON value, each with its place.

Knows how a place is written: `rows[3].text`. Refuses to know what a text means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_texts"]


def find_texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:
    """Find the texts in a value, with their places; names of members are none."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for name, one in cast("dict[str, Any]", value).items():
            yield from find_texts(one, f"{where}.{name}" if where else name)
    elif isinstance(value, list):
        for at, one in enumerate(cast("list[Any]", value)):
            yield from find_texts(one, f"{where}[{at}]")

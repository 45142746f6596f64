"""What a server lists, in its own order: to look through, and to find something by what identifies it.

Knows sequences and searching. Refuses to know what is listed: `resources` and `prompts` do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from mcp_notebook.display import Table, some_names

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Catalog"]

T = TypeVar("T")

_MAX_SHOWN = 200


class Catalog(Sequence[T], Generic[T]):
    """What a server lists of one kind."""

    noun: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]

    def __init__(self, items: Iterable[T]) -> None:
        self._items = tuple(items)

    @staticmethod
    def key(item: T) -> str:
        """Give what identifies an item."""
        raise NotImplementedError

    @staticmethod
    def row(item: T) -> tuple[str, ...]:
        """Give the texts that a table shows of an item; the first is its key."""
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    @property
    def names(self) -> tuple[str, ...]:
        """What identifies each, in the server's order."""
        return tuple(self.key(item) for item in self._items)

    def find(self, name: str) -> T | None:
        """Find one by what identifies it; None if there is none."""
        return next((item for item in self._items if self.key(item) == name), None)

    def search(self, text: str) -> list[tuple[str, ...]]:
        """Give the rows in which every word of a text occurs; all for an empty text."""
        words = text.lower().split()
        rows = [self.row(item) for item in self._items]
        return [row for row in rows if all(word in " ".join(row).lower() for word in words)]

    def __repr__(self) -> str:
        return f"<{len(self)} {self.noun}s: {some_names(self.names)}>" if self else f"<no {self.noun}s>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return Table(self.columns, self.search(""), rest="iterate over it for all", max_rows=_MAX_SHOWN).to_mimebundle()

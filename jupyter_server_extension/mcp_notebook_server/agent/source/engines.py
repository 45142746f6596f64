"""What can be asked of a frame whose library computes for itself, and what holds unless that library's file says else.

Refuses to know any library: each has a file of its own, with a class of this kind.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from .pandas_frames import make_different
from .refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Deadline", "Engine", "tell_apart", "to_rows"]


_INDEX = "__mcp_notebook_row"
_TIES = 50
"""Columns that say the order of equals, at most: each makes sorting slower."""


class Engine:
    """One frame of a library, at one moment.

    Attributes:
        library: its name.
        lazy: whether reading computes something.
        native: what narwhals takes, with columns that have different names.
        objects: the columns of Python objects that narwhals takes for something else.
        rows: how many, if that is known without computing.
        size: bytes, if that is known.
        costly: why computing may cost money; "" if it does not.
        runs_code: why computing would run the person's code; "" if it does not.
        in_process: whether computing takes Python's lock, so that it has to wait until no cell runs.
        orders_choices: whether it sorts choices in an order of theirs, as pandas does; else they are sorted as text.
    """

    library: str
    native: Any
    lazy: bool = True
    objects: frozenset[str] = frozenset()
    rows: int | None = None
    size: int | None = None
    costly: str = ""
    runs_code: str = ""
    in_process: bool = False
    orders_choices: bool = False

    def fetch(self, query: Any, offset: int, limit: int, seconds: float) -> list[Any]:
        """Return rows of a query, as tuples of Python values.

        Args:
            query: of the library, made of `native`.
            offset: of the first row.
            limit: how many.
            seconds: how long it may take, if it can be ended.

        Raises:
            Refused: kind "too_slow", if it was ended.
        """
        raise NotImplementedError

    @classmethod
    def sort(cls, frame: Any, names: list[str], descending: list[bool], rows: int) -> Any:  # noqa: ARG003  for some
        """Return narwhals' frame in order, nulls last. Equals have one order, too, so that pages fit each other.

        That is the frame's own, where it has one; else their other columns say it, for what is equal in all of them
        may change places unseen.

        Args:
            frame: of narwhals.
            names: of the columns to sort by.
            descending: of each.
            rows: how many from the first on are wanted.
        """
        if cls.lazy:
            schema = frame.collect_schema()
            ties = [name for name, dtype in schema.items() if name not in names and not dtype.is_nested()][:_TIES]
        else:
            frame, ties = frame.with_row_index(_INDEX), [_INDEX]
        return frame.sort(*names, *ties, descending=[*descending, *(False for _ in ties)], nulls_last=True)

    def refuse_slow(self, seconds: float) -> Refused:
        """Return the refusal for what took longer than this."""
        return Refused("too_slow", f"{self.library} was not done after {seconds:g} s. Ask for less.")


class Deadline:
    """Ends what is computed inside of `with`, once it has taken too long.

    Args:
        seconds: how long it may take.
        end: ends it; called in another thread.
    """

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        self.passed = False
        self._end = end
        self._clock = threading.Timer(seconds, self._pass)
        self._clock.daemon = True

    def __enter__(self) -> None:
        self._clock.start()

    def __exit__(self, *_: object) -> None:
        self._clock.cancel()

    def _pass(self) -> None:
        self.passed = True
        self._end()


def tell_apart(frame: Any, names: list[Any], rename: Callable[[list[str]], Any]) -> Any:
    """Return the frame with columns that have different names, all of them text.

    Args:
        frame: of a library.
        names: of its columns.
        rename: gives it with these names.
    """
    different = make_different([str(each) for each in names])
    return frame if names == different else rename(different)


def to_rows(columns: Iterable[list[Any]]) -> list[Any]:
    """Return rows of columns of cells, as tuples."""
    return list(zip(*columns))  # noqa: B905  Python 3.9 has no strict

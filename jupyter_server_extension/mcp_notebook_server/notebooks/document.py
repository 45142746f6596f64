"""A notebook as it is read and changed, wherever it is kept: the seam between tools and the two ways of keeping one.

Knows the two things that can be done with a notebook. Refuses to know how they are done (`saved`, `live`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mcp_notebook_server.notebooks.cells import Step

__all__ = ["Changed", "Document", "Snapshot"]


@dataclass(frozen=True)
class Snapshot:
    """A notebook at one moment; not to be changed.

    Attributes:
        cells: in nbformat, each with an id.
        as_of: when it was saved; for a live one, this moment.
        is_live: whether it holds what a person has typed and not saved yet.
    """

    cells: Sequence[Mapping[str, Any]]
    as_of: datetime
    is_live: bool


@dataclass(frozen=True)
class Changed:
    """What was done.

    Attributes:
        step: that was planned last.
        id: of the cell, as it is called from now on; of one that was deleted, as it was.
    """

    step: Step
    id: str


class Document(Protocol):
    """One notebook."""

    async def read(self) -> Snapshot:
        """Return it as it is now.

        Raises:
            UnknownNotebook: it is there no more.
            NotebookUnreadable: it is none.
        """
        ...

    async def check_changeable(self) -> None:
        """Find out whether it can be changed at all, before somebody is asked about a change.

        Raises:
            ServerError: why it cannot.
        """
        ...

    async def change(self, plan: Callable[[Sequence[Mapping[str, Any]]], Step]) -> Changed:
        """Do one step, wholly or not at all.

        Args:
            plan: is given the cells (with ids) and returns the step. It may be called again, when somebody else has
                changed the notebook before the step was done. What it raises ends the change, and nothing was done.

        Raises:
            ServerError: why nothing was done.
        """
        ...

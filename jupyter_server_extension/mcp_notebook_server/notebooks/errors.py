"""What can go wrong with notebooks and their cells, each worded once: what was wrong, what exists, what to do next.

    ServerError
     +- UnknownCell, NotACodeCell       no such cell, or none that can be run
     +- NotebookWithoutKernel           nothing that could run it
     +- TextNotFound, TextAmbiguous     what is to be replaced is not there, or more than once
     +- NotebookOpen                    a front end has it open, and would not see the change
     +- NotebookBusy                    it changes faster than it can be changed
     +- NotebookReadOnly, NotebookUnsaved, NotebookUnreadable
     +- ChangedMeanwhile                it is not what the person was shown when they permitted the change

Knows the sentences. Refuses to know how they travel (`server`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook_server.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "ChangedMeanwhile",
    "NotACodeCell",
    "NotebookBusy",
    "NotebookOpen",
    "NotebookReadOnly",
    "NotebookUnreadable",
    "NotebookUnsaved",
    "NotebookWithoutKernel",
    "TextAmbiguous",
    "TextNotFound",
    "UnknownCell",
]

_SHOWN_IDS = 20


@dataclass(eq=False)
class UnknownCell(ServerError):
    """The notebook has no such cell.

    Attributes:
        cell: what the host asked for.
        ids: of the cells that there are, in order.
    """

    cell: str | int
    ids: Sequence[str]

    def __str__(self) -> str:
        if not self.ids:
            return f"There is no cell {self.cell!r}: the notebook has none."
        more = ", ..." if len(self.ids) > _SHOWN_IDS else ""
        return (
            f"There is no cell {self.cell!r}. The notebook has {len(self.ids)}, from 0 to {len(self.ids) - 1}: "
            f"{', '.join(self.ids[:_SHOWN_IDS])}{more}. Call read_notebook to see them."
        )


@dataclass(eq=False)
class NotACodeCell(ServerError):
    """Only code can be run.

    Attributes:
        cell: its id.
        kind: what it is instead.
    """

    cell: str
    kind: str

    def __str__(self) -> str:
        return f"The cell {self.cell!r} is {self.kind}, and only code cells can be run."


@dataclass(eq=False)
class NotebookWithoutKernel(ServerError):
    """A cell is to be run, and no kernel runs for its notebook.

    Attributes:
        path: of the notebook.
    """

    path: str

    def __str__(self) -> str:
        return (
            f"No kernel runs for the notebook {self.path!r}. Call start_kernel with notebook={self.path!r}, or have "
            "the person open it."
        )


@dataclass(eq=False)
class TextNotFound(ServerError):
    """The text that is to be replaced, or that tells which cell is meant, is not in the cell.

    Attributes:
        cell: its id.
        old: the text.
        source: what the cell holds.
    """

    cell: str
    old: str
    source: str

    def __str__(self) -> str:
        held = self.source if len(self.source) <= 500 else f"{self.source[:500]}..."  # noqa: PLR2004 - characters
        return f"The cell {self.cell!r} does not hold {self.old[:200]!r}; nothing was changed. It holds now:\n{held}"


@dataclass(eq=False)
class TextAmbiguous(ServerError):
    """The text that is to be replaced is in the cell more than once.

    Attributes:
        cell: its id.
        old: the text.
        count: how often it is there.
    """

    cell: str
    old: str
    count: int

    def __str__(self) -> str:
        return (
            f"The cell {self.cell!r} holds {self.old[:200]!r} {self.count} times; nothing was changed. Give more of "
            "the text around the one that is meant, or replace_all=true."
        )


@dataclass(eq=False)
class NotebookOpen(ServerError):
    """A front end has the notebook open, and would not learn of a change to the file.

    Attributes:
        path: of the notebook.
    """

    path: str

    def __str__(self) -> str:
        return (
            f"The notebook {self.path!r} is open in Jupyter, and what its person types there is not on disk: a change "
            "to the file would be lost, or theirs. Nothing was changed. With the extra `collaboration` "
            "(pip install 'mcp-notebook[collaboration]', then restart Jupyter) open notebooks can be changed, too; "
            "else have the person close it first, or give them the code."
        )


@dataclass(eq=False)
class NotebookBusy(ServerError):
    """The notebook is changed by others so often that no change of ours came between.

    Attributes:
        path: of the notebook.
        tries: how often it was tried.
    """

    path: str
    tries: int

    def __str__(self) -> str:
        return (
            f"The notebook {self.path!r} was changed by somebody else each of the {self.tries} times that this was "
            "tried. Nothing was changed. Read it again, and call again."
        )


@dataclass(eq=False)
class NotebookReadOnly(ServerError):
    """The notebook's file cannot be written.

    Attributes:
        path: of the notebook.
    """

    path: str

    def __str__(self) -> str:
        return f"The file of the notebook {self.path!r} is read-only. Nothing was changed; it can still be read."


@dataclass(eq=False)
class NotebookUnsaved(ServerError):
    """Jupyter could not save the notebook.

    Attributes:
        path: of the notebook.
        reason: Jupyter's, such as a disk that is full; without the file's place on it.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return (
            f"The notebook {self.path!r} could not be saved: {self.reason}. On disk it is as it was before. Tell the "
            "person; call again when that is mended."
        )


@dataclass(eq=False)
class NotebookUnreadable(ServerError):
    """There is a file, and Jupyter cannot read it as a notebook.

    Attributes:
        path: of the file.
    """

    path: str

    def __str__(self) -> str:
        return f"The file {self.path!r} is no notebook that Jupyter can read: it is damaged, or being written."


@dataclass(eq=False)
class ChangedMeanwhile(ServerError):
    """The cell or its surroundings changed while the person was asked; what they permitted was something else.

    Attributes:
        path: of the notebook.
    """

    path: str

    def __str__(self) -> str:
        return (
            f"The notebook {self.path!r} was changed while its person looked at what you asked for, so this would not "
            "be what they permitted. Nothing was done. Read it again, and call again."
        )

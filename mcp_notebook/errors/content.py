"""An answer that is not what it was taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_notebook.display import one_line, some_names
from mcp_notebook.errors.base import HostError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["NotTabular", "PackageMissing", "TableUnreadable"]


class NotTabular(HostError):
    """A result that is no table.

    Attributes:
        has: what the result has instead.
        tables: the names of the members that are tables.
    """

    def __init__(self, has: str, tables: Iterable[str] = ()) -> None:
        self.has = has
        self.tables = tuple(tables)
        super().__init__(has, self.tables)

    def __str__(self) -> str:
        if self.tables:
            choices = some_names((f".DataFrame({name!r})" for name in self.tables), " or ")
            return f"This result is no table: it has {self.has}. Of it, say {choices}."
        return f"This result is no table: it has {self.has}. See .text, .structured and .content."


class TableUnreadable(HostError):
    """A result that says that it is a table, and cannot be read as one.

    Attributes:
        kind: what it says that it is, such as "CSV".
        problem: the reading library's words.
    """

    def __init__(self, kind: str, problem: str) -> None:
        super().__init__(kind, problem)
        self.kind = kind
        self.problem = problem

    def __str__(self) -> str:
        return f"This result cannot be read as {self.kind}: {one_line(self.problem, 200)}. See .text and .content."


class PackageMissing(HostError):
    """Something that needs a package which is not there.

    Attributes:
        package: its name.
        what: what needs it.
    """

    def __init__(self, package: str, what: str) -> None:
        super().__init__(package, what)
        self.package = package
        self.what = what

    def __str__(self) -> str:
        return f"{self.what} needs the package {self.package}, which is not installed: %pip install {self.package}"

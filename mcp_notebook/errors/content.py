"""An answer that is not what it was taken for."""

from __future__ import annotations

from mcp_notebook.display import one_line
from mcp_notebook.errors.base import HostError

__all__ = ["NotTabular", "PackageMissing", "TableUnreadable"]


class NotTabular(HostError):
    """A result that is no table.

    Attributes:
        has: what the result has instead.
    """

    def __init__(self, has: str) -> None:
        super().__init__(has)
        self.has = has

    def __str__(self) -> str:
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

"""What an audit has found, as a person reads it.

Knows how findings and changes look. Refuses to know sessions and words. What servers wrote is text in it, as everywhere
(`display`), and what nobody sees is made visible before.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mcp_notebook.defences.changes import describe_change, write_diff
from mcp_notebook.display import Table, View, join_views, text_view, titled_view

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.defences.approved import Change
    from mcp_notebook.defences.definition import Definition
    from mcp_notebook.defences.finding import Finding

__all__ = ["AuditReport", "ServerAudit"]

_MAX_ROWS = 100
_MAX_CELL = 400


@dataclass(frozen=True)
class ServerAudit:
    """What was looked at of one server, and what was found.

    Attributes:
        server: the connection's name.
        definitions: all that it lists.
        findings: by the rules.
        changes: since a person approved it.
    """

    server: str
    definitions: Sequence[Definition]
    findings: Sequence[Finding]
    changes: Sequence[Change]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings and not self.changes

    @property
    def summary(self) -> str:
        """What was looked at and found, in one line."""
        kinds = Counter(one.kind for one in self.definitions)
        what = ", ".join(_count(number, kind) for kind, number in kinds.items()) or "nothing that it lists"
        found = [_count(len(self.findings), "finding")] if self.findings else []
        found += [_count(len(self.changes), "change") + " since it was approved"] if self.changes else []
        return f"{self.server}: {' and '.join(found) or 'nothing found'} in {what}."

    def to_view(self) -> View:
        """Give it in the ways that a front end chooses from."""
        views: list[View] = []
        if self.findings:
            rows = [(one.subject, one.where, one.problem, one.excerpt, one.rule) for one in self.findings]
            columns = ("what", "where", "problem", "words", "rule")
            rest = "look at the server before you use it"
            views.append(Table(columns, rows, rest=rest, max_rows=_MAX_ROWS, max_cell=_MAX_CELL).to_view())
        for change in self.changes:
            lines = write_diff(change) if change.kind == "changed" else []
            views.append(titled_view(describe_change(self.server, change), text_view("\n".join(lines))))
        if self.changes:
            views.append(text_view(f"%mcp audit {self.server} --approve   says that this is what you want"))
        return titled_view(self.summary, join_views(views)) if views else text_view(self.summary)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 or noun == 'instructions' else 's'}"


class AuditReport:
    """What was found at one server or several."""

    def __init__(self, audits: Sequence[ServerAudit]) -> None:
        self.audits = tuple(audits)

    @property
    def findings(self) -> list[Finding]:
        """All findings, for code."""
        return [finding for audit in self.audits for finding in audit.findings]

    def to_view(self) -> View:
        """Give it in the ways that a front end chooses from."""
        hint = "A finding is a reason to look, no verdict: what each rule means, and misses, is in defences/RULES.md."
        views = [audit.to_view() for audit in self.audits]
        return join_views([*views, text_view(hint)] if self.findings else views, "\n\n")

    def __repr__(self) -> str:
        return self.to_view().plain

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        del include, exclude  # IPython filters the bundle itself
        return self.to_view().to_mimebundle()

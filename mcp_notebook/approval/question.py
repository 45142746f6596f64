"""A question of a server to the person, and the answer.

Knows that every text of it comes from a server: what is shown is cleaned and bounded here, once, for every face.
Refuses to know the protocol, and who shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook.display import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mcp_notebook.approval.fields import Field

__all__ = ["Action", "Answer", "Asker", "Kind", "Lasting", "Link", "Question", "shown_text"]

Kind = Literal["elicitation", "sampling", "authorization", "call"]
"""What policies are about."""

Action = Literal["accept", "decline", "cancel"]
"""Accepted, said no, or left without a choice."""

Lasting = Literal["once", "session", "always"]
"""How long an answer is remembered: not at all, until the kernel ends, or in a file."""

_MAX_CHARACTERS = 4000


def shown_text(text: str, limit: int = _MAX_CHARACTERS) -> str:
    """Clean a server's text and cut it; how much was left out is said."""
    shown = clean(text[:limit])
    more = len(text) - limit
    return shown if more <= 0 else f"{shown}\n… {more:,} more characters are not shown"


@dataclass(frozen=True)
class Asker:
    """Who asks.

    Attributes:
        server: what this notebook calls the connection; never what a server calls itself.
        tool: the tool whose call is under way; None if it is none, or not known which.
        address: what the connection leads to, without secrets; an answer that lasts is for this address only.
    """

    server: str
    tool: str | None = None
    address: str | None = None

    @property
    def shown_name(self) -> str:
        """The name in one line: `weather`, or `weather, in get_forecast`."""
        name = one_line(self.server, 100)
        return f"{name}, in {one_line(self.tool, 100)}" if self.tool else name


@dataclass(frozen=True)
class Link:
    """An address that a server wants the person to open.

    Attributes:
        url: in full, as ASCII.
        host: the part of it that says where it leads.
        warnings: what is odd about it, a sentence each.
    """

    url: str
    host: str
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Question:
    """What is asked, ready to be shown.

    Attributes:
        kind: what policies are about.
        asker: who asks.
        title: our own words.
        message: the server's words, cleaned and cut.
        fields: what can be filled in; empty if it is only yes or no.
        link: what is to be opened; None if nothing is.
        notes: our own words about it, a sentence each.
        warnings: what to watch out for, a sentence each.
        accept_label: of the button that accepts.
        may_last: which answers may be remembered; a form that was filled in is for once.
        asks_anyway: no rule may say yes to it: something about it is odd, or not as it was when the rule was made.
    """

    kind: Kind
    asker: Asker
    title: str
    message: str
    fields: Sequence[Field] = ()
    link: Link | None = None
    notes: Sequence[str] = ()
    warnings: Sequence[str] = ()
    accept_label: str = "Submit"
    may_last: Sequence[Action] = ("decline",)
    asks_anyway: bool = False


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes:
        action: the person's choice, or the default.
        content: values by field, where it was accepted.
        how: by what: a click, typed, a rule, a recording, nobody there, the time over, an interrupt.
        lasting: how long it is to be remembered.
    """

    action: Action
    how: str
    content: Mapping[str, Any] = field(default_factory=dict[str, Any])
    lasting: Lasting = "once"

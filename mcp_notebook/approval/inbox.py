"""The inbox: questions of servers that no cell waits for, in the order in which they came.

    %mcp inbox      shows them, as they come and go

Knows what waits there. Refuses to know how it looks: whoever shows it is told after each change. From any thread.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.news import tell_news

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_notebook.approval.asking import View
    from mcp_notebook.approval.question import Question

__all__ = ["Entry", "Inbox", "Show", "get_inbox"]


@dataclass(frozen=True)
class Entry:
    """One question that waits.

    Attributes:
        id: of the question, in this inbox.
        question: what is asked.
        on_said: takes what a front end says about it, or an `Answer`.
        problems: what is wrong with the answer, by field.
    """

    id: str
    question: Question
    on_said: Callable[[Any], object]
    problems: Mapping[str, str] = field(default_factory=dict[str, str])


Show = Callable[[Sequence[Entry], str], object]
"""Shows what waits, and what became of the question that left last; must be quick."""


class Inbox:
    """What waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._entries: dict[str, Entry] = {}
        self._news: list[str] = []
        self._last = ""
        self._show: Show | None = None

    @property
    def entries(self) -> Sequence[Entry]:
        """What waits, oldest first."""
        return list(self._entries.values())

    def open(self, show: Show) -> None:
        """Have it shown, now and after each change; whoever was told before is told no more."""
        with self._lock:
            self._show, self._last = show, ""
            self._news.clear()
            self._tell()

    def close(self) -> None:
        """Have nothing shown any more."""
        self._show = None

    def hear(self, said: Any) -> None:
        """Take what the front end says: to the question whose `id` is in it, if that waits still."""
        message = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        entry = self._entries.get(str(message.get("id")))
        if entry is not None:
            entry.on_said(said)

    def new_view(self, question: Question, on_said: Callable[[Any], object]) -> View:
        """Give a question a place here; it waits from when it is shown until it is finished."""
        return _Place(self, Entry(str(next(self._ids)), question, on_said))

    def take_news(self) -> Sequence[str]:
        """Give who has asked since this was last asked for, and since the inbox was opened; each is told once."""
        with self._lock:
            news, self._news = self._news, []
            return news

    def put(self, entry: Entry) -> None:
        """Take a question in, or one that has changed in the place of what it was."""
        with self._lock:
            if entry.id not in self._entries:
                self._news.append(entry.question.asker.shown_name)
            self._entries[entry.id] = entry
            self._tell()

    def remove(self, entry: Entry, outcome: str) -> None:
        """Take a question out, and say what became of it."""
        with self._lock:
            if self._entries.pop(entry.id, None) is not None:
                self._last = f"{entry.question.asker.shown_name}: {outcome}."
                self._tell()

    def _tell(self) -> None:
        tell_news()
        if self._show is not None:
            self._show(self.entries, self._last)


class _Place:
    """One question in the inbox; see `asking.View`."""

    def __init__(self, inbox: Inbox, entry: Entry) -> None:
        self._inbox = inbox
        self._entry = entry

    def show(self) -> None:
        self._inbox.put(self._entry)

    def point_out(self, problems: Mapping[str, str]) -> None:
        self._entry = replace(self._entry, problems=dict(problems))
        self._inbox.put(self._entry)

    def finish(self, outcome: str) -> None:
        self._inbox.remove(self._entry, outcome)


_inbox = Inbox()


def get_inbox() -> Inbox:
    """Give the inbox of this notebook."""
    return _inbox

"""How a task that a server has made of a call is said to a person: one line with its state and the server's words.

Knows words for the states. Refuses to know how a task is followed (`tasks`) and where its line stands: under a cell, in
an explorer, in a conversation.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace

from mcp_notebook.display import one_line

__all__ = ["ShownTask"]

_STATES = {
    "working": "the server works on it",
    "input_required": "the server waits for an answer",
    "completed": "done, as a task of the server",
    "failed": "failed, as a task of the server",
    "cancelled": "cancelled at the server",
    "stopped": "stopped; the server was told that nobody waits",
}
_OPEN = frozenset({"working", "input_required"})


@dataclass(frozen=True)
class ShownTask:
    """A task as it is shown.

    Attributes:
        tool: that was called.
        status: the extension's word; or "stopped", where the call was broken off.
        message: the server's words; None if there are none.
        seconds: since the call began.
    """

    tool: str
    status: str
    message: str | None = None
    seconds: float = 0

    @property
    def sentence(self) -> str:
        """How it stands, without the tool: `the server works on it: reading page 3`."""
        message = one_line(self.message or "", 200)
        return f"{_STATES.get(self.status, one_line(self.status, 50))}{f': {message}' if message else ''}"

    @property
    def works(self) -> bool:
        """Whether the server works on it, so that something may move."""
        return self.status == "working"

    def stop(self) -> ShownTask:
        """Give it as it is when nobody waits for it any more: stopped, if it had not ended."""
        return replace(self, status="stopped") if self.status in _OPEN else self

    def to_text(self) -> str:
        """Say it in one line, without the time: `research: the server works on it: reading page 3`."""
        return f"{self.tool}: {self.sentence}"

    def to_html(self) -> str:
        """Draw it, with the time."""
        return f"{self.draw()} · {self.seconds:.0f} s"

    def draw(self) -> str:
        """Draw it as HTML: with a bar that moves by itself while the server works."""
        return f"{'<progress></progress> ' if self.works else ''}{html.escape(self.to_text())}"

"""Where a model's wish comes from: the texts of servers that it has read, and which of them speak of the tool it wants.

Knows that a model does not say why it wishes something; what can be said is what it had read before. Refuses to decide.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_notebook.chat.naming import offered_name
from mcp_notebook.defences.checking import check_text
from mcp_notebook.display import one_line
from mcp_notebook.unseen import reveal_unseen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_notebook.defences.finding import Finding

__all__ = ["Origin", "Read", "new_read"]

_MAX_SHOWN = 3
_MAX_EXCERPT = 300  # characters
_SEVERAL_WORDS = re.compile(r"[a-zA-Z0-9][_-][a-zA-Z0-9]|[a-z][A-Z]")


@dataclass(frozen=True)
class Read:
    """A text of a server that the model has read.

    Attributes:
        server: whose it is.
        source: where it is from: `server.tool`, or a resource.
        text: as the server sent it.
        turn: to which of the person's questions, from 1.
        findings: what the rules of `defences` find in it.
    """

    server: str
    source: str
    text: str
    turn: int
    findings: Sequence[Finding]


async def new_read(server: str, source: str, text: str, turn: int) -> Read:
    """Look through a text that the model is going to read; a long one takes a while, so not on this thread."""
    return Read(server, source, text, turn, await asyncio.to_thread(check_text, source, text))


@dataclass(frozen=True)
class Origin:
    """What a model had read when it wished for a tool.

    Attributes:
        server: whose tool.
        tool: the tool's own name.
        read: all that it has read of servers, oldest first.
        turn: to which of the person's questions it wishes this.
    """

    server: str
    tool: str
    read: Sequence[Read]
    turn: int

    @property
    def notes(self) -> list[str]:
        """Say it, a sentence each: what it read last stands first."""
        now = [one for one in self.read if one.turn == self.turn][::-1]
        older = len(self.read) - len(now)
        said = [_said(one) for one in now[:_MAX_SHOWN]]
        if not now:
            said.append("The model wishes this after your own words: it has read nothing of a server since.")
        if len(now) > _MAX_SHOWN:
            said.append(f"Before that it read {len(now) - _MAX_SHOWN} more.")
        if older:
            said.append(f"To your earlier questions it read {older} more.")
        return said

    @property
    def warnings(self) -> list[str]:
        """Say which of these texts may be what wishes it, a sentence each; empty if none stands out.

        That a server speaks of its own tools is usual: only another's text that does is named.
        """
        naming = dict.fromkeys(one.source for one in self.read if one.server != self.server and self._is_in(one.text))
        named = [
            f"What {one_line(source, 200)} gave speaks of {one_line(self.tool, 100)}: the wish may be that text's, "
            "and not yours."
            for source in naming
        ]
        return [*named, *dict.fromkeys(str(finding) for one in self.read for finding in one.findings)]

    def _is_in(self, text: str) -> bool:
        names = [f"{self.server}.{self.tool}", offered_name(self.server, self.tool)]
        if _SEVERAL_WORDS.search(self.tool):  # else it is a word that may stand anywhere
            names.append(self.tool)
        return any(name.lower() in text.lower() for name in names)


def _said(read: Read) -> str:
    shown = one_line(reveal_unseen(read.text), _MAX_EXCERPT)
    return f"Before this wish the model read what {one_line(read.source, 200)} gave: “{shown}”"

"""What the answers to one page have in common: the host, what was run, what was seen last.

Knows how to read what a page says, which may be anything. Belongs on the loop thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from mcp_notebook.explorer.history import History
from mcp_notebook.explorer.seen import Seen

if TYPE_CHECKING:
    from mcp_notebook.host import Host
    from mcp_notebook.session import Session

__all__ = ["Ask", "Room", "Said", "Tell"]

Tell = Callable[[dict[str, Any]], None]
"""Sends the page a part of an answer; the answer itself is what the function gives."""


class Said:
    """What a page said, as a mapping whose members are checked as they are read.

    Args:
        members: a JSON value.
    """

    def __init__(self, members: Any) -> None:
        self._members: Mapping[str, Any] = cast("dict[str, Any]", members) if isinstance(members, dict) else {}

    def text(self, name: str) -> str:
        """Give a text; "" where there is none."""
        value = self._members.get(name, "")
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text")  # noqa: TRY004  what a page says, no type
        return value

    def number(self, name: str) -> int:
        """Give a whole number; 0 where there is none."""
        value = self._members.get(name, 0)
        if not isinstance(value, int):
            raise ValueError(f"{name} must be a whole number")  # noqa: TRY004  as above
        return value

    def object(self, name: str) -> dict[str, Any]:
        """Give a JSON object; {} where there is none."""
        value = self._members.get(name, {})
        if not isinstance(value, dict):
            raise ValueError(f"{name} must be a JSON object")  # noqa: TRY004  as above
        return cast("dict[str, Any]", value)


@dataclass
class Room:
    """What the answers to one page have in common.

    Attributes:
        host: the notebook's sessions.
        push: puts variables into the notebook.
        history: what was run from this page.
        seen: what stands in the saved notebook.
    """

    host: Host
    push: Callable[[dict[str, Any]], object]
    history: History = field(default_factory=History)
    seen: Seen = field(default_factory=Seen)

    def get_session(self, said: Said) -> Session:
        """Give the session that a page means.

        Raises:
            UnknownServer: there is none.
        """
        return self.host.get(said.text("server"))


Ask = Callable[[Room, Said, Tell], Awaitable[dict[str, Any]]]
"""Answers one thing that a page may ask."""

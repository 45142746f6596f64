"""Where a server's question can be shown: under the cells that wait for that server.

Knows which calls over one connection are under way, and how a function is called on the thread of each. Refuses to
know what is called there.
"""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Caller", "Callers", "Tally"]


@dataclass
class Tally:
    """How much a server has asked.

    Attributes:
        asked: how many questions so far.
        declined: how many of them the person has declined.
    """

    asked: int = 0
    declined: int = 0


class Caller:
    """A cell that waits.

    Args:
        post: has a function called on the cell's thread, soon.
        tool: whose call it waits for; None if it is another request.
        blocks: the thread does nothing else than wait and call what is posted; False in a coroutine.

    Attributes:
        tally: of what its server asks meanwhile.
        broken_off: whether the cell has ended before its server answered.
    """

    def __init__(self, post: Callable[[Callable[[], object]], object], tool: str | None, *, blocks: bool) -> None:
        self.post = post
        self.tool = tool
        self.blocks = blocks
        self.tally = Tally()
        self._at_end: list[Callable[[], object]] = []
        self._at_break: list[Callable[[], object]] = []
        self.broken_off = False

    def at_end(self, function: Callable[[], object]) -> None:
        """Have a function called when the cell waits no more, before it goes on."""
        self._at_end.append(function)

    def at_break(self, function: Callable[[], object]) -> None:
        """Have a function called when the cell is broken off, on its thread."""
        self._at_break.append(function)

    def break_off(self) -> None:
        """Say that the cell ends before its server has answered, as by Interrupt."""
        self.broken_off = True
        for function in tuple(self._at_break):
            function()

    def end(self) -> None:
        """Call what was to be called at the end."""
        for function in self._at_end:
            function()


class Callers:
    """The cells that wait for one server."""

    def __init__(self) -> None:
        self._waiting: list[Caller] = []

    @contextlib.contextmanager
    def add(self, post: Callable[[Callable[[], object]], object], tool: str | None, *, blocks: bool) -> Generator[None]:
        """While in this context, questions are brought here; see `Caller`.

        Only from the main thread, which runs the cells: elsewhere nothing can be shown.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        with self.lend(Caller(post, tool, blocks=blocks)):
            yield

    @contextlib.contextmanager
    def lend(self, caller: Caller) -> Generator[None]:
        """While in this context, questions are brought to a cell that waits elsewhere: for all of a conversation."""
        self._waiting.append(caller)
        try:
            yield
        except BaseException:
            caller.break_off()
            raise
        finally:
            self._waiting.remove(caller)
            caller.end()

    def find(self) -> Caller | None:
        """Give the cell that began to wait last, or None if none waits."""
        return self._waiting[-1] if self._waiting else None

    def find_tool(self) -> str | None:
        """Give the tool that a question belongs to; None where several calls are under way, or none."""
        return self._waiting[0].tool if len(self._waiting) == 1 else None

"""What is shown while connecting takes long: which server is waited for, since when, and what it wrote last.

Knows that a quick connection shows nothing, and that nothing is shown where nobody looks: how long a server took is no
part of what a notebook gives that runs by itself, and its outputs would not be the same in every run. Refuses to know
what is slow about it: `session` tells. Used on the thread that waits.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

from mcp_notebook.display import one_line
from mcp_notebook.magics.progress import find_screen

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Waiting", "WaitingLine", "is_watched"]


@dataclass(frozen=True)
class Waiting:
    """How long a server has been waited for.

    Attributes:
        server: the connection's name.
        seconds: since the wait began.
        words: what the server wrote to stderr last; "" if nothing.
        state: how it stands.
    """

    server: str
    seconds: float
    words: str
    state: Literal["waiting", "connected", "not connected"] = "waiting"

    def to_text(self) -> str:
        """Say it in one line, without the time: `time: waiting for the server: Downloading numpy`."""
        if self.state != "waiting":
            return f"{self.server}: {self.state}"
        words = one_line(self.words, 200)
        return f"{self.server}: waiting for the server{f': {words}' if words else ''}"

    def to_html(self) -> str:
        """Draw it, with the time."""
        return f"{html.escape(self.to_text())} · {self.seconds:.0f} s"


class WaitingLine:
    """Shown at the first call and changed by later ones; nothing if there is none.

    Args:
        shell: the notebook's IPython, which is not typed.
    """

    def __init__(self, shell: Any) -> None:
        self._screen = find_screen(shell)
        self._is_watched = is_watched(shell)
        self._waiting: Waiting | None = None

    def __call__(self, server: str, seconds: float, words: str) -> None:
        """Take one notice; of several servers the one that is waited for is shown."""
        if not self._is_watched:
            return
        self._waiting = Waiting(server, seconds, words)
        self._screen.show(self._waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._waiting is not None:
            state = "connected" if kind is None else "not connected"
            self._screen.finish(replace(self._waiting, state=state))


def is_watched(shell: Any) -> bool:
    """Say whether somebody looks while the cell runs: nbconvert, papermill and nbval say that nobody does."""
    from mcp_notebook.approval.tap import takes_questions  # noqa: PLC0415  with zmq, which a terminal does not need

    kernel = getattr(shell, "kernel", None)
    return kernel is None or takes_questions(kernel)

"""The progress of a running call, as a bar under the cell, or as a line in a terminal.

Knows how often a front end may be bothered: ten times a second, and once more when it is over. Refuses to know where
progress comes from. Used on the thread that waits for the call; a change that had to wait is shown by a timer's thread,
so that what is shown is never old.
"""

from __future__ import annotations

import contextvars
import html
import math
import shutil
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, cast

from IPython import display as ipython_display

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Progress", "ProgressBar", "Screen", "Showable", "find_screen"]

_SECONDS_BETWEEN = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a call is.

    Attributes:
        tool: its name.
        value: what the server counts up.
        total: where it ends; None if unknown.
        message: the server's words; None if there are none.
        seconds: since the call began.
        state: "stopped" means that it failed or was cancelled.
    """

    tool: str
    value: float = 0
    total: float | None = None
    message: str | None = None
    seconds: float = 0
    state: Literal["running", "done", "stopped"] = "running"

    @property
    def share(self) -> float | None:
        """How much is done, from 0 to 1; None if nobody can say."""
        if self.total is None or not math.isfinite(self.total) or self.total <= 0 or math.isnan(self.value):
            return None
        return min(max(self.value / self.total, 0), 1)

    def to_text(self) -> str:
        """Say it in one line, without the time: `count: 50 % (1 of 2) step 1`."""
        counted = f"{self.value:,.10g}" if self.total is None else f"{self.value:,.10g} of {self.total:,.10g}"
        percent = "" if self.share is None or self.state == "done" else f"{self.share:.0%}".replace("%", " %")
        state = {"running": "", "done": "done", "stopped": "stopped at" if percent else "stopped"}[self.state]
        words = [f"{self.tool}:", state, percent, f"({counted})", one_line(self.message or "", 200)]
        return " ".join(filter(None, words))

    def to_html(self) -> str:
        """Draw it: a bar that moves by itself where nobody can say how much is done."""
        share = 1 if self.state == "done" else self.share
        value = "" if share is None and self.state == "running" else f' value="{share or 0:.4f}"'
        return f"<progress{value}></progress> {html.escape(self.to_text())} · {self.seconds:.1f} s"


class Showable(Protocol):
    """What a screen shows: one line, and since when."""

    @property
    def seconds(self) -> float:
        """Since it began."""
        ...

    def to_text(self) -> str:
        """Say it in one line, without the time."""
        ...

    def to_html(self) -> str:
        """Draw it."""
        ...


class Screen(Protocol):
    """Where something that changes is shown: each time anew, in place of what was there."""

    def show(self, what: Showable) -> None:
        """Show how it is now."""
        ...

    def finish(self, what: Showable) -> None:
        """Show how it ended."""
        ...


class _Output:
    """An output of the cell, which a front end changes; a saved notebook has its last state."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, what: Showable) -> None:
        bundle = {"text/plain": what.to_text(), "text/html": what.to_html()}
        if self._handle is None:
            display = cast("Any", ipython_display).display  # untyped upstream
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    finish = show


class _TerminalLine:
    """A line of a terminal, written over."""

    def show(self, what: Showable) -> None:
        self._write(what, "")

    def finish(self, what: Showable) -> None:
        self._write(what, "\n")

    def _write(self, what: Showable, end: str) -> None:
        line = one_line(f"{what.to_text()} · {what.seconds:.1f} s", shutil.get_terminal_size().columns - 1)
        sys.stdout.write(f"\r{line}\x1b[K{end}")
        sys.stdout.flush()


class _LastLine:
    """Text that cannot be changed: only how it ended."""

    def show(self, what: Showable) -> None:
        pass

    def finish(self, what: Showable) -> None:
        print(what.to_text())  # noqa: T201  it is the output


def find_screen(shell: Any) -> Screen:
    """Find where a shell (IPython's, which is not typed) can show what changes."""
    if getattr(shell, "kernel", None) is not None:
        return _Output()
    return _TerminalLine() if sys.stdout.isatty() else _LastLine()


class ProgressBar:
    """Shown at the first progress notification and changed by later ones; nothing if there is none.

    Args:
        tool: its name.
        shell: the notebook's IPython, which is not typed.
    """

    def __init__(self, tool: str, shell: Any) -> None:
        self._progress = Progress(tool)
        self._screen = find_screen(shell)
        self._context = contextvars.copy_context()  # says which cell an output belongs to
        self._lock = threading.Lock()
        self._began_at = time.monotonic()
        self._shown_at = -math.inf
        self._timer: threading.Timer | None = None

    def __call__(self, value: float, total: float | None, message: str | None) -> None:
        """Take one notification."""
        with self._lock:
            self._progress = replace(self._progress, value=value, total=total, message=message)
            wait = self._shown_at + _SECONDS_BETWEEN - time.monotonic()
            if wait <= 0:
                self._show()
            elif self._timer is None:
                self._timer = threading.Timer(wait, self._context.run, [self._show_late])
                self._timer.daemon = True
                self._timer.start()

    def _show_late(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._show()

    def _show(self) -> None:
        self._forget_timer()
        self._progress = replace(self._progress, seconds=time.monotonic() - self._began_at)
        self._screen.show(self._progress)
        self._shown_at = time.monotonic()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._lock:
            self._forget_timer()
            if self._shown_at > 0:  # the first notification is always shown
                state = "done" if kind is None else "stopped"
                seconds = time.monotonic() - self._began_at
                self._screen.finish(replace(self._progress, seconds=seconds, state=state))

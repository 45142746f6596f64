"""The progress of a running call, as one line under the cell.

Knows how often a line may change. Refuses to know where progress comes from.
"""

from __future__ import annotations

import html
import time
from typing import TYPE_CHECKING, Any, Self, cast

from IPython import display as ipython_display

from mcp_notebook.display import one_line

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["ProgressLine"]

_SECONDS_BETWEEN = 0.1


class ProgressLine:
    """One line, shown at the first progress notification and changed by later ones; nothing if there is none."""

    def __init__(self, tool: str) -> None:
        self._tool = tool
        self._progress: tuple[float, float | None, str | None] = (0, None, None)
        self._handle: Any = None
        self._shown_at = 0.0
        self._stale = False

    def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        """Take one notification; a front end gets at most ten changes a second."""
        self._progress = (progress, total, message)
        self._stale = True
        if time.monotonic() - self._shown_at >= _SECONDS_BETWEEN:
            self._show()

    def _show(self) -> None:
        if self._handle is None:
            self._handle = cast("Any", ipython_display).display(self, display_id=True)  # untyped upstream
        else:
            self._handle.update(self)
        self._shown_at = time.monotonic()
        self._stale = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stale:
            self._show()

    def __repr__(self) -> str:
        progress, total, message = self._progress
        share = f"{progress:g}" if total is None else f"{progress:g} of {total:g}"
        return f"{self._tool}: {share}{' ' + one_line(message, 200) if message else ''}"

    def _repr_html_(self) -> str:
        progress, total, _ = self._progress
        bar = "" if not total else f'<progress value="{progress:g}" max="{total:g}"></progress> '
        return f"{bar}{html.escape(repr(self))}"

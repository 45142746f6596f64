"""One thing that a person watches at a server: a resource, or a list.

    today = session.subscribe("notes://today", lambda today: print(today.changes))
    today.close()

Knows how often it has changed, and who is told: a function of the person's, on a thread of its own, because the loop
thread must not wait for it, and the thread of the cells may be busy for hours. Refuses to know the protocol.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextvars import copy_context
from importlib import import_module

__all__ = ["WATCHED_LISTS", "OnChange", "Subscription"]

WATCHED_LISTS = ("tools", "resources", "prompts")
"""What can be watched beside URIs; "resources" is the list of them, with the templates."""


class Subscription:
    """One thing that is watched.

    Args:
        server: the connection's name.
        what: a URI, or the name of a list.
        on_change: called after changes; None if nobody is.
        close: ends it at the server.

    Attributes:
        server: see above.
        what: see above.
        changes: how often it has changed, or may have: a broken connection may hide a change.
        ended: why it is not watched any more, as a clause; None while it is.
    """

    def __init__(
        self, server: str, what: str, on_change: OnChange | None, close: Callable[[Subscription], object]
    ) -> None:
        self.server = server
        self.what = what
        self.changes = 0
        self.ended: str | None = None
        self._on_change = on_change
        self._close = close
        self._context = copy_context()  # the cell's: what the function prints belongs there
        self._lock = threading.Lock()
        self._is_calling = False
        self._is_changed = False
        self._show: Callable[[], object] | None = None
        self._told = 0

    def show_by(self, show: Callable[[], object]) -> None:
        """Have a function called whenever this is different; on the loop thread, and it must be quick."""
        self._show = show

    def take_news(self) -> bool:
        """Say whether it has changed since this was asked last; never where somebody is told of each change."""
        news = self.changes > self._told and self._show is None and self._on_change is None
        self._told = self.changes
        return news

    def take(self) -> None:
        """Take it that it has changed, or may have, and is watched: on the loop thread."""
        self.changes += 1
        self.ended = None
        if self._on_change is not None:
            self._call_soon(self._on_change)
        self._tell()

    def end(self, reason: str) -> None:
        """Take it that it is not watched any more; the reason is a clause."""
        if self.ended is None:
            self.ended = reason
            self._tell()

    def close(self) -> None:
        """Watch it no more; does nothing where that is so already."""
        self._close(self)

    def _tell(self) -> None:
        if self._show is not None:
            self._show()

    def _call_soon(self, on_change: OnChange) -> None:
        with self._lock:
            self._is_changed = True
            if self._is_calling:  # it is told when it has done with the change before
                return
            self._is_calling = True
        name = f"mcp-notebook-change-{self.server}"
        threading.Thread(target=self._context.run, args=(self._call, on_change), name=name, daemon=True).start()

    def _call(self, on_change: OnChange) -> None:
        while self._take_change():
            try:
                on_change(self)
            except Exception as error:  # noqa: BLE001  whatever the person's function raises is shown under its cell
                _show_failure(error)

    def _take_change(self) -> bool:
        with self._lock:
            changed, self._is_changed = self._is_changed, False
            self._is_calling = changed and self.ended is None
            return self._is_calling

    @property
    def state(self) -> str:
        """How it stands, after `has`: `changed 3 times; it is not watched any more: you ended it`."""
        times = {0: "not changed yet", 1: "changed once"}.get(self.changes, f"changed {self.changes:,} times")
        return times if self.ended is None else f"{times}; it is not watched any more: {self.ended}"

    def __repr__(self) -> str:
        return f"<Subscription to {self.what} of {self.server}: {self.state}>"


OnChange = Callable[[Subscription], object]
"""Called with the subscription, once for several changes that came meanwhile."""


def _show_failure(error: Exception) -> None:
    in_process = import_module("mcp_notebook.transports.in_process")  # it imports the SDK, which is there by now
    sys.stderr.write(in_process.format_failure(error))

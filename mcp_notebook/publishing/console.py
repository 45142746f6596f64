"""What published functions print, and how they fail, under the cell that published them.

Knows where IPython's kernel sends outputs, and how much a front end can take: one output is shown and then replaced,
at most every half second, with the last lines. As messages of its own, the print of a function that is called ten
thousand times would fill the notebook, and Jupyter would drop the person's own outputs beside it (its limits of rate).

What is not written in answer to a host goes its usual way: the context variable `console` says which is which.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from mcp_notebook.transports.in_process import find_cause, format_failure, writes_to_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Console", "console", "divert", "restore"]

console: ContextVar[Console | None] = ContextVar("console", default=None)
"""Where the output of the current call belongs; None for all that is no call of a host."""


_MOST_LINES = 200
_MOST_CHARACTERS = 20_000
_LONGEST_LINE = 2_000
_SECONDS_BETWEEN = 0.5


class Console:
    """The output of one publication, as long as one cell's is the newest. Any thread may write.

    Args:
        send: sends a message of a kind, with a content, as an output of the cell that published.
        changed: called when there is something to show; `show` is to be called soon.
    """

    def __init__(self, send: Callable[[str, Mapping[str, Any]], object], changed: Callable[[], object]) -> None:
        self._send = send
        self._changed = changed
        self._lock = threading.Lock()
        self._lines: deque[str] = deque()
        self._characters = 0
        self._left_out = 0
        self._partial = ""
        self._id = uuid4().hex
        self._shown_at = 0.0
        self._is_shown = False
        self._is_changed = False

    def write(self, text: str) -> int:
        """Take text, as a file does."""
        with self._lock:
            *lines, self._partial = (self._partial + text).split("\n")
            for line in lines:
                self._add(line)
            self._partial = self._partial[-_LONGEST_LINE:]
            tell, self._is_changed = not self._is_changed, True
        if tell:
            self._changed()
        return len(text)

    def _add(self, line: str) -> None:
        kept = line.rpartition("\r")[2][:_LONGEST_LINE]
        self._lines.append(kept)
        self._characters += len(kept)
        while len(self._lines) > _MOST_LINES or self._characters > _MOST_CHARACTERS:
            self._characters -= len(self._lines.popleft())
            self._left_out += 1

    def show(self, *, at_once: bool = False) -> float | None:
        """Show what has changed if that is due; return in how many seconds it will be, None if there is nothing."""
        now = time.monotonic()
        with self._lock:
            if not self._is_changed:
                return None
            wait = self._shown_at + _SECONDS_BETWEEN - now
            if wait > 0 and not at_once:
                return wait
            self._is_changed, self._shown_at = False, now
            text = self._text()
        kind, self._is_shown = "update_display_data" if self._is_shown else "display_data", True
        content = {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": self._id}}
        self._send(kind, content)
        return None

    def _text(self) -> str:
        left_out = [f"... {self._left_out} earlier lines"] if self._left_out else []
        return "\n".join([*left_out, *self._lines, *([self._partial] if self._partial else [])])


class _Failures(logging.Filter):
    """Shows where a person's function failed, in short; the host is only told that it did."""

    def filter(self, record: logging.LogRecord) -> bool:
        error: Any = record.exc_info and record.exc_info[1]
        current = console.get()
        if error is None or current is None:
            return True
        current.write(format_failure(find_cause(error)))
        return not all(map(writes_to_notebook, logging.getLogger().handlers))


_FAILURES = _Failures()
_FAILING = ("mcp.server.runner", "mcp.server.mcpserver.server", "mcp.shared.jsonrpc_dispatcher")


class _Chatter(logging.Filter):
    """Leaves out what the SDK says about sessions that come and go: for whoever runs a server, not for a notebook."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or not threading.current_thread().name.startswith("mcp-notebook")


_CHATTER = _Chatter()
_CHATTING = ("mcp.server.streamable_http_manager", "mcp.server.streamable_http", "mcp.server.mcpserver.server")


class _Writer:
    """What a stream's `write` is in answer to a host, and else."""

    def __init__(self, write: Callable[..., int]) -> None:
        self.write = write

    def __call__(self, text: str, *more: Any) -> int:
        current = console.get()
        return self.write(text, *more) if current is None else current.write(text)


class _Write:
    """The attribute `write` of a diverted stream.

    A property with a setter, because IPython sets the attribute anew around every cell, to keep what the cell prints in
    its history: its function must come below ours, else what hosts cause would be kept there for ever.
    """

    def __init__(self, kind: type) -> None:
        self._kind: Any = kind

    def __get__(self, stream: Any, owner: type | None = None) -> _Writer:
        return _Writer(stream.__dict__.get("write") or self._kind.write.__get__(stream))

    def __set__(self, stream: Any, write: Callable[..., int]) -> None:
        stream.__dict__["write"] = write.write if isinstance(write, _Writer) else write


def _get_streams() -> tuple[Any, Any]:
    return sys.stdout, sys.stderr


def divert() -> None:
    """Have what is written in answer to a host go to its console, until `restore`."""
    for stream in _get_streams():
        kind = cast("type[Any]", type(stream))
        if isinstance(vars(kind).get("write"), _Write):
            continue
        # The object stays who it is to everybody who has it; only its class becomes one below.
        with suppress(TypeError):  # a stream that is not Python's own: prints go their usual way
            stream.__class__ = type(kind.__name__, (kind,), {"__module__": kind.__module__, "write": _Write(kind)})
    for name in _FAILING:
        logging.getLogger(name).addFilter(_FAILURES)
    for name in _CHATTING:
        logging.getLogger(name).addFilter(_CHATTER)


def restore() -> None:
    """Undo `divert`."""
    for stream in _get_streams():
        kind = cast("type[Any]", type(stream))
        if isinstance(vars(kind).get("write"), _Write):
            stream.__class__ = kind.__base__
    for name in _FAILING:
        logging.getLogger(name).removeFilter(_FAILURES)
    for name in _CHATTING:
        logging.getLogger(name).removeFilter(_CHATTER)

"""Writes down every MCP message that this process sends or gets, if MCP_NOTEBOOK_RECORD names a directory. For tests.

Python imports a module of this name at its start where it finds one: tests have PYTHONPATH name this directory for the
processes that they start (a Jupyter server, its kernels, the command line), and load it themselves in their own. So
the product knows nothing of it. Two joints see every message: the host's wire log and the Jupyter server's door.

Knows how messages are written down, one JSON object a line, one file a process. What they mean: `support.recorded`.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import itertools
import json
import os
import sys
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

_numbers = itertools.count(1)
_files: dict[tuple[str, int], int] = {}
"""The open file, by the directory and this process's id: tests have one after the other, and after a fork another."""


def write(**facts: Any) -> None:
    """Append a line at once, where there is a directory for it: the process may be killed."""
    directory = os.environ.get("MCP_NOTEBOOK_RECORD")
    if not directory:
        return
    key = (directory, os.getpid())
    if key not in _files:
        for other in _files.values():
            os.close(other)
        _files.clear()
        _files[key] = os.open(f"{directory}/{key[1]}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(_files[key], json.dumps(facts).encode() + b"\n")


def record_wire_log(module: Any) -> None:
    """Write down what passes a host's connection."""
    keep = module.WireLog._keep
    names: dict[int, str] = {}

    @wraps(keep)
    def kept(log: Any, record: Any) -> Any:
        if record.text is not None and record.kind not in ("invalid", "http"):
            if not len(log):  # the first of its connection; another of this address may be gone
                names[id(log)] = _name()
            write(connection=names.setdefault(id(log), _name()), direction=record.direction, text=record.text)
        return keep(log, record)

    module.WireLog._keep = kept


def record_door(module: Any) -> None:
    """Write down what a host sends to the Jupyter server, and what it is answered."""
    handler = module.MCPHandler
    answer, finished, closed = handler.write, handler.on_finish, handler.on_connection_close

    def begin(self: Any) -> str:
        if not hasattr(self, "_recorded"):
            self._recorded = _name()
            session = self.request.headers.get("Mcp-Session-Id") or self._headers.get("Mcp-Session-Id")
            body = bytes(self._body).decode(errors="replace")
            write(exchange=self._recorded, session=session, body=body, status=self.get_status())
        return self._recorded

    def write_too(self: Any, chunk: Any) -> None:
        name, text = begin(self), chunk.decode(errors="replace") if isinstance(chunk, bytes) else chunk
        write(exchange=name, chunk=text, streams="event-stream" in self._headers.get("Content-Type", ""))
        answer(self, chunk)

    def finish_too(self: Any) -> None:
        begin(self)
        finished(self)

    def close_too(self: Any) -> None:
        begin(self)
        closed(self)

    handler.write, handler.on_finish, handler.on_connection_close = write_too, finish_too, close_too


def _name() -> str:
    return f"{os.getpid()}.{next(_numbers)}"


_RECORDED: dict[str, Callable[[Any], None]] = {
    "mcp_notebook.wire": record_wire_log,
    "mcp_notebook_server.handlers": record_door,
}


class Finder(importlib.abc.MetaPathFinder):
    """Finds the two modules as Python would, and has their loader change them when they have been loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        record = _RECORDED.get(name)
        spec = importlib.machinery.PathFinder.find_spec(name, path) if record is not None else None
        if record is None or spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_record(module: ModuleType) -> None:
            execute(module)
            record(module)

        spec.loader.exec_module = execute_and_record  # type: ignore[method-assign]
        return spec


def install() -> None:
    """Have the two modules changed when they are imported; once."""
    if not any(isinstance(each, Finder) for each in sys.meta_path):
        sys.meta_path.insert(0, Finder())


if os.environ.get("MCP_NOTEBOOK_RECORD"):
    install()

"""The agent itself: a listening socket in a private directory and a thread for each connection.

Knows lines, the secret and the life of its threads. Refuses to know what the operations do.

One line of JSON comes in, one goes out, at the cost of one `recv` and one `send`: beside a computing cell, the thread
waits up to five milliseconds each time it takes up Python's lock again. A connection's first line carries the secret.
"""

from __future__ import annotations

import contextlib
import contextvars
import hmac
import json
import os
import socket
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any, cast

from .guest import Guest, Slice
from .json_lines import read_json, write_json
from .operations import VERSION, Operations
from .refusals import Refused
from .status import find_request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["Agent", "install"]

_LONGEST_LINE = 1 << 20
_CONNECTIONS = 8
_RECEIVED = 1 << 16
_MEMBERS = 20
"""So many members of a list are written at once."""


class Agent:
    """Answers over a socket until the process ends, or another Jupyter server's agent takes its place.

    Args:
        shell: IPython's.
        listener: a bound and listening socket.
        secret: what a connection must say first; also tells this agent from another.
    """

    def __init__(self, shell: Any, listener: socket.socket, secret: str) -> None:
        self._operations = Operations(shell)
        self._guest = Guest()
        self._listener = listener
        self.secret = secret
        self._connections: set[socket.socket] = set()

    def start(self) -> None:
        """Begin to answer."""
        if hasattr(os, "register_at_fork"):
            # A child that holds our sockets would keep callers waiting after the kernel has died.
            os.register_at_fork(after_in_child=self.close)
        _start_thread(self._accept)

    def close(self) -> None:
        """Close all sockets; in a forked child this leaves the parent's connections alone."""
        for each in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                each.close()

    def stop(self) -> None:
        """End all threads, for another agent."""
        for each in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                if len(self._connections) >= _CONNECTIONS:
                    connection.close()
                    continue
                self._connections.add(connection)
                _start_thread(lambda one=connection: self._serve(one))

    def _serve(self, connection: socket.socket) -> None:
        try:
            rest = self._authenticate(connection)
            work = Slice(self._guest)
            while rest is not None:
                line, rest = _receive_line(connection, rest)
                if line:
                    self._answer(connection, line, work)
        except (OSError, ValueError):  # the other side went away, or does not speak our protocol
            pass
        finally:
            self._connections.discard(connection)
            connection.close()

    def _authenticate(self, connection: socket.socket) -> Any:
        line, rest = _receive_line(connection, b"")
        said = read_json(line)["secret"] if line else ""
        return rest if hmac.compare_digest(said, self.secret) else None

    def _answer(self, connection: socket.socket, line: bytes, work: Slice) -> None:
        request = read_json(line)
        work.begin(request.pop("timeout", 10.0))
        try:
            answer = self._run(request.pop("op"), request, work, connection)
            encoded = _encode({"id": request.get("id"), **answer}, work.pause)
        finally:
            work.end()
        connection.sendall(encoded)

    def _run(self, op: str, request: dict[str, Any], work: Slice, connection: socket.socket) -> dict[str, Any]:
        try:
            result = self._operations.run(op, request.get("arguments", {}), work)
            if not isinstance(result, dict):
                result = _send_blocks(connection, request.get("id"), result, work)
        except Refused as refusal:
            return {"ok": False, "error": refusal.kind, "message": refusal.message}
        except Exception as error:  # noqa: BLE001  whatever a library raises must become an answer
            return {"ok": False, "error": "failed", "message": _describe_failure(error)}
        return {"ok": True, "result": result}


def _send_blocks(
    connection: socket.socket, identity: Any, blocks: Generator[bytes, None, dict[str, Any]], work: Slice
) -> dict[str, Any]:
    """Send blocks of bytes, each behind a line with its length, and return the result that comes after them."""
    while True:
        try:
            block = next(blocks)
        except StopIteration as end:
            return end.value
        head = write_json({"id": identity, "ok": True, "payload": len(block)}).encode() + b"\n"
        with work.aside():
            connection.sendall(head + block)


def _encode(answer: dict[str, Any], pause: Callable[[], None]) -> bytes:
    """Write the answer, resting between the members of long lists."""
    result = answer.get("result", {})
    if any(_is_long(value) for value in result.values()):
        members = (f"{write_json(key)}: {_encode_value(value, pause)}" for key, value in result.items())
        text = write_json({**answer, "result": None})
        text = text.replace('"result": null', '"result": {' + ", ".join(members) + "}")
    else:
        text = write_json(answer)
    if len(text) >= _LONGEST_LINE:
        refusal = {
            "id": answer["id"],
            "ok": False,
            "error": "too_large",
            "message": "The answer is too large. Ask for less.",
        }
        text = write_json(refusal)
    return text.encode() + b"\n"


def _encode_value(value: Any, pause: Callable[[], None]) -> str:
    if not _is_long(value):
        return write_json(value)
    parts: list[str] = []
    for start in range(0, len(value), _MEMBERS):
        parts.append(write_json(value[start : start + _MEMBERS])[1:-1])
        pause()
    return "[" + ", ".join(parts) + "]"


def _is_long(value: Any) -> bool:
    return type(value) is list and len(cast("list[Any]", value)) > _MEMBERS


def _receive_line(connection: socket.socket, rest: bytes) -> tuple[bytes, Any]:
    """Return a line and what follows it; an empty line and None when the other side has closed."""
    while True:
        line, found, after = rest.partition(b"\n")
        if found:
            return line, after
        if len(rest) > _LONGEST_LINE:
            raise ValueError
        received = connection.recv(_RECEIVED)
        if not received:
            return b"", None
        rest += received


def _describe_failure(error: Exception) -> str:
    """Name the kind of the error and where it was; its text could be the person's data."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"Reading failed: {type(error).__name__} in {last.name}, line {last.lineno}. Please report this."


def _start_thread(run: Callable[[], None]) -> None:
    def start() -> None:
        # A person's tracer or profiler, and the context of the cell that was running, are not for this thread.
        sys.settrace(None)
        sys.setprofile(None)
        contextvars.Context().run(run)

    thread: Any = threading.Thread(target=start, name="mcp-notebook-agent", daemon=True)
    thread.pydev_do_not_trace = True  # debugpy leaves such threads running at a breakpoint
    thread.is_pydev_daemon_thread = True
    thread.start()


def install(directory: str, sockets: str, nonce: str, secret: str) -> Any:
    """Start the agent and tell where it listens, in `agent.json`; do nothing if the directory is not the one meant.

    Args:
        directory: the kernel's private directory, as the Jupyter server sees it.
        sockets: where to make the socket.
        nonce: what the Jupyter server wrote there; a kernel on another machine or in a container does not see it.
        secret: for connections.

    Returns:
        The agent; None if this is not the Jupyter server's file system.
    """
    try:
        with open(os.path.join(directory, "nonce"), encoding="utf-8") as file:  # noqa: PTH118, PTH123  quicker to import
            if file.read() != nonce:
                return None
    except OSError:
        return None
    shell = sys.modules["IPython"].get_ipython()
    _give_input_back(getattr(shell, "kernel", None))
    listener, address = _listen(os.path.join(sockets, f"agent-{os.getpid()}.sock"))  # noqa: PTH118  as above
    agent = Agent(shell, listener, secret)
    agent.start()
    told = {**address, "secret": secret, "pid": os.getpid(), "version": VERSION}
    _write_file(os.path.join(directory, "agent.json"), told)  # noqa: PTH118  as above
    return agent


def _give_input_back(kernel: Any) -> None:
    """Let `input()` work in the cell beside which this is installed: ipykernel has turned it off for all cells."""
    request = find_request(kernel) if threading.current_thread() is not threading.main_thread() else None
    if request is not None and "allow_stdin" in request:
        kernel._allow_stdin = request["allow_stdin"]  # noqa: SLF001  where ipykernel keeps it


def _listen(path: str) -> tuple[socket.socket, dict[str, Any]]:
    if not hasattr(socket, "AF_UNIX"):  # Windows
        listener = socket.create_server(("127.0.0.1", 0))
        return listener, {"port": listener.getsockname()[1]}
    listener = socket.socket(socket.AF_UNIX)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108  as above
    listener.bind(path)
    listener.listen()
    return listener, {"socket": path}


def _write_file(path: str, value: dict[str, Any]) -> None:
    fresh = f"{path}.{os.getpid()}"
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:  # noqa: PTH123  as above
        json.dump(value, file)
    os.replace(fresh, path)  # noqa: PTH105  as above

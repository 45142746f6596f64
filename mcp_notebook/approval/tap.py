"""Hears what a widget says while a cell runs.

A front end's click is a comm message on the kernel's shell channel, where it waits until the cell has ended. On
ipykernel 7 a thread of its own reads that channel: there our messages are taken out, whatever subshell they are
addressed to. On ipykernel 6 the main thread reads it itself, in `pump`, while it waits. Everything else goes on to the
kernel in its order.

A message that is taken goes straight to our function: `comm.handle_msg` would fire IPython's `post_execute`, and
matplotlib then publishes a half-drawn figure (measured; also ipykernel#1564).

The only place that touches ipykernel's and pyzmq's inside. Seen in ipykernel 6.31.0, 7.0.1, 7.3.0 and 7.4.0, pyzmq
27.3: `Kernel.shell_stream`, `.shell_channel_thread`, `.session`, `.iopub_socket`, `.get_parent`, `.shell`, `._topic`,
`._allow_stdin`; `ZMQStream._recv_callback`. Where one is missing, `find_tap` gives None and the person is asked by
`input()`.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import zmq

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["Tap", "close_tap", "find_tap", "takes_questions"]

_INSTALL_SECONDS = 2.0
_LOOK_UP_MILLISECONDS = 100 if sys.platform == "win32" else None  # a signal does not end the wait on Windows
_CONTENT = 4  # of a message's parts: signature, header, parent header, metadata, content


@dataclass(frozen=True)
class _Listener:
    """Who hears a comm: its function, and the message of the cell that waits (None for whichever runs)."""

    on_message: Callable[[Any], object]
    cell: Any


class Tap:
    """Takes the messages of some comms out of a kernel's shell channel.

    Args:
        kernel: ipykernel's.

    Raises:
        AttributeError, RuntimeError: this kernel is not of a kind that is known.
    """

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._stream = kernel.shell_stream
        self._thread = getattr(kernel, "shell_channel_thread", None)
        self._listeners: dict[str, _Listener] = {}
        self._lock = threading.Lock()
        self._running: Any = None
        self._events: Any = None
        self._original = self._stream._recv_callback  # noqa: SLF001  see above
        if self._original is None or kernel.session is None or not callable(kernel._topic):  # noqa: SLF001  as above
            raise RuntimeError("a kernel that has not started")
        self._in_its_thread(lambda: self._stream.on_recv(self._on_frames, copy=False))

    @property
    def needs_pump(self) -> bool:
        """The thread that waits must call `pump`: nobody else reads the channel."""
        return self._thread is None

    def _in_its_thread(self, function: Callable[[], object]) -> None:
        """Call a function in the thread that reads the channel, and wait until that is done."""
        if self._thread is None:
            function()
            return
        done = threading.Event()

        def call() -> None:
            function()
            done.set()

        self._thread.io_loop.add_callback(call)
        if not done.wait(_INSTALL_SECONDS):
            raise RuntimeError("the shell channel thread does not answer")

    def hear(self, comm_id: str, on_message: Callable[[Any], object]) -> None:
        """Have custom messages of a comm given to a function, on whatever thread reads the channel.

        On the thread of the cell that waits: the kernel is said to be busy with this cell afterwards.

        Args:
            comm_id: of the widget.
            on_message: called with the content; must be quick, and not raise.
        """
        with self._lock:
            self._listeners[comm_id] = _Listener(on_message, self._kernel.get_parent("shell"))

    def hear_always(self, comm_id: str, on_message: Callable[[Any], object]) -> None:
        """Have custom messages of a comm given to a function as `hear` does, also when its cell has ended.

        On the main thread, in a cell: whichever cell runs, the kernel is said to be busy with it afterwards.
        """
        with self._lock:
            self._listeners[comm_id] = _Listener(on_message, None)
            self._running = self._kernel.get_parent("shell")
        if self._events is None:
            self._events = self._kernel.shell.events
            self._events.register("pre_run_cell", self._note_begin)
            self._events.register("post_run_cell", self._note_end)

    def _note_begin(self, *_: object) -> None:
        self._note(self._kernel.get_parent("shell"))

    def _note_end(self, *_: object) -> None:
        self._note(None)

    def _note(self, cell: Any) -> None:
        if threading.current_thread() is threading.main_thread():  # on others, subshells run theirs
            with self._lock:
                self._running = cell

    def forget(self, comm_id: str) -> None:
        """Hear a comm no more. When this returns, nothing more is said about its cell."""
        with self._lock:
            self._listeners.pop(comm_id, None)

    def close(self) -> None:
        """Give the channel back to the kernel, unless somebody else has taken it since."""

        def give_back() -> None:
            if self._stream._recv_callback == self._on_frames:  # noqa: SLF001  see above
                self._stream.on_recv(self._original, copy=False)

        self._in_its_thread(give_back)
        if self._events is not None:
            self._events.unregister("pre_run_cell", self._note_begin)
            self._events.unregister("post_run_cell", self._note_end)
            self._events = None

    def pump(self, wake: socket.socket, until: Callable[[], bool]) -> None:
        """Read the channel on this thread, the kernel's main one; an interrupt lands at once.

        Args:
            wake: becomes readable when `until` is to be asked again.
            until: says when to stop.
        """
        poller = zmq.Poller()
        poller.register(self._stream.socket, zmq.POLLIN)
        poller.register(wake, zmq.POLLIN)
        while not until():
            if any(ready == wake.fileno() for ready, _ in poller.poll(_LOOK_UP_MILLISECONDS)):
                wake.recv(4096)
            # What is not ours goes into the kernel's own queue here, in order, to be run after the cell.
            self._stream.flush(zmq.POLLIN)

    def _on_frames(self, frames: list[Any]) -> Any:
        try:
            taken = bool(self._listeners) and self._take(frames)
        except Exception:  # noqa: BLE001  whatever is odd about a message is the kernel's to say
            taken = False
        return None if taken else self._original(frames)

    def _take(self, frames: list[Any]) -> bool:
        """Take a message if it is for one of us; its signature is checked by the kernel's own session."""
        session = self._kernel.session
        _, parts = session.feed_identities(frames, copy=False)
        content = parts[_CONTENT].bytes
        if not any(comm_id.encode() in content for comm_id in self._listeners):
            return False
        if session.unpack(parts[1].bytes)["msg_type"] != "comm_msg":
            return False
        said = session.unpack(content)
        if said["comm_id"] not in self._listeners or said["data"].get("method") != "custom":
            return False
        self._deliver(said["comm_id"], session.deserialize(parts, content=True, copy=False))
        return True

    def _deliver(self, comm_id: str, message: Any) -> None:
        with self._lock:  # so that nothing is said of the cell when its wait is over
            listener = self._listeners.get(comm_id)
            self._publish_status("idle", message)  # the front end waits for this before it says more
            cell = None if listener is None else listener.cell or self._running
            if cell and cell.get("header"):
                self._publish_status("busy", cell)
        if listener is not None:
            listener.on_message(message["content"]["data"]["content"])

    def _publish_status(self, state: str, parent: Any) -> None:
        kernel = self._kernel
        topic = kernel._topic("status")  # noqa: SLF001  see above
        kernel.session.send(kernel.iopub_socket, "status", {"execution_state": state}, parent=parent, ident=topic)


_tap: Tap | None = None


def find_tap(kernel: Any) -> Tap | None:
    """Give the tap of this kernel, installing it if need be; None where that cannot be. Main thread only."""
    global _tap  # noqa: PLW0603  the one of this process
    if _tap is None:
        try:
            _tap = Tap(kernel)
        except Exception:  # noqa: BLE001  another ipykernel than those known: the person is asked by input()
            return None
    return _tap


def close_tap() -> None:
    """Give the shell channel back to the kernel. Main thread only."""
    global _tap  # noqa: PLW0603  the one of this process
    if _tap is not None:
        _tap.close()
        _tap = None


def takes_questions(kernel: Any) -> bool:
    """Say whether somebody can answer in the running cell: nbconvert, papermill and nbval say that nobody can."""
    return bool(getattr(kernel, "_allow_stdin", False))

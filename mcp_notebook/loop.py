"""The one background event-loop thread, which owns every connection of this notebook.

Knows how to run a coroutine there while the calling thread waits (interruptible, never polling), what a fork leaves of
it, and when a process that was started there ends. Refuses to know what a connection is.

Thread ownership: `Loop.check_here()` stands at the top of what may only run on the loop thread; `Loop.run()` is for
every other thread.
"""

from __future__ import annotations

import asyncio
import os
import queue
import selectors
import sys
import threading
from contextlib import ExitStack
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

__all__ = ["Inbox", "Loop", "ProcessWatch", "find_loop", "get_loop", "process_watch", "wait_here"]

T = TypeVar("T")

Inbox = queue.SimpleQueue[Any]
"""What wakes a waiting thread: the future it waits for, or a function that it is to call."""

# A signal does not interrupt waiting for a lock on Windows, so the wait there looks up now and then. What is put in the
# inbox wakes it at once all the same.
_WAKE_UP_SECONDS = 0.1 if sys.platform == "win32" else None


class ProcessWatch:
    """Tells when the process has ended that the current task started last.

    The SDK's stdio transport sees only the end of the server's output, which a child of the server can hold open.

    Args:
        on_end: called on the loop thread when the process has ended.
    """

    def __init__(self, on_end: Callable[[], None]) -> None:
        self.on_end = on_end
        self.transport: asyncio.SubprocessTransport | None = None

    @property
    def returncode(self) -> int | None:
        """The exit code, negative for a signal; None while the process runs, or if none was started."""
        return self.transport and self.transport.get_returncode()


process_watch: ContextVar[ProcessWatch | None] = ContextVar("process_watch", default=None)
"""Set it before starting a process on the loop thread, in the same task."""


def _watched(factory: Callable[[], asyncio.SubprocessProtocol], watch: ProcessWatch) -> asyncio.SubprocessProtocol:
    protocol = factory()
    process_exited = protocol.process_exited

    def exited_and_told() -> None:
        process_exited()
        watch.on_end()

    protocol.process_exited = exited_and_told  # an instance attribute shadows the method
    return protocol


if sys.platform == "win32":
    _BaseEventLoop = asyncio.ProactorEventLoop
    _HAS_SELECTOR = False
else:
    _BaseEventLoop = asyncio.SelectorEventLoop
    _HAS_SELECTOR = True


class _EventLoop(_BaseEventLoop):
    """The platform's loop; it honours `process_watch`."""

    async def subprocess_exec(
        self, protocol_factory: Callable[[], Any], *args: Any, **kwargs: Any
    ) -> tuple[asyncio.SubprocessTransport, Any]:
        watch = process_watch.get()
        if watch is None:
            return await super().subprocess_exec(protocol_factory, *args, **kwargs)
        started = await super().subprocess_exec(lambda: _watched(protocol_factory, watch), *args, **kwargs)
        watch.transport = started[0]
        return started


class _Work(Generic[T]):
    """A coroutine for the loop thread, which can be cancelled from any thread before it has begun, too.

    Args:
        function: makes the coroutine.
        args: of the function.
        event_loop: of the loop thread.
    """

    def __init__(
        self,
        function: Callable[..., Coroutine[Any, Any, T]],
        args: tuple[object, ...],
        event_loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._function = function
        self._args = args
        self._event_loop = event_loop
        self._task: asyncio.Task[Any] | None = None
        self._is_cancelled = False

    async def do(self) -> T:
        """Do it, on the loop thread."""
        self._task = asyncio.current_task()
        if self._is_cancelled:
            raise asyncio.CancelledError
        return await self._function(*self._args)

    def cancel(self) -> None:
        """See that it is not done, or broken off; nothing if it has ended, or the second time.

        A second cancellation would break off what the SDK does at the first: telling the server.
        """
        if self._is_cancelled:
            return
        self._is_cancelled = True  # before the task is looked for: it looks for this after it is there
        if self._task is not None and not self._task.done():
            self._event_loop.call_soon_threadsafe(self._task.cancel)


class Loop:
    """A loop thread; `stop()` ends it. All connections share the one that `get_loop()` starts.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str = "mcp-notebook-loop") -> None:
        # The SDK's own dependency, but 50 ms: not before the first connection.
        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415

        self._selector: selectors.BaseSelector | None = selectors.DefaultSelector() if _HAS_SELECTOR else None
        self._pid = os.getpid()
        self._stack = ExitStack()
        portal = start_blocking_portal("asyncio", {"loop_factory": self._new_event_loop}, name=name)
        self._portal = self._stack.enter_context(portal)
        self._thread_id = self._portal.call(threading.get_ident)
        self._event_loop = self._portal.call(asyncio.get_running_loop)
        _running.append(self)

    def _new_event_loop(self) -> asyncio.AbstractEventLoop:
        return _EventLoop() if self._selector is None else _EventLoop(self._selector)

    @property
    def is_usable(self) -> bool:
        """False in a forked child, which has inherited this object but not the thread."""
        return self._pid == os.getpid()

    def check_here(self) -> None:
        """Assert that the current thread is the loop thread."""
        if threading.get_ident() != self._thread_id:
            raise AssertionError("this belongs on the loop thread")

    def submit(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object) -> Future[T]:
        """Start `function(*args)` on the loop thread; cancelling the future cancels it there.

        Raises:
            RuntimeError: the loop has been stopped.
        """
        if threading.get_ident() == self._thread_id:
            raise AssertionError("a blocking call on the loop thread would wait for itself")
        # One hop: the portal's `start_task_soon` waits until the loop thread says that the task has begun.
        coroutine = function(*args)
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self._event_loop)
        except RuntimeError:
            coroutine.close()
            raise

    def run(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object, inbox: Inbox | None = None) -> T:
        """Run `function(*args)` on the loop thread and wait for it here, as `wait_here` does.

        An interrupt cancels it whenever it comes: on a busy machine the server may have the call before this thread has
        begun to wait.
        """
        work = _Work(function, args, self._event_loop)
        try:
            return wait_here(self.submit(work.do), inbox, cancel=work.cancel)
        except BaseException:
            work.cancel()
            raise

    def stop(self) -> None:
        """End the thread, cancelling what still runs there. The loop cannot be used again."""
        global _current  # noqa: PLW0603  # the one loop of this process
        with _current_lock:
            if _current is self:
                _current = None
            if self in _running:
                _running.remove(self)
        if self.is_usable:
            self._portal.call(self._portal.stop, True)
            self._stack.close()

    def let_go_after_fork(self) -> None:
        """Make a forked child give up its copies of the connections.

        Else a server would not see the end of its input while the child lives. Each descriptor becomes the null device
        rather than being closed: its number stays taken until the object that thinks it owns it closes it.
        """
        if self._selector is None:
            return
        null = os.open(os.devnull, os.O_RDWR)
        watched = [key.fd for key in self._selector.get_map().values()]
        of_selector: Callable[[], int] = getattr(self._selector, "fileno", lambda: null)  # epoll and kqueue have one
        for fd in [*watched, of_selector()]:
            os.dup2(null, fd, inheritable=False)
        os.close(null)


def _next_item(inbox: Inbox) -> Any:
    while True:
        try:
            return inbox.get(timeout=_WAKE_UP_SECONDS)
        except queue.Empty:
            continue


def wait_here(future: Future[T], inbox: Inbox | None = None, *, cancel: Callable[[], object] | None = None) -> T:
    """Wait on this thread for what the loop thread does; a keyboard interrupt lands at once and cancels the work.

    Args:
        future: what to wait for.
        inbox: functions put here are called on this thread meanwhile; None if there will be none.
        cancel: called if the wait is cut short; None to cancel `future` itself.

    Raises:
        KeyboardInterrupt: the person interrupted.
        Exception: what the work raised, or what a function of the inbox raised.
    """
    inbox = queue.SimpleQueue() if inbox is None else inbox
    try:
        future.add_done_callback(inbox.put)
        while (item := _next_item(inbox)) is not future:
            item()
        return future.result()
    except BaseException:
        (cancel or future.cancel)()
        raise


_current: Loop | None = None
_current_lock = threading.Lock()
_running: list[Loop] = []
_left_by_fork: list[Loop] = []


def get_loop() -> Loop:
    """Give the loop thread of this process, starting it if need be."""
    global _current  # noqa: PLW0603  # the one loop of this process
    with _current_lock:
        if _current is None:
            _current = Loop()
        return _current


def find_loop() -> Loop | None:
    """Give the loop thread if it has been started."""
    return _current


def _after_fork_in_child() -> None:
    global _current, _current_lock  # noqa: PLW0603  # the thread is gone, and the lock may be held by one that is gone
    _current_lock = threading.Lock()
    for loop in _running:
        loop.let_go_after_fork()
    _left_by_fork.extend(_running)  # never collected: asyncio's clean-up would act on descriptors of the parent
    _running.clear()
    _current = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)

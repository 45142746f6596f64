"""The runs of hosts on this Jupyter server, by id, for as long as they run and for a while afterwards.

Knows which kernel runs what for whom, and how a run is ended without touching anything else. Refuses to know who may
run what (`access`), and how outputs are shown (`tools`).

A host that waits no longer, or is gone, leaves its run to its end. Only `cancel` and `end_of` interrupt, and only while
the kernel is at the very request that is meant.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async

from mcp_notebook_server.errors import KernelDied, KernelOccupied
from mcp_notebook_server.execution.errors import QueueFull, UnknownExecution
from mcp_notebook_server.execution.execution import Execution
from mcp_notebook_server.execution.kernel_queue import KernelQueue, stays_busy

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_notebook_server.access.changes import Changes
    from mcp_notebook_server.access.tokens import HostToken
    from mcp_notebook_server.execution.execution import RunningCell

__all__ = ["Executions"]

KEPT_SECONDS = 600
"""For which a run can be read after its end."""

_MOST_KEPT = 100
_MOST_WAITING = 20
"""Runs that may wait for one kernel."""

_IDLE_AGAIN_SECONDS = 3.0
"""For which a kernel is waited for whose code has ended: a millisecond, but for a word that was lost (`request`) or a
machine with too much to do (a quarter of a second was seen); code can also have said falsely that it has ended."""

_AGAIN_SECONDS = 0.02
_END_SECONDS = 2.0
"""For code to end that was interrupted; it may catch that, or be inside a call that lets nothing interrupt it."""


class Executions:
    """All of them; belongs to the Jupyter server's event loop.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
        prepare: readies a kernel for being asked what it runs; it may take a while, and never raises.
        interrupt: interrupts what a kernel runs if it is the request of that id, and only then; returns whether it
            was, None if the kernel does not say what it runs.
        changes: is told when a run is asked for, begins or ends.
    """

    def __init__(
        self,
        kernel_manager: Any,
        prepare: Callable[[str], Awaitable[None]],
        interrupt: Callable[[str, str], Awaitable[bool | None]],
        changes: Changes,
    ) -> None:
        self._kernel_manager = kernel_manager
        self._prepare = prepare
        self._interrupt = interrupt
        self._changes = changes
        self._queues: dict[str, KernelQueue] = {}
        self._executions: dict[str, Execution] = {}
        self._ended: deque[Execution] = deque()
        self._interruptions: set[asyncio.Task[None]] = set()

    async def start(
        self, kernel_id: str, token: HostToken, code: str, *, queues: bool, cell: RunningCell | None = None
    ) -> Execution:
        """Have code run as soon as the kernel is free.

        Args:
            kernel_id: where.
            token: of the host that asks.
            code: in the kernel's language.
            queues: whether a kernel that is busy is waited for; else it is an error.
            cell: that this is a run of, if it is of one.

        Raises:
            KernelDied: the kernel is gone.
            KernelOccupied: it is busy.
            QueueFull: too many wait for it.
        """
        if kernel_id not in self._kernel_manager:
            raise KernelDied(kernel_id)
        if not queues:
            await self.check_free(kernel_id)
        queue = self._get_queue(kernel_id)
        if len(queue.live) > _MOST_WAITING:
            raise QueueFull(kernel_id, len(queue.live))
        execution = Execution(kernel_id, token, code, queues, tell=self._note_state, cell=cell)
        self._forget_old()
        self._executions[execution.id] = execution
        queue.put(execution)
        self._changes.tell()
        return execution

    async def check_free(self, kernel_id: str) -> None:
        """Raise if the kernel does something, or has a host's code to do.

        Raises:
            KernelOccupied: with what; if a host's code, since when.
        """
        await self._let_end(kernel_id)
        self._check_nothing_is_live(kernel_id)
        if await self._is_busy(kernel_id):
            raise KernelOccupied(kernel_id, "a cell", None)
        self._check_nothing_is_live(kernel_id)  # another call may have been quicker

    async def _let_end(self, kernel_id: str) -> None:
        """Wait a moment if the kernel runs nothing but what remains to be done after a host's code has ended."""
        queue = self._queues.get(kernel_id)
        live = queue.live if queue is not None else []
        if len(live) == 1 and live[0].code_ended.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_IDLE_AGAIN_SECONDS):
                    await live[0].ended.wait()

    def _check_nothing_is_live(self, kernel_id: str) -> None:
        queue = self._queues.get(kernel_id)
        if queue is not None and (live := queue.live):
            since = (live[0].began or live[0].asked).isoformat(timespec="seconds")
            raise KernelOccupied(kernel_id, "code that a host runs", since)

    async def _is_busy(self, kernel_id: str) -> bool:
        """Whether the kernel does what nobody asked for here, such as a cell of the person."""
        queue = self._queues.get(kernel_id)
        if queue is not None and queue.usable:
            return await queue.is_kernel_busy()
        return kernel_id in self._kernel_manager and await stays_busy(self._kernel_manager.get_kernel(kernel_id))

    def get(self, execution_id: str) -> Execution:
        """Return a run.

        Raises:
            UnknownExecution: there is none of that id, or no more.
        """
        execution = self._executions.get(execution_id)
        if execution is None:
            raise UnknownExecution(execution_id, KEPT_SECONDS // 60)
        return execution

    @property
    def live(self) -> list[Execution]:
        """What runs and what waits, on all kernels."""
        return [execution for queue in self._queues.values() for execution in queue.live]

    async def cancel(self, execution: Execution) -> None:
        """End a run, and wait a moment until it has: take it out of the queue, or interrupt the kernel.

        Nothing else is ever interrupted. Code that the kernel has not begun with, although it was sent, is interrupted
        as soon as it begins.
        """
        execution.cancelled = True
        queue = self._queues.get(execution.kernel_id)
        if execution.ended.is_set() or queue is None or queue.take_out(execution):
            return
        interruption = asyncio.ensure_future(self._interrupt_run(execution))
        self._interruptions.add(interruption)
        interruption.add_done_callback(self._interruptions.discard)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await execution.ended.wait()

    async def end_of(self, token: HostToken) -> None:
        """End all runs of one host token, as when it was revoked."""
        theirs = [execution for execution in self.live if execution.token.digest == token.digest]
        await asyncio.gather(*(self.cancel(execution) for execution in theirs))

    def forget(self, kernel_id: str) -> None:
        """End what waits for a kernel that was shut down or restarted; what it ran can still be read."""
        queue = self._queues.pop(kernel_id, None)
        if queue is not None:
            queue.fail(KernelDied(kernel_id))

    async def close(self) -> None:
        """Let go of all; in the kernels what runs goes on."""
        queues = list(self._queues.values())
        self._queues.clear()
        for queue in queues:
            queue.close()
        for task in self._interruptions:
            task.cancel()
        await asyncio.gather(*(queue.wait_closed() for queue in queues), *self._interruptions, return_exceptions=True)

    def _note_state(self, execution: Execution) -> None:
        if execution.ended_at is not None:
            self._ended.append(execution)
        self._changes.tell()

    async def _interrupt_run(self, execution: Execution) -> None:
        """Interrupt the kernel as soon as it is at this run."""
        async for _ in execution.changes.watch():
            if execution.state == "running":
                break
        while not execution.ended.is_set():
            interrupted = await self._interrupt(execution.kernel_id, execution.request)
            if interrupted is None:
                break
            if interrupted:
                return
            await asyncio.sleep(_AGAIN_SECONDS)  # it has said that it begins, and is not there yet; or it has ended
        if not execution.ended.is_set():
            kernel = self._kernel_manager.get_kernel(execution.kernel_id)
            await ensure_async(kernel.interrupt_kernel())

    def _get_queue(self, kernel_id: str) -> KernelQueue:
        queue = self._queues.get(kernel_id)
        if queue is None or not queue.usable:
            if queue is not None:
                queue.fail(KernelDied(kernel_id))
            queue = self._queues[kernel_id] = KernelQueue(
                kernel_id, self._kernel_manager.get_kernel(kernel_id), self._prepare
            )
        return queue

    def _forget_old(self) -> None:
        """Forget the runs that have ended long ago, and the oldest if they are many."""
        horizon = asyncio.get_running_loop().time() - KEPT_SECONDS
        while self._ended and (len(self._ended) > _MOST_KEPT or (self._ended[0].ended_at or horizon) < horizon):
            self._executions.pop(self._ended.popleft().id, None)

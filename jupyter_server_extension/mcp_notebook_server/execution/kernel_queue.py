"""What hosts want run in one kernel, one after the other.

Knows when a kernel is free and whose code it runs. Refuses to know tokens and hosts.

The queue is kept here and not in the kernel: what was not sent can be taken out, so code that is wanted no more
never stands between the cells of the person.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any

from mcp_notebook_server.errors import KernelDied
from mcp_notebook_server.execution.errors import ExecutionUnheard
from mcp_notebook_server.execution.gateway import connect_there
from mcp_notebook_server.execution.zeromq import connect_here
from mcp_notebook_server.liveness import Watch, is_behind_gateway, is_busy, process_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    from mcp_notebook_server.errors import ServerError
    from mcp_notebook_server.execution.connection import Connection
    from mcp_notebook_server.execution.execution import Execution

__all__ = ["KernelQueue", "stays_busy"]

_LAST_WORD_SECONDS = 0.2
"""For which a kernel's word is awaited that it is idle again; it may be on its way."""

_LOOK_SECONDS = 0.02

_PREPARE_SECONDS = 5.0
"""For which a kernel is waited for that is busy and was never read before; it is used without, then."""

_WARM_SECONDS = 60.0
"""For which a connection is kept without anything to run; while it is, it hears all that the kernel says."""


class KernelQueue:
    """The runs in one process of a kernel. It ends when the kernel does, or when nothing was run for a while.

    Args:
        kernel_id: Jupyter's id.
        kernel: Jupyter's manager of it.
        prepare: readies a kernel for being asked what it runs, so that only that is ever interrupted.
    """

    def __init__(self, kernel_id: str, kernel: Any, prepare: Callable[[str], Awaitable[None]]) -> None:
        self._kernel_id = kernel_id
        self._prepare = prepare
        self._kernel = kernel
        self._process = process_of(kernel)
        self._waiting: deque[Execution] = deque()
        self._arrived = asyncio.Event()
        self._connection: Connection | None = None
        self.running: Execution | None = None
        self.closed = False
        self._task = asyncio.ensure_future(self._work())

    @property
    def usable(self) -> bool:
        """Whether it is for the kernel's present process, and takes more."""
        return not self.closed and self._process == process_of(self._kernel)

    @property
    def live(self) -> list[Execution]:
        """What runs and what waits, in order."""
        running = [self.running] if self.running is not None and not self.running.ended.is_set() else []
        return [*running, *self._waiting]

    async def is_kernel_busy(self) -> bool:
        """Whether the kernel does what somebody else asked for, and not just now has come to its end."""
        if self._connection is None:
            return await stays_busy(self._kernel)
        return not await self._connection.is_free_within(_LAST_WORD_SECONDS)

    def put(self, execution: Execution) -> None:
        """Run something when those before it are done."""
        self._waiting.append(execution)
        self._arrived.set()

    def take_out(self, execution: Execution) -> bool:
        """Let something not be run; False if it was sent already."""
        if execution not in self._waiting:
            return False
        self._waiting.remove(execution)
        execution.end()
        return True

    def fail(self, failure: ServerError) -> None:
        """End everything that runs or waits, because the kernel's process is gone."""
        for execution in self.live:
            execution.end(failure)
        self.close()

    def close(self) -> None:
        """Let go: in the kernel what runs goes on, and nothing more of it is heard."""
        self.closed = True
        self._task.cancel()

    async def wait_closed(self) -> None:
        """Wait until nothing is left to do."""
        await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        failure = None
        try:
            async with contextlib.AsyncExitStack() as stack:
                async with self._while_alive():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_PREPARE_SECONDS):
                            await self._prepare(self._kernel_id)
                    connect = connect_there if is_behind_gateway(self._kernel) else connect_here
                    self._connection = await stack.enter_async_context(connect(self._kernel))
                while await self._has_work():
                    async with self._while_alive():
                        await self._run_next(self._connection)
        except TimeoutError:
            failure = KernelDied(self._kernel_id)
        finally:
            self.closed = True
            self._connection = None
            for execution in self.live:
                execution.end(failure or ExecutionUnheard(execution.id, self._kernel_id))
            self._waiting.clear()
            self.running = None

    async def _has_work(self) -> bool:
        """Wait for something to run; False if nothing has come for a while."""
        while not self._waiting:
            self._arrived.clear()
            try:
                async with asyncio.timeout(_WARM_SECONDS):
                    await self._arrived.wait()
            except TimeoutError:
                self.closed = not self._waiting
                return not self.closed
        return True

    async def _run_next(self, connection: Connection) -> None:
        while self._waiting and self._waiting[0].queues and connection.runs_anothers:
            await connection.wait_until_quiet()
        if not self._waiting:  # taken out meanwhile
            return
        self.running = execution = self._waiting.popleft()
        is_cell = execution.cell is not None
        await connection.run(execution.code, execution, is_cell=is_cell)
        self.running = None

    @contextlib.asynccontextmanager
    async def _while_alive(self) -> AsyncGenerator[None]:
        """Do something until the kernel dies; then it raises TimeoutError."""
        patience = asyncio.timeout(None)
        async with patience, Watch(self._kernel, patience):
            yield


async def stays_busy(kernel: Any) -> bool:
    """Whether a kernel does something, as Jupyter goes on to say: its word that it is idle may be on its way.

    Args:
        kernel: Jupyter's manager of it.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_WORD_SECONDS):
            while is_busy(kernel):  # noqa: ASYNC110 - Jupyter tells nobody
                await asyncio.sleep(_LOOK_SECONDS)
    return is_busy(kernel)

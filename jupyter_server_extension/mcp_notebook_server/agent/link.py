"""The door to the agents of this Jupyter server's kernels: ask one, by kernel id.

Knows which kernel has an agent, puts one in where there is none, and judges whether a kernel still lives: by its
process, never by the end of a connection, since a forked child may hold that open. Refuses to know what is asked.
Everything here runs on the Jupyter server's event loop and never blocks it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mcp_notebook_server.agent.bundle import bundle_agent
from mcp_notebook_server.agent.connection import Connections, Disconnected
from mcp_notebook_server.agent.directory import KernelDirectory
from mcp_notebook_server.agent.injection import (
    NoSubshell,
    Rejected,
    execute_beside_cell,
    execute_silently,
    keep_from_bookkeeping,
)
from mcp_notebook_server.errors import KernelBusy, KernelDied, KernelUnreadable, ReadRefused, ReadTimedOut
from mcp_notebook_server.liveness import LIVENESS_SECONDS, Watch, is_alive, is_behind_gateway, is_busy, process_of

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from pathlib import Path

    from mcp_notebook_server.agent.connection import Exchange
    from mcp_notebook_server.agent.directory import Address

    ReadThere = Callable[[str, Any, str, Mapping[str, Any], float], Awaitable[dict[str, Any]]]

__all__ = ["Agents"]

_WORKERS = 2
"""How many processes may work on frames at a time, for all hosts and kernels together."""

_BUSY_SECONDS = 0.1
_BUSY_LOOKS = 4
"""A kernel that was busy at so many looks in a row, so far apart, is taken to run a cell of some length."""


@dataclass(frozen=True)
class _Question:
    """What an agent is asked; fields as the arguments of `Agents.ask`."""

    kernel_id: str
    op: str
    arguments: Mapping[str, Any]
    timeout: float

    async def ask(self, connections: Connections) -> dict[str, Any]:
        return await connections.ask(self.op, self.arguments, self.timeout)


class _Agent:
    """What is known of one kernel's agent.

    Args:
        process: the kernel's process that it is for.
        install: puts it in and gives its connections; calls its argument if that must wait for the running cell.
    """

    def __init__(
        self, process: object, install: Callable[[Callable[[], None]], Coroutine[Any, Any, Connections]]
    ) -> None:
        self.process = process
        self._behind_cell = asyncio.Event()
        self._installation = asyncio.ensure_future(install(self._behind_cell.set))
        self._installation.add_done_callback(lambda task: task.cancelled() or task.exception())  # nobody may be waiting

    @property
    def installed(self) -> bool:
        """Whether it answers."""
        task = self._installation
        return task.done() and not task.cancelled() and task.exception() is None

    @property
    def unreadable(self) -> bool:
        """Whether it was seen that this kernel can never have one."""
        task = self._installation
        return task.done() and not task.cancelled() and isinstance(task.exception(), KernelUnreadable)

    @property
    def usable(self) -> bool:
        """Whether there is no need for another try."""
        return not self._installation.done() or self.installed or self.unreadable

    async def connections(self, kernel_id: str, kernel: Any) -> Connections:
        """Return the connections as soon as it is in.

        Raises:
            KernelBusy: it goes in when the running cell has ended.
        """
        while not self._installation.done():
            # First, since the kernel's word that it is idle may be on its way.
            await asyncio.wait([self._installation], timeout=_BUSY_SECONDS)
            if self._behind_cell.is_set() and is_busy(kernel) and not self._installation.done():
                raise KernelBusy(kernel_id)
        return self._installation.result()

    def begin(self, question: _Question) -> Exchange | None:
        """Ask at once; None if it is not in yet, or no connection is open and idle."""
        if not self.installed:
            return None
        return self._installation.result().begin(question.op, question.arguments, question.timeout)

    def close(self) -> None:
        if self.installed:
            self._installation.result().close()
        self._installation.cancel()

    async def ended(self) -> None:
        """Wait until nothing of it is left to do."""
        await asyncio.gather(self._installation, return_exceptions=True)


class Agents:
    """The agents of this Jupyter server's kernels, by kernel id.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
        runtime_directory: each kernel gets a private directory in it.
        log: for what goes wrong in the background.
        read_there: asks a kernel behind a gateway, given its id, its manager, the operation, its arguments and seconds.
    """

    def __init__(
        self, kernel_manager: Any, runtime_directory: Path, log: logging.Logger, read_there: ReadThere | None = None
    ) -> None:
        self._kernel_manager = kernel_manager
        self._runtime_directory = runtime_directory
        self._log = log
        self._read_there = read_there
        self.free_workers = asyncio.Semaphore(_WORKERS)
        self._agents: dict[str, _Agent] = {}
        self._directories: dict[str, KernelDirectory] = {}

    async def ask(
        self,
        kernel_id: str,
        op: str,
        arguments: Mapping[str, Any],
        *,
        timeout: float = 10.0,  # noqa: ASYNC109  it travels into the kernel, too
    ) -> dict[str, Any]:
        """Ask the agent of a kernel, putting it in first if there is none.

        Args:
            kernel_id: the kernel.
            op: "status", or the name of a reading tool.
            arguments: the tool's, without `kernel`.
            timeout: seconds to wait for the answer.

        Returns:
            The tool's structured content.

        Raises:
            KernelUnreadable: variables of this kernel cannot be read at all.
            KernelBusy: the kernel runs a cell and has no agent yet.
            KernelDied: the kernel is gone, or went away meanwhile.
            ReadTimedOut: no answer in time.
            ReadRefused: the agent cannot do what is asked.
        """
        kernel = self._get_kernel(kernel_id)
        if self._read_there is not None and is_behind_gateway(kernel):
            _check_language(kernel_id, kernel)
            answer = await self._read_there(kernel_id, kernel, op, arguments, timeout)
        else:
            answer = await self._ask_agent(_Question(kernel_id, op, arguments, timeout), kernel)
        if not answer["ok"]:
            raise ReadRefused(answer["error"], answer["message"])
        return answer["result"]

    async def _ask_agent(self, question: _Question, kernel: Any) -> dict[str, Any]:
        agent = self._get_agent(question.kernel_id, kernel)
        exchange = agent.begin(question)
        if exchange is not None and exchange.answer is not None:
            return exchange.answer
        patience = asyncio.timeout(question.timeout)
        watch = Watch(kernel, patience)
        try:
            async with patience, watch:
                return await self._wait(question, kernel, agent, exchange)
        except TimeoutError:
            kernel_id = question.kernel_id
            raise (KernelDied(kernel_id) if watch.died else ReadTimedOut(kernel_id, question.timeout)) from None

    async def prepare(self, kernel_id: str) -> None:
        """Put the agent into a kernel that has just started or restarted; never raises."""
        try:
            kernel = self._get_kernel(kernel_id)
            await self._get_agent(kernel_id, kernel).connections(kernel_id, kernel)
        except Exception as error:  # noqa: BLE001  the kernel is the person's; reading it can wait until somebody asks
            self._log.debug("Kernel %s was not prepared for reading: %s", kernel_id, error)

    async def get_address(self, kernel_id: str) -> Address:
        """Return where a kernel's agent listens, for a worker that reads whole frames by itself.

        Raises:
            ServerError: as `ask`.
        """
        kernel = self._get_kernel(kernel_id)
        return (await self._get_agent(kernel_id, kernel).connections(kernel_id, kernel)).address

    def forget(self, kernel_id: str) -> None:
        """Drop what belongs to a kernel that was shut down."""
        agent = self._agents.pop(kernel_id, None)
        if agent is not None:
            agent.close()
        directory = self._directories.pop(kernel_id, None)
        if directory is not None:
            directory.remove()

    async def close(self) -> None:
        """Close all connections and remove all files; the agents in the kernels stay, unreachable."""
        agents = list(self._agents.values())
        for kernel_id in list(self._directories):
            self.forget(kernel_id)
        for agent in agents:
            await agent.ended()

    def readable(self, kernel_id: str) -> Literal["yes", "when_idle", "no"]:
        """Return whether variables can be read: now, not before the running cell has ended, or not at all."""
        try:
            kernel = self._get_kernel(kernel_id)
            _check_language(kernel_id, kernel)
            if is_behind_gateway(kernel):
                return "no" if self._read_there is None else "when_idle"
        except (KernelDied, KernelUnreadable):
            return "no"
        agent = self._agents.get(kernel_id)
        if agent is not None and agent.process == process_of(kernel):
            if agent.installed:
                return "yes"
            if agent.unreadable:
                return "no"
        return "when_idle" if is_busy(kernel) else "yes"

    def _get_kernel(self, kernel_id: str) -> Any:
        if kernel_id not in self._kernel_manager:
            raise KernelDied(kernel_id)
        return self._kernel_manager.get_kernel(kernel_id)

    async def _wait(self, question: _Question, kernel: Any, agent: _Agent, exchange: Exchange | None) -> dict[str, Any]:
        """Wait for the answer; in another agent, if this one has gone and the kernel has not."""
        kernel_id = question.kernel_id
        connections = await agent.connections(kernel_id, kernel)
        try:
            return await (question.ask(connections) if exchange is None else exchange.wait())
        except Disconnected:
            await self._wait_for_death(kernel_id, agent.process)
            connections.close()
            if self._agents.get(kernel_id) is agent:
                del self._agents[kernel_id]  # the kernel lives on without its agent: put in a new one
        kernel = self._get_kernel(kernel_id)
        connections = await self._get_agent(kernel_id, kernel).connections(kernel_id, kernel)
        try:
            return await question.ask(connections)
        except Disconnected:
            raise KernelDied(kernel_id) from None

    async def _wait_for_death(self, kernel_id: str, process: object) -> None:
        """Give a kernel whose connection has just ended the time to be seen dead."""
        kernel = self._get_kernel(kernel_id)
        for _ in range(4):
            if not await is_alive(kernel) or process_of(kernel) != process:
                raise KernelDied(kernel_id)
            await asyncio.sleep(LIVENESS_SECONDS / 4)

    def _get_agent(self, kernel_id: str, kernel: Any) -> _Agent:
        """Return the agent of the kernel's present process, which may still be on its way in."""
        process = process_of(kernel)
        agent = self._agents.get(kernel_id)
        if agent is not None and agent.process == process and agent.usable:
            return agent
        if agent is not None:
            agent.close()
        _check_language(kernel_id, kernel)
        if is_behind_gateway(kernel):
            raise KernelUnreadable(kernel_id, "it does not run on this machine but behind a gateway")
        directory = self._directories.setdefault(kernel_id, KernelDirectory(self._runtime_directory / kernel_id))
        agent = self._agents[kernel_id] = _Agent(
            process, lambda behind_cell: self._install(kernel_id, kernel, directory, behind_cell)
        )
        return agent

    async def _install(
        self, kernel_id: str, kernel: Any, directory: KernelDirectory, behind_cell: Callable[[], None]
    ) -> Connections:
        """Put the agent into a kernel: through its main shell, or beside the cell that runs there.

        Raises:
            KernelUnreadable: it is not the kind of kernel that can be read.
        """
        parameters = await asyncio.to_thread(directory.prepare)
        code = bundle_agent(**parameters)
        kept = keep_from_bookkeeping(kernel)
        request = asyncio.ensure_future(execute_silently(kernel, code))
        try:
            if not await _answered_unless_busy(request, kernel):
                try:
                    await execute_beside_cell(kernel, code, allowed=kept)
                except NoSubshell:
                    behind_cell()
                    await request
        except Rejected as rejected:
            raise KernelUnreadable(kernel_id, rejected.reason) from None
        finally:
            request.cancel()
        address = directory.find_address(parameters["secret"])
        if address is None:
            reason = "it runs in a container or on another machine, where the files of this Jupyter server are not seen"
            raise KernelUnreadable(kernel_id, reason)
        if kernel.execution_state == "starting":
            kernel.execution_state = "idle"  # it has answered; Jupyter was not told, because the request was ours
        return Connections(address)


async def _answered_unless_busy(request: asyncio.Future[None], kernel: Any) -> bool:
    """Wait for the request, but not longer than the kernel is seen busy with something else for a while."""
    busy = 0
    while busy < _BUSY_LOOKS:
        if (await asyncio.wait([request], timeout=_BUSY_SECONDS))[0]:
            await request
            return True
        busy = busy + 1 if is_busy(kernel) else 0
    return False


def _check_language(kernel_id: str, kernel: Any) -> None:
    specification = kernel.kernel_spec
    language = specification.language if specification is not None else "an unknown language"
    if language.lower() != "python":
        raise KernelUnreadable(kernel_id, f"it runs {language}, and variables are read from Python kernels only")

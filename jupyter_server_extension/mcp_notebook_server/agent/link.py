"""The door to the agents of this Jupyter server's kernels: ask one, by kernel id.

Knows which kernel has an agent, puts one in where there is none, and judges whether a kernel still lives: by its
process, never by the end of a connection, since a forked child may hold that open. Refuses to know what is asked.
Everything here runs on the Jupyter server's event loop and never blocks it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from jupyter_core.utils import ensure_async

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

if TYPE_CHECKING:
    import logging
    from collections.abc import Coroutine, Mapping
    from pathlib import Path

__all__ = ["Agents"]

T = TypeVar("T")

_LIVENESS_SECONDS = 0.25
"""How often a kernel's process is looked at while an answer is awaited."""

_INSTALL_SECONDS = 60.0
"""How long a starting kernel may take until it has run the agent's source."""


class _Agent:
    """What is known of one kernel's agent.

    Attributes:
        process: the kernel's process when the agent was put in.
        installation: the task that puts it in, and gives its connections.
    """

    def __init__(self, process: object, installation: asyncio.Task[Connections]) -> None:
        self.process = process
        self.installation = installation

    @property
    def installed(self) -> bool:
        task = self.installation
        return task.done() and not task.cancelled() and task.exception() is None

    @property
    def failed(self) -> bool:
        return self.installation.done() and not self.installed

    def close(self) -> None:
        if self.installed:
            self.installation.result().close()
        self.installation.cancel()


class Agents:
    """The agents of this Jupyter server's kernels, by kernel id.

    Args:
        kernel_manager: Jupyter's manager of all kernels.
        runtime_directory: each kernel gets a private directory in it.
        log: for what goes wrong in the background.
    """

    def __init__(self, kernel_manager: Any, runtime_directory: Path, log: logging.Logger) -> None:
        self._kernel_manager = kernel_manager
        self._runtime_directory = runtime_directory
        self._log = log
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
        process = _process_of(kernel)
        try:
            async with asyncio.timeout(timeout):
                answer = await self._while_alive(
                    kernel_id, kernel, process, self._exchange(kernel_id, op, arguments, timeout)
                )
        except TimeoutError:
            raise ReadTimedOut(kernel_id, timeout) from None
        if not answer["ok"]:
            raise ReadRefused(answer["error"], answer["message"])
        return answer["result"]

    async def prepare(self, kernel_id: str) -> None:
        """Put the agent into a kernel that has just started or restarted; never raises."""
        try:
            await asyncio.shield(self._get_agent(kernel_id).installation)
        except Exception as error:  # noqa: BLE001  the kernel is the person's; reading it can wait until somebody asks
            self._log.debug("Kernel %s was not prepared for reading: %s", kernel_id, error)

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
        installations = [agent.installation for agent in self._agents.values()]
        for kernel_id in list(self._directories):
            self.forget(kernel_id)
        await asyncio.gather(*installations, return_exceptions=True)

    def readable(self, kernel_id: str) -> Literal["yes", "when_idle", "no"]:
        """Return whether variables can be read: now, not before the running cell has ended, or not at all."""
        try:
            kernel = self._get_kernel(kernel_id)
            _check_language(kernel_id, kernel)
        except (KernelDied, KernelUnreadable):
            return "no"
        agent = self._agents.get(kernel_id)
        if agent is not None and agent.process == _process_of(kernel):
            if agent.installed:
                return "yes"
            if agent.failed and isinstance(agent.installation.exception(), KernelUnreadable):
                return "no"
        return "when_idle" if _is_busy(kernel) else "yes"

    def _get_kernel(self, kernel_id: str) -> Any:
        try:
            return self._kernel_manager.get_kernel(kernel_id)
        except KeyError:
            raise KernelDied(kernel_id) from None

    async def _exchange(self, kernel_id: str, op: str, arguments: Mapping[str, Any], timeout: float) -> dict[str, Any]:  # noqa: ASYNC109  as in `ask`
        agent = self._get_agent(kernel_id)
        connections = await asyncio.shield(agent.installation)
        try:
            return await connections.ask(op, arguments, timeout)
        except Disconnected:
            await self._wait_for_death(kernel_id, agent.process)
            connections.close()
            if self._agents.get(kernel_id) is agent:
                del self._agents[kernel_id]  # the kernel lives on without its agent: put in a new one
        connections = await asyncio.shield(self._get_agent(kernel_id).installation)
        try:
            return await connections.ask(op, arguments, timeout)
        except Disconnected:
            raise KernelDied(kernel_id) from None

    async def _while_alive(self, kernel_id: str, kernel: Any, process: object, work: Coroutine[Any, Any, T]) -> T:
        """Await `work`, but not longer than the kernel's process lives."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait([task], timeout=_LIVENESS_SECONDS))[0]:
                if not await _is_alive(kernel) or _process_of(kernel) != process:
                    raise KernelDied(kernel_id)
            return task.result()
        finally:
            task.cancel()

    async def _wait_for_death(self, kernel_id: str, process: object) -> None:
        """Give a kernel whose connection has just ended the time to be seen dead."""
        kernel = self._get_kernel(kernel_id)
        for _ in range(4):
            if not await _is_alive(kernel) or _process_of(kernel) != process:
                raise KernelDied(kernel_id)
            await asyncio.sleep(_LIVENESS_SECONDS / 4)

    def _get_agent(self, kernel_id: str) -> _Agent:
        """Return the agent of the kernel's present process, which may still be on its way in."""
        kernel = self._get_kernel(kernel_id)
        process = _process_of(kernel)
        agent = self._agents.get(kernel_id)
        if agent is not None and agent.process == process and not (agent.failed and not self._is_final(agent)):
            return agent
        if agent is not None:
            agent.close()
        _check_language(kernel_id, kernel)
        directory = self._directories.setdefault(kernel_id, KernelDirectory(self._runtime_directory / kernel_id))
        task = asyncio.ensure_future(self._install(kernel_id, kernel, directory))
        task.add_done_callback(_retrieve)
        agent = self._agents[kernel_id] = _Agent(process, task)
        return agent

    @staticmethod
    def _is_final(agent: _Agent) -> bool:
        return not agent.installation.cancelled() and isinstance(agent.installation.exception(), KernelUnreadable)

    async def _install(self, kernel_id: str, kernel: Any, directory: KernelDirectory) -> Connections:
        """Put the agent into a kernel.

        Raises:
            KernelBusy: it runs a cell and has no subshells.
            KernelUnreadable: it is not the kind of kernel that can be read.
        """
        parameters = await asyncio.to_thread(directory.prepare)
        code = bundle_agent(**parameters)
        kept = keep_from_bookkeeping(kernel)
        try:
            async with asyncio.timeout(_INSTALL_SECONDS):
                if not _is_busy(kernel):
                    await execute_silently(kernel, code)
                elif kept:
                    await execute_beside_cell(kernel, code)
                else:
                    raise NoSubshell
        except NoSubshell:
            raise KernelBusy(kernel_id) from None
        except Rejected as rejected:
            raise KernelUnreadable(kernel_id, rejected.reason) from None
        except TimeoutError:
            raise ReadTimedOut(kernel_id, _INSTALL_SECONDS) from None
        address = directory.find_address(parameters["secret"])
        if address is None:
            reason = "it runs in a container or on another machine, where the files of this Jupyter server are not seen"
            raise KernelUnreadable(kernel_id, reason)
        if kernel.execution_state == "starting":
            kernel.execution_state = "idle"  # it has answered; Jupyter was not told, because the request was ours
        return Connections(address)


def _check_language(kernel_id: str, kernel: Any) -> None:
    specification = kernel.kernel_spec
    language = specification.language if specification is not None else "an unknown language"
    if language.lower() != "python":
        raise KernelUnreadable(kernel_id, f"it runs {language}, and variables are read from Python kernels only")
    if getattr(kernel, "provisioner", None) is None:
        raise KernelUnreadable(kernel_id, "it does not run on this machine but behind a gateway")


def _process_of(kernel: Any) -> object:
    """Return what tells one process of a kernel from the next after a restart."""
    provisioner = getattr(kernel, "provisioner", None)
    return (getattr(provisioner, "pid", None), id(provisioner))


def _is_busy(kernel: Any) -> bool:
    return getattr(kernel, "execution_state", None) == "busy"


async def _is_alive(kernel: Any) -> bool:
    return bool(await ensure_async(kernel.is_alive()))


def _retrieve(task: asyncio.Task[Connections]) -> None:
    """Look at a failed task's error, so that asyncio does not complain that nobody did."""
    if not task.cancelled():
        task.exception()
